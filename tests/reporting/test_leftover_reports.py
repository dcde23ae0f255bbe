"""What is no longer defined, in words: what removes it, what goes with it, or why nobody can tell."""

from datetime import UTC, datetime

import pytest

from deployer.planning.model import Action, Change, Leftover, Plan, PlannedTenant
from deployer.reporting.leftovers import (
    ADVICE,
    APPLY_FIRST,
    TITLE,
    leftover_lines,
    leftover_sentence,
    leftover_text,
    plan_advice,
    with_leftovers,
)

OLD = Leftover(address="connection.old users", loses="its users are deleted")
OPTION = Leftover(address="connection.users", option=["validation", "username"])
UNKNOWN = Leftover(address="action.guard", unknown="the scope read:actions is missing")


def plan(*leftovers: Leftover, effective: bool = False) -> Plan:
    action = Action.UPDATE if effective else Action.NO_OP
    tenant = PlannedTenant(name="prod", domain="acme.eu.auth0.com", base_url="https://acme.eu.auth0.com")
    changes = [Change(kind="connection", name="users", action=action)]
    made = {"created_at": datetime(2026, 11, 23, tzinfo=UTC), "created_by": "ada", "key_id": "k"}
    return Plan(tenant=tenant, changes=changes, leftovers=list(leftovers), **made)


@pytest.mark.parametrize(
    ("one", "text", "sentence"),
    [
        (
            OLD,
            "`deployer destroy prod 'connection.old users'` removes it; its users are deleted",
            "no longer defined, still in the tenant: `deployer destroy",
        ),
        (
            OPTION,
            "`options: {validation: {username: !remove }}` in the definition takes it out",
            "no longer defined, still in the tenant: `options",
        ),
        (
            UNKNOWN,
            "whether it is still there cannot be seen: the scope read:actions is missing",
            "no longer defined, whether it is still there cannot be seen",
        ),
    ],
    ids=["resource", "option", "unknown"],
)
def test_what_removes_it(one, text, sentence):
    assert leftover_text("prod", one) == text
    assert leftover_sentence("prod", one).startswith(sentence)


def test_they_are_listed_below_a_title():
    lines = [line.plain for line in leftover_lines("prod", [OLD, OPTION])]
    assert lines[:2] == ["", f"{TITLE}:"]
    assert lines[2].startswith("    ! connection.old users: ")
    assert lines[3].startswith("    ! connection.users options.validation.username: ")
    assert lines[4] == f"    {ADVICE}"
    assert list(leftover_lines("prod", [])) == []


def test_no_advice_where_each_says_what_to_do():
    assert len(list(leftover_lines("prod", [OPTION]))) == 3


@pytest.mark.parametrize(
    ("made", "advice"),
    [
        (plan(OPTION), ""),
        (plan(OLD), ADVICE),
        (plan(OLD, effective=True), f"{ADVICE} {APPLY_FIRST}"),
    ],
    ids=["options-alone", "nothing-to-apply", "something-to-apply"],
)
def test_what_to_do_about_those_of_a_plan(made, advice):
    assert plan_advice(made) == advice


@pytest.mark.parametrize(
    ("number", "end"),
    [(0, ""), (1, "; no longer defined: a.0"), (5, "; no longer defined: a.0, a.1, a.2 and 2 more")],
)
def test_their_addresses_at_the_end_of_one_line(number, end):
    found = [Leftover(address=f"a.{index}") for index in range(number)]
    assert with_leftovers("no changes", found) == f"no changes{end}"


def test_hostile_names_are_harmless():
    nasty = Leftover(address="a.\x1b[31m\u202e", option=["\x1b"], loses="\x1b")
    shown = "".join(
        line.plain for line in leftover_lines("\x1b", [nasty, Leftover(address="\x1b;rm -rf", loses="\x1b")])
    )
    assert "\x1b" not in shown
    assert "\u202e" not in shown
