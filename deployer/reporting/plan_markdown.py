"""Writes a plan as Markdown for a pull request's comment: a summary, and each change behind a fold.

Text of a tenant stands only in code: spans and fences that it cannot end, where Markdown makes no link, picture or
mention out of it.
"""

import re

from deployer.planning.model import Action, Change, Plan
from deployer.planning.plan_file import plan_digest
from deployer.reporting.format_values import SIGNS, moment
from deployer.reporting.leftovers import TITLE, leftover_text, plan_advice
from deployer.reporting.plan import PlanDetail
from deployer.reporting.plan_text import change_lines, value_lines
from deployer.reporting.plan_wording import missing_from_release, plan_notes, summary_text
from deployer.reporting.shared_hunks import SharedHunks
from deployer.text import count, one_line

_WORDS = {Action.CREATE: "create", Action.UPDATE: "update", Action.DELETE: "delete", Action.NO_OP: "unchanged"}

MAX_BYTES = 60_000
"""A comment on a pull request has at most 65,536 characters; whoever posts it adds a few."""
SUMMARY_BYTES = 1_000_000
"""GitHub shows at most 1 MiB of a step's summary, and nothing of a larger one.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#adding-a-job-summary
"""
_MOST_LINES = 100
"""Of the table and of the list of concerns."""
_CUT = "... the rest is too long for {}: {} shows all of it"
_RESERVE = 200
_DEFAULTS = PlanDetail()


def plan_markdown(plan: Plan, detail: PlanDetail = _DEFAULTS) -> str:
    """Write the plan as Markdown that fits a comment, or a job's summary where all of it is to be shown.

    It has at most `MAX_BYTES` or `SUMMARY_BYTES` of UTF-8, and says what is left out as too long.
    """
    limit, place = (SUMMARY_BYTES, "a summary") if detail.whole else (MAX_BYTES, "a comment")
    parts = [
        f"## Plan for {_code(plan.tenant.name)}\n\n{summary_text(plan)}\n\n{_facts(plan, detail.saved)}\n",
    ]
    shared = SharedHunks.of(plan.changes)
    room = limit - _size(parts[0]) - _RESERVE
    cut = 0
    for block in (_concerns(plan), _missing(plan), _table(plan), _leftovers(plan), _notes(plan), _values(plan)):
        if _size(block) <= room:
            parts.append(block)
            room -= _size(block) + 1
        else:
            cut += 1
    for change in plan.changes:
        if change.action is Action.NO_OP and not change.secrets:
            continue
        details = _details(plan, change, shared, room, _CUT.format(place, _shows(plan)))
        if details:
            parts.append(details)
            room -= _size(details) + 1
        else:
            cut += 1
    if cut:
        parts.append(f"_{count(cut, 'part')} left out: too long for {place}. {_shows(plan)} shows all._")
    return "\n".join(parts).rstrip() + "\n"


def _facts(plan: Plan, saved: bool) -> str:
    facts = [_code(plan.tenant.domain), f"made {moment(plan.created_at)} by {_code(plan.created_by)}"]
    facts += [_release(plan, plan.release)] if plan.release else []
    facts += [f"only {', '.join(_code(target) for target in plan.targets[:20])}"] if plan.targets else []
    line = ", ".join(facts)
    return f"{line}\n\nDigest of this plan: {_code(plan_digest(plan))}" if saved else line


def _release(plan: Plan, release: str) -> str:
    if plan.origin is None:
        return f"release {_code(release)}"
    if plan.origin.command == "rollback":
        return f"back to the release {_code(release)}"
    return f"release {_code(release)}, as {_code(plan.origin.source or '?')} runs it"


def _concerns(plan: Plan) -> str:
    parts = []
    for title, named in (("To be named before it is applied", False), ("Accepted when it was made", True)):
        found = [concern for concern in plan.concerns if (concern.name in plan.accepted) is named]
        lines = [f"- {_code(concern.option, 400)}: {_prose(concern.why)}" for concern in found]
        if named:
            rotating = {*plan.accepted} - {concern.name for concern in plan.concerns}
            lines += [f"- {_code(f'--allow {name}', 400)}" for name in sorted(rotating)]
        if lines:
            parts += [f"**{title}:**", "", *_bounded(lines, _MOST_LINES, "- and {} more"), ""]
    return "\n".join(parts)


def _table(plan: Plan) -> str:
    if not plan.effective:
        return ""
    lines = ["| | resource | change | attributes | secrets |", "| --- | --- | --- | ---: | ---: |"]
    for change in plan.effective:
        secrets = sum(secret.state not in ("unnamed", "not-compared") for secret in change.secrets)
        sign = _code(SIGNS[change.action])
        address, word = _code(change.address), _WORDS[change.action]
        lines.append(f"| {sign} | {address} | {word} | {len(change.attributes)} | {secrets} |")
    return "\n".join([*_bounded(lines, _MOST_LINES + 2, "| | and {} more | | | |"), ""])


