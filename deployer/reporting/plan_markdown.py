"""A plan in, Markdown out for a pull request's comment: a summary, and each change behind a fold."""

from collections.abc import Iterator

from deployer.planning.model import Action, Change, Plan
from deployer.reporting.plan_text import render_plan, summary
from deployer.text import one_line

_WORDS = {Action.CREATE: "create", Action.UPDATE: "update", Action.DELETE: "delete", Action.NO_OP: "unchanged"}

# A comment on a pull request has at most 65,536 characters.
_MAX_CHARACTERS = 60_000


def plan_markdown(plan: Plan) -> str:
    """The plan as Markdown. Text of the tenant stands only in code, fenced so that it cannot end the fence."""
    parts = [
        f"## Plan for `{_code(plan.tenant.name)}`",
        "",
        summary(plan).plain,
        "",
        *_table(plan),
    ]
    for change in plan.effective:
        parts += _details(plan, change)
    text = "\n".join(parts).rstrip() + "\n"
    if len(text) <= _MAX_CHARACTERS:
        return text
    note = "\n\nThe rest is too long for a comment: run `deployer plan` for all of it.\n"
    return _close(text[: _MAX_CHARACTERS - len(note) - 40]) + note


def _table(plan: Plan) -> Iterator[str]:
    if not plan.effective:
        return
    yield "| resource | change | attributes | secrets | to be named |"
    yield "| --- | --- | ---: | ---: | --- |"
    for change in plan.effective:
        named = ", ".join(f"`{_code(concern.name)}`" for concern in change.concerns) or " "
        secrets = sum(secret.state != "unnamed" for secret in change.secrets)
        yield (
            f"| `{_code(change.address)}` | {_WORDS[change.action]} | {len(change.attributes)} | {secrets} | {named} |"
        )
    yield ""


def _details(plan: Plan, change: Change) -> Iterator[str]:
    lines = [line.plain for line in render_plan(plan.model_copy(update={"changes": [change]}))][2:-2]
    fence = "`" * max(3, _longest_run("\n".join(lines), "`") + 1)
    yield f"<details><summary><code>{_html(change.address)}</code></summary>"
    yield ""
    yield f"{fence}diff"
    for line in lines:
        # GitHub colours a line by its first character.
        stripped = line.lstrip()
        yield f"{stripped[0]}{line}" if stripped[:1] in {"+", "-"} else line
    yield fence
    yield ""
    yield "</details>"
    yield ""


def _close(text: str) -> str:
    """A cut text with its open fence and fold closed."""
    text = text[: text.rfind("\n")]
    fences = [line for line in text.split("\n") if line.startswith("```")]
    if len(fences) % 2:
        text += "\n" + fences[-1].removesuffix("diff")
    return text + ("\n\n</details>" if text.count("<details>") > text.count("</details>") else "")


def _longest_run(text: str, character: str) -> int:
    longest = run = 0
    for each in text:
        run = run + 1 if each == character else 0
        longest = max(longest, run)
    return longest


def _code(text: str) -> str:
    return one_line(text).replace("`", "'").replace("|", "\\|")


def _html(text: str) -> str:
    return one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
