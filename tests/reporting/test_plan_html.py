"""A plan as a page: everything that the text says, nothing that a browser obeys but the page's own."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deployer.planning.differences import AttributeChange
from deployer.planning.model import Action, Change, Plan, PlannedTenant, SecretChange
from deployer.reporting.diff_rows import count_lines, diff_rows
from deployer.reporting.plan import show_plan
from deployer.reporting.plan_html import plan_html
from deployer.resources.concerns import Concern
from deployer.resources.marker import SecretState
from tests.support.page_parser import ANYTHING, HOSTILE, Page


def plan(*changes: Change, **values: Any) -> Plan:
    tenant = PlannedTenant(name="prod", domain="acme.example.com", base_url="https://acme.example.com")
    given = {"created_at": datetime(2026, 11, 23, 1, 55, tzinfo=UTC), "created_by": "ada", "key_id": "k"} | values
    return Plan(tenant=given.pop("tenant", tenant), changes=list(changes), **given)


def attribute(*path: str, **values: Any) -> AttributeChange:
    action = "add" if "before" not in values else "remove" if "after" not in values else "change"
    return AttributeChange(path=path, action=action, **values)


def update(name: str = "users", *attributes: AttributeChange, **values: Any) -> Change:
    return Change(kind="connection", name=name, action=Action.UPDATE, attributes=list(attributes), **values)


@pytest.fixture(scope="module")
def page() -> Page:
    """A page of a plan that has a bit of everything."""
    return Page(
        plan_html(
            plan(
                Change(
                    kind="action", name="guard", action=Action.CREATE, attributes=[attribute("code", after="a\nb\n")]
                ),
                update(
                    "users",
                    attribute("options", "customScripts", "login", before="a\nb\nc\n", after="a\nB\nc\n"),
                    attribute("options", "passwordPolicy", before="fair", after="good"),
                    attribute("options", "validation", before={"min": 1}),
                    secrets=[SecretChange(name="PG_URL", state=SecretState.CHANGED_OUTSIDE)],
                    concerns=[Concern(code="adopt", address="connection.users", why="it exists, say `!keep`")],
                    irreversible=["the former value of PG_URL is overwritten"],
                    depends_on=["action.guard", "action.elsewhere"],
                ),
                Change(kind="connection", name="staff", action=Action.NO_OP),
                release="sha256:abc",
                wide=[Concern(code="many-changes", address="prod", why="most of the tenant")],
                targets=["connection.users"],
            )
        )
    )


@pytest.mark.parametrize(
    "words",
    [
        "+ 1 to create",
        "~ 1 to update",
        "1 unchanged",
        "acme.example.com",
        "23 Nov 2026, 01:55 UTC",
        "sha256:abc",
        "--allow many-changes:prod Most of the tenant.",
        "--allow adopt:connection.users It exists, say !keep.",
        "Cannot be undone: the former value of PG_URL is overwritten",
        "Secret PG_URL was changed in the tenant by somebody else",
        "options.customScripts.login 1 line added, 1 removed",
        '"fair"',
        '"good"',
        "1 resource as defined",
        "connection.staff",
    ],
)
def test_says_what_the_plan_says(page: Page, words: str) -> None:
    assert words in page.text


def test_each_change_can_be_linked_to_and_shows_its_lines(page: Page) -> None:
    page.check_inert()
    assert page.all("a", href="#change-1")
    assert page.all("li", id="change-1")
    assert [cells for cells in page.all("tr") if cells.get("class") in {"add", "cut"}] == [
        {"class": "cut"},
        {"class": "add"},
    ]


def test_nothing_to_do() -> None:
    page = Page(plan_html(plan(Change(kind="connection", name="users", action=Action.NO_OP))))
    page.check_inert()
    assert "No changes. 1 resource as defined." in page.text
    assert not page.all("details", class_="change")


def hostile_plan(text: str) -> Plan:
    return plan(
        update(
            text,
            attribute(text, before=text, after=text + "\n" + text),
            attribute("options", text, after=text + "\n"),
            attribute("options", "x", before=text + "\nx", after={text: [text]}),
            attribute("options", "y", before={text: text * 9}, after=text),
            secrets=[SecretChange(name=text, state="removed")],
            concerns=[Concern(code="adopt", address=text, why=text)],
            irreversible=[text],
            depends_on=[text],
        ),
        Change(kind=text, name=text, action=Action.NO_OP),
        tenant=PlannedTenant(name=text, domain=text, base_url=text),
        created_by=text,
        release=text,
        targets=[text],
        wide=[Concern(code="adopt", address=text, why=text)],
    )


def test_hostile_text_is_shown_not_obeyed() -> None:
    text = plan_html(hostile_plan(HOSTILE))
    text.encode()
    page = Page(text)
    page.check_inert()
    assert "img" not in page.names()
    assert "<script>alert(1)</script>" in page.text
    assert "{{ 7*7 }}" in page.text
    assert "\\u202e" in page.text
    assert "\u202e" not in text
    assert "&amp;" in page.text


@settings(max_examples=40, deadline=None)
@given(ANYTHING)
def test_any_text_makes_the_same_elements(text: str) -> None:
    page = Page(plan_html(hostile_plan(text)))
    page.check_inert()
    assert page.names() <= Page(plan_html(hostile_plan(HOSTILE))).names() | {"code", "td", "tr", "b", "details", "p"}


def test_many_changes_are_folded_and_few_are_not() -> None:
    few = Page(plan_html(plan(*(update(f"c{n}", attribute("a", after=1)) for n in range(8)))))
    many = Page(plan_html(plan(*(update(f"c{n}", attribute("a", after=1)) for n in range(9)))))
    assert all("open" in each for each in few.all("details") if each.get("class") == "change")
    assert not any("open" in each for each in many.all("details") if each.get("class") == "change")


def test_only_the_end_of_the_last_line_differs() -> None:
    page = Page(plan_html(plan(update("users", attribute("code", before="a\nb", after="a\nb\n")))))
    assert "The lines are equal; only how they end differs." in page.text


@pytest.mark.parametrize("form", ["html", "markdown", "text"])
def test_every_format_survives_hostile_text(form: str) -> None:
    show_plan(hostile_plan(HOSTILE), form).encode()


def rebuilt(before: str, after: str) -> tuple[list[str], list[str]]:
    rows = diff_rows(before, after, context=10_000)
    old = ["".join(text for text, _ in row.pieces) for row in rows if row.sign in {" ", "-"}]
    new = ["".join(text for text, _ in row.pieces) for row in rows if row.sign in {" ", "+"}]
    return old, new


@given(st.lists(st.sampled_from(["a", "b b", "c(d)", ""])), st.lists(st.sampled_from(["a", "b c", "c(e)", "f"])))
def test_rows_hold_both_texts(before: list[str], after: list[str]) -> None:
    if before == after:
        assert diff_rows("\n".join(before), "\n".join(after)) == []
        return
    old, new = rebuilt("".join(f"{line}\n" for line in before), "".join(f"{line}\n" for line in after))
    assert (old, new) == (before, after)


def test_rows_number_lines_and_mark_words() -> None:
    before = "".join(f"line {n}\n" for n in range(1, 21))
    rows = diff_rows(before, before.replace("line 10\n", "line ten\n"))
    assert [row.sign for row in rows] == ["gap", " ", " ", " ", "-", "+", " ", " ", " "]
    assert (rows[4].old, rows[4].new, rows[5].old, rows[5].new) == (10, None, None, 10)
    assert rows[4].pieces == (("line ", False), ("10", True))
    assert rows[5].pieces == (("line ", False), ("ten", True))
    assert count_lines(rows) == (1, 1)
