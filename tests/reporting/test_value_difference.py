"""Two long values: whoever reads a plan sees how they differ, in every format."""

import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployer.planning.differences import AttributeChange
from deployer.planning.drift import Drift, drift_of
from deployer.planning.model import Action, Change, Origin, Plan, PlannedTenant
from deployer.reporting.drift_text import drift_text
from deployer.reporting.plan import PlanDetail
from deployer.reporting.plan_html import plan_html
from deployer.reporting.plan_markdown import plan_markdown
from deployer.reporting.plan_text import plan_text
from deployer.reporting.value_difference import element_difference, show_both
from tests.support.page_parser import Page

WORDS = [f"word{number:02}" for number in range(40)]
PATH = "options.password_dictionary.dictionary"


def plan(before, after, **more) -> Plan:
    tenant = PlannedTenant(name="local", domain="acme.eu.auth0.com", base_url="https://acme.eu.auth0.com")
    attribute = AttributeChange(path=tuple(PATH.split(".")), action="change", before=before, after=after)
    change = Change(kind="connection", name="users", action=Action.UPDATE, attributes=[attribute])
    values = {"created_at": datetime.now(UTC), "created_by": "x", "key_id": "k", **more}
    return Plan(tenant=tenant, changes=[change], **values)


def shown(made: Plan, form: str) -> str:
    if form == "markdown":
        return plan_markdown(made)
    drift = Drift(made.tenant, drift_of(made), 1)
    lines = drift_text(drift) if form == "drift" else plan_text(made, PlanDetail(verbose=form == "verbose"))
    return "\n".join(line.plain for line in lines)


@pytest.mark.parametrize("form", ["text", "verbose", "markdown", "drift"])
def test_a_word_at_the_end_of_a_long_list(form):
    before, after = WORDS, [*WORDS, "word40"]
    if form == "drift":  # which goes from what is defined to what is live
        before, after = after, before
    text = shown(plan(before, after), form)
    assert f"{PATH}  40 -> 41 elements: 1 added, 0 removed" in text
    assert '+ "word40"' in text or '+         "word40"' in text
    assert "word39" not in text


def test_elements_are_bounded_and_all_of_them_are_there_where_asked_for():
    made = plan([], WORDS)
    assert "0 -> 40 elements: 40 added, 0 removed" in shown(made, "text")
    assert shown(made, "text").count("+ ") == 11
    assert "        + and 30 more" in shown(made, "text")
    assert shown(made, "verbose").count('        + "word') == 40


@pytest.mark.parametrize(
    ("after", "words", "lines"),
    [
        ([*WORDS[::2]], "40 -> 20 elements: 0 added, 20 removed", 11),
        ([*WORDS[1:], WORDS[0]], '40 elements: in another order from "word00" on', 0),
        (
            [*WORDS[1:30], WORDS[0], *WORDS[30:], "new"],
            '40 -> 41 elements: 1 added, 0 removed, the others in another order from "word00" on',
            1,
        ),
        ([*WORDS, "word00"], "40 -> 41 elements: 1 added, 0 removed", 1),
    ],
)
def test_removed_moved_and_doubled_elements(after, words, lines):
    found = element_difference(WORDS, after)
    assert found is not None
    assert (found.summary, len(found.lines)) == (words, lines)


def test_long_elements_that_begin_alike_are_cut_where_they_differ():
    before = [{"a": "x" * 300, "b": 1}, "same"]
    found = element_difference(before, [{"a": "x" * 300, "b": 2}, "same"])
    assert found is not None
    assert [line[0] for line in found.lines] == ["-", "+"]
    assert found.lines[0].endswith('"b": 1}')
    assert found.lines[1].endswith('"b": 2}')
    assert all(line[2] == "…" and len(line) <= 102 for line in found.lines)


def test_short_lists_stand_on_one_line():
    assert element_difference(["a"], ["a", "b"]) is None
    assert f'{PATH}  ["a"] -> ["a", "b"]' in shown(plan(["a"], ["a", "b"]), "text")


@pytest.mark.parametrize("form", ["text", "verbose", "markdown", "drift"])
def test_a_long_text_is_cut_around_the_first_difference(form):
    text = shown(plan("x" * 5_000 + "here" + "y" * 5_000, "x" * 5_000 + "there" + "y" * 5_000), form)
    (line,) = [line for line in text.splitlines() if PATH in line]
    assert "xxhereyy" in line
    assert "xxthereyy" in line


def test_only_the_end_of_the_last_line_differs():
    assert f"{PATH}  only how the last line ends" in shown(plan("a\nb\n", "a\nb"), "text")


def test_values_of_two_tenants_that_begin_alike():
    """Of a promotion; a text of several lines, of which only the number is said, as well."""
    values = [
        AttributeChange(
            path=("a",), action="change", before="https://" + "a" * 200, after="https://" + "a" * 200 + "b"
        ),
        AttributeChange(path=("b",), action="change", before="one\ntwo", after="one\n2"),
    ]
    origin = Origin(command="promote", source="staging", values=values)
    made = plan(1, 2, origin=origin, release="sha256:abc")
    for text in (shown(made, "text"), shown(made, "markdown")):
        (first,) = [line for line in text.splitlines() if line.startswith("    a ")]
        assert first.split(" -> ")[0].endswith('a"')
        assert first.endswith('ab"')
        assert '    b  "one\\ntwo" -> "one\\n2"' in text


def test_a_page_shows_long_lists_line_by_line_and_the_difference_of_long_texts():
    page = Page(plan_html(plan(WORDS, [*WORDS, "word40"])))
    assert "2 lines added, 1 removed" in page.text  # the comma after word39 as well
    assert "word40" in page.text
    assert "word10" not in page.text
    page = Page(plan_html(plan("x" * 500 + "1", "x" * 500 + "2")))
    assert page.text.count("…" + "x" * 40 + '1"') == 1
    assert page.text.count("…" + "x" * 40 + '2"') == 1


TEXTS = st.lists(st.sampled_from(["a", "b", "\u00e9", "e\u0301", "\n", "\u202e"]), max_size=12).map("".join)


@given(st.integers(0, 300), TEXTS, TEXTS, st.integers(0, 300))
def test_two_sides_never_look_the_same(before, one, other, after):
    sides = ["x" * before + each + "y" * after for each in (one, other)]
    shown_sides = show_both(*sides)
    looks = [unicodedata.normalize("NFC", side) for side in shown_sides]
    assert (looks[0] == looks[1]) is (one == other)
    assert all(len(side) <= 100 for side in shown_sides)


@given(st.lists(st.integers(0, 60), max_size=80), st.lists(st.integers(0, 60), max_size=80))
def test_what_is_said_of_lists_is_what_differs(before, after):
    found = element_difference(before, after, verbose=True)
    if found is None:
        return
    rebuilt = list(before)
    for line in found.lines:
        if line[0] == "-":
            rebuilt.remove(int(line[2:]))
    rebuilt += [int(line[2:]) for line in found.lines if line[0] == "+"]
    assert sorted(rebuilt) == sorted(after)
    assert (before == after) is found.summary.endswith("elements: ")
