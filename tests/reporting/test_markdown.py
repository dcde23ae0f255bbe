"""A plan as Markdown: complete, cut at whole parts, and nothing from a tenant that Markdown would obey."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from deployer.planning.differences import AttributeChange
from deployer.planning.model import Action, Change, Origin, Plan, PlannedTenant, SecretChange
from deployer.reporting.plan_html import plan_html
from deployer.reporting.plan_markdown import MAX_BYTES, plan_markdown
from deployer.resources.concerns import Concern

HOSTILE = "x`|\\|`` @team #1 <img src=x onerror=y> ](https://evil.example) \n```\n</details>\u202e\ud800 **b**"
CODE = "function login() {\n  - not removed\n  + not added\n  call();\n}\n"


def plan(*changes: Change, **values: Any) -> Plan:
    tenant = PlannedTenant(name="prod", domain="acme.example.com", base_url="https://acme.example.com")
    given = {"created_at": datetime(2026, 11, 23, 1, 55, tzinfo=UTC), "created_by": "ada", "key_id": "k"} | values
    return Plan(tenant=given.pop("tenant", tenant), changes=list(changes), **given)


def update(name: str = "users", before: str = CODE, after: str = CODE, **values: Any) -> Change:
    attribute = AttributeChange(path=("options", "customScripts", "login"), action="change", before=before, after=after)
    return Change(kind="connection", name=name, action=Action.UPDATE, attributes=[attribute], **values)


def parse(text: str) -> list[Any]:
    """All tokens, those within others too."""
    flat = []
    for token in MarkdownIt("commonmark", {"html": True}).enable("table").parse(text):
        flat += [token, *(token.children or [])]
    return flat


@pytest.mark.parametrize(
    ("origin", "said"),
    [
        (Origin(command="promote", source="dev"), "by `ada`, release `sha256:abc0123456789`, as `dev` runs it\n"),
        (Origin(command="rollback"), "by `ada`, back to the release `sha256:abc0123456789`\n"),
    ],
)
def test_the_release_is_said_once(origin: Origin, said: str) -> None:
    text = plan_markdown(plan(origin=origin, release="sha256:abc0123456789"))
    assert said in text
    assert text.count("abc012345678") == 1
    page = plan_html(plan(origin=origin, release="sha256:abc0123456789"))
    assert page.count("abc012345678") == 1
    assert ("as dev runs it" if origin.source else "a roll-back") in page


def test_summary_facts_and_each_change() -> None:
    concern = Concern(code="adopt", address="connection.users", why="it exists, say `--allow`")
    everything = plan(
        update(after=CODE.replace("call()", "callback(null)"), concerns=[concern]),
        Change(kind="action", name="guard", action=Action.NO_OP),
        Change(
            kind="connection",
            name="other",
            action=Action.NO_OP,
            secrets=[SecretChange(name="OLD", state="unnamed")],
        ),
        release="sha256:abc",
        wide=[Concern(code="many-changes", address="prod", why="this changes most of the tenant")],
    )
    text = plan_markdown(everything)
    assert text.startswith("## Plan for `prod`\n\nPlan: 1 to update, 2 unchanged.\n")
    assert "`acme.example.com`, made 23 Nov 2026, 01:55 UTC by `ada`, release `sha256:abc`" in text
    assert "- `--allow many-changes:prod`: this changes most of the tenant\n" in text
    assert "- `--allow adopt:connection.users`: it exists, say `--allow`\n" in text
    assert "| `~` | `connection.users` | update | 1 | 0 |" in text
    assert "secret OLD is in the tenant" in text
    assert "action.guard" not in text


def test_signs_come_first_and_context_keeps_none() -> None:
    lines = plan_markdown(plan(update(after=CODE.replace("call()", "callback(null)")))).split("\n")
    assert "-          call();" in lines
    assert "+          callback(null);" in lines
    assert [line for line in lines if "not removed" in line or "not added" in line] == [
        "           - not removed",
        "           + not added",
    ]
    assert any(line.startswith("@@ ") for line in lines)


def test_hostile_text_stays_in_code() -> None:
    hostile = plan(
        update(
            HOSTILE, after=CODE + "`````\n" + HOSTILE, concerns=[Concern(code="adopt", address=HOSTILE, why=HOSTILE)]
        ),
        tenant=PlannedTenant(name=HOSTILE, domain=HOSTILE, base_url=""),
        created_by=HOSTILE,
        release=HOSTILE,
        targets=[HOSTILE],
    )
    text = plan_markdown(hostile)
    text.encode()
    assert "\u202e" not in text
    tokens = parse(text)
    outside = "".join(token.content for token in tokens if token.type == "text")
    assert not [word for word in ("@team", "#1", "img", "evil.example") if word in outside]
    types = [token.type for token in tokens]
    assert not {"link_open", "image"} & set(types)
    assert types.count("strong_open") == 1
    assert {token.content for token in tokens if token.type == "html_inline"} <= {"<!-- -->"}
    blocks = [token.content for token in tokens if token.type == "html_block"]
    assert sum(block.startswith("<details>") for block in blocks) == 1
    assert [block.strip() for block in blocks][-1] == "</details>"
    assert len([token for token in tokens if token.type == "fence"]) == 1
    cells = [token for token in tokens if token.type == "td_open"]
    assert len(cells) == 5


def test_a_promotion_shows_in_what_the_values_differ() -> None:
    # A value of several lines is shown as their number; a path as it is, on one line.
    values = [AttributeChange(path=(HOSTILE,), action="change", before="a.example.com", after=HOSTILE)]
    origin = Origin(command="promote", source=HOSTILE, values=values, untested=[HOSTILE])
    text = plan_markdown(plan(update(), origin=origin, release="sha256:" + "a" * 64))
    assert "defines no contract tests" in text
    assert "a`, as `x" in text
    tokens = parse(text)
    outside = "".join(token.content for token in tokens if token.type == "text")
    assert not [word for word in ("@team", "#1", "img", "evil.example") if word in outside]
    assert not {"link_open", "image", "strong_open"} & {token.type for token in tokens}
    fences = [token.content for token in tokens if token.type == "fence"]
    assert len(fences) == 2
    assert fences[0].startswith("    ")
    assert '"a.example.com" -> 3 lines\n' in fences[0]
    assert "@team" in fences[0]
    summaries = [token.content for token in tokens if token.type == "html_block" and "summary" in token.content]
    assert summaries[0].startswith("<details><summary>Values of <code>prod</code> that are others than those of <code>")
    # Within code nobody is mentioned.
    assert "@team" not in re.sub("<code>.*?</code>", "", summaries[0])
    assert "Values of" not in plan_markdown(plan(update(), origin=Origin(command="rollback"), release="sha256:abc"))


@settings(max_examples=60)
@given(st.text(st.characters(codec=None), max_size=60))
def test_any_name_stays_one_cell_and_one_fence(name: str) -> None:
    text = plan_markdown(plan(update(name, after=CODE + name)))
    tokens = parse(text)
    assert sum(token.type == "td_open" for token in tokens) == 5
    assert sum(token.type == "fence" for token in tokens) == 1
    assert not [token for token in tokens if token.type in {"link_open", "image", "html_inline", "em_open"}]


def test_prose_of_ours_makes_no_mention_or_link() -> None:
    why = "ask @team about #12 at https://evil.example or www.evil.example, *now*, a_b <b>"
    text = plan_markdown(plan(update(concerns=[Concern(code="adopt", address="a", why=why)])))
    shown = next(line for line in text.split("\n") if line.startswith("- "))
    assert not re.search(r"@team|#12|://evil|www\.evil|<b>", shown)
    assert "\\*now\\*" in shown


def test_cut_at_whole_parts() -> None:
    long = "".join(f"line {number} of NAME\n" for number in range(400))
    many = plan(*(update(f"c{number}", after=long.replace("NAME", f"c{number}")) for number in range(60)))
    text = plan_markdown(many)
    assert MAX_BYTES * 0.9 < len(text) <= MAX_BYTES
    assert text.count("<details>") == text.count("</details>")
    assert sum(line.startswith("```") for line in text.split("\n")) % 2 == 0
    assert re.search(r"^_\d+ parts left out: too long for a comment. `deployer plan` shows all\._$", text, re.MULTILINE)
    assert text.count("| `~` |") == 60


def test_cut_within_one_change_and_a_table_of_thousands() -> None:
    text = plan_markdown(plan(update(after="`" * 5_000 + "\n" + "x\n" * 80_000)))
    assert len(text) <= MAX_BYTES
    assert "the rest is too long for a comment" in text
    text = plan_markdown(plan(*(update(f"c{number}") for number in range(3_000))))
    assert len(text) <= MAX_BYTES
    assert "| | and 2,900 more | | | |" in text
    assert text.count("| `~` |") == 100


def test_nothing_to_do() -> None:
    text = plan_markdown(plan(Change(kind="connection", name="users", action=Action.NO_OP)))
    assert "No changes. 1 resource as defined." in text
    assert "<details>" not in text