def _leftovers(plan: Plan) -> str:
    if not plan.leftovers:
        return ""
    name = plan.tenant.name
    lines = [f"- {_code(one.name)}: {_prose(leftover_text(name, one))}" for one in plan.leftovers]
    shown = _bounded(lines, _MOST_LINES, "- and {} more")
    return "\n".join([f"**{TITLE}:**", "", *shown, "", _prose(plan_advice(plan)), ""])


def _notes(plan: Plan) -> str:
    return "".join(f"{_prose(note)}\n\n" for note in plan_notes(plan))


def _missing(plan: Plan) -> str:
    lines = [f"- {_code(address)} {_prose(why)}" for address, why in missing_from_release(plan).items()]
    return "\n".join([*_bounded(lines, _MOST_LINES, "- and {} more"), ""]) if lines else ""


def _values(plan: Plan) -> str:
    """Say of a promotion what has no tests, and in what the target's values differ from the source's."""
    if plan.origin is None or plan.origin.command != "promote":
        return ""
    notes = [f"- {_code(f'connection.{name}')} defines no contract tests" for name in plan.origin.untested]
    _, *lines = (line.plain for line in value_lines(plan))
    fence = _fence(lines)
    names = [f"<code>{_html(name or '?')}</code>" for name in (plan.tenant.name, plan.origin.source)]
    title = "Values of {} that are others than those of {}".format(*names)
    shown = [f"<details><summary>{title}</summary>", "", fence, *_bounded(lines, _MOST_LINES, "    and {} more")]
    return "\n".join([*_bounded(notes, _MOST_LINES, "- and {} more"), "", *shown, fence, "", "</details>", ""])


def _fence(lines: list[str]) -> str:
    """Make a fence that none of these lines can end."""
    return "`" * max(3, max((len(run) for line in lines for run in re.findall("`+", line)), default=0) + 1)


def _bounded(lines: list[str], most: int, rest: str) -> list[str]:
    return lines if len(lines) <= most else [*lines[:most], rest.format(f"{len(lines) - most:,}")]


def _shows(plan: Plan) -> str:
    return f"`deployer {plan.origin.command} --plan`" if plan.origin else "`deployer plan`"


def _size(text: str) -> int:
    return len(text.encode())


def _details(plan: Plan, change: Change, shared: SharedHunks, room: int, cut: str) -> str | None:
    """Write one change behind a fold, cut to `room` bytes; None where nothing of it fits."""
    lines = [_sign_first(line.plain) for line in change_lines(change, accepted=plan.accepted, shared=shared)]
    fence = _fence(lines)
    before = f"<details><summary>{SIGNS[change.action]} <code>{_html(change.address)}</code></summary>\n\n{fence}diff"
    after = f"{fence}\n\n</details>\n"
    room -= _size(before) + _size(after) + _size(cut) + 3
    kept = []
    for line in lines:
        room -= _size(line) + 1
        if room < 0:
            break
        kept.append(line)
    if not kept:
        return None
    if len(kept) < len(lines):
        kept.append(cut)
    return "\n".join([before, *kept, after])


def _sign_first(line: str) -> str:
    """Move a line's sign to the first column, by which GitHub and GitLab colour it."""
    column = next((at for at in (8, 4) if line.startswith(" " * at)), 0)
    if line[column : column + 2] == "@@":
        return line[column:]
    if column and line[column : column + 1] in {"+", "-", "!"}:
        return line[column] + " " * column + line[column + 1 :]
    return line


def _code(text: str, limit: int = 200) -> str:
    """Make a span of code, also in a table: what would end the span or the cell is shown as an escape."""
    inside = one_line(text, limit).replace("`", "\\x60").replace("|", "\\x7c")
    return f"`{inside or ' '}`"


def _prose(text: str) -> str:
    """Keep our own words, in which `code` stands between backticks, from being any other Markdown."""
    parts = one_line(text, 400).split("`")
    if len(parts) % 2 == 0:
        return _code(text, 400)
    return "".join(_code(part) if index % 2 else _plain(part) for index, part in enumerate(parts))


def _plain(text: str) -> str:
    escaped = re.sub(r"[\\*_\[\]~|!]", r"\\\g<0>", _html(text))
    # A comment of HTML is not shown, and keeps a mention, a reference or an address from being one.
    return re.sub(r"@|#|://|www\.", r"\g<0><!-- -->", escaped)


def _html(text: str) -> str:
    return one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
