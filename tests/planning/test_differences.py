"""Differences: what a write changes, and nothing else; every attribute by itself; lists whole; scripts as text."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployer.config.tree import REMOVE
from deployer.planning.differences import all_differences, managed_differences

KEYS = st.sampled_from(["a", "b", "c", "customScripts", "__typename", "x.y", "0"])
SCALARS = st.none() | st.booleans() | st.integers(2, 9) | st.sampled_from(["", "text", "two\nlines"])
VALUES: Any = st.recursive(
    SCALARS | st.lists(SCALARS, max_size=3), lambda inner: st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
LIVE = st.dictionaries(KEYS, VALUES, max_size=5)
WANTED = st.dictionaries(
    KEYS,
    st.recursive(
        SCALARS | st.just(REMOVE) | st.lists(SCALARS, max_size=3),
        lambda inner: st.dictionaries(KEYS, inner, max_size=4),
        max_leaves=12,
    ),
    max_size=5,
)


def written(wanted: Any, have: Any) -> Any:
    """What a tenant has after a write: maps merge, `!remove` drops, null adds nothing, everything else replaces."""
    if not isinstance(wanted, dict):
        return wanted
    result = dict(have) if isinstance(have, dict) else {}
    for key, value in wanted.items():
        if value is REMOVE:
            result.pop(key, None)
        elif value is not None or key in result:
            result[key] = written(value, result.get(key))
    return result


@given(WANTED, LIVE)
def test_after_a_write_there_is_no_difference(wanted, have):
    assert managed_differences(wanted, written(wanted, have)) == []


@given(WANTED, LIVE)
def test_there_is_a_difference_exactly_where_a_write_changes_something(wanted, have):
    assert bool(managed_differences(wanted, have)) == (written(wanted, have) != have)


@given(WANTED, LIVE, st.dictionaries(st.sampled_from(["p", "q"]), VALUES))
def test_what_is_not_managed_is_no_difference(wanted, have, defaults):
    assert managed_differences(wanted, {**defaults, **have}) == managed_differences(wanted, have)


@given(LIVE, LIVE)
def test_two_maps_are_never_shown_as_one_change(before, after):
    for change in all_differences(before, after):
        assert change.path
        assert not (isinstance(change.before, dict) and isinstance(change.after, dict))


@given(LIVE, LIVE)
def test_differences_are_in_order_and_each_path_is_there_once(before, after):
    paths = [change.path for change in all_differences(before, after)]
    assert paths == sorted(set(paths))


def test_maps_that_have_little_in_common_are_still_compared_key_by_key():
    wanted = {"options": {**{f"option_{n}": n for n in range(20)}, "customScripts": {"login": "new\n"}}}
    have = {"options": {"option_1": 1, "customScripts": {"login": "old\n", "verify": "gone\n"}}}
    found = {change.path: change.action for change in managed_differences(wanted, have)}
    assert found[("options", "customScripts", "login")] == "change"
    assert found[("options", "option_2")] == "add"
    assert ("options",) not in found


def test_a_list_is_one_value():
    (change,) = all_differences({"clients": ["a", "b", {"c": 1}]}, {"clients": ["a", {"c": 2}]})
    assert (change.path, change.action) == (("clients",), "change")
    assert change.after == ["a", {"c": 2}]


def test_long_lists_are_compared_without_being_aligned():
    one, other = [str(n) for n in range(40_000)], [str(n) for n in reversed(range(40_000))]
    (change,) = all_differences({"l": one}, {"l": other})
    assert change.after == other


def test_what_goes_with_a_write_is_shown():
    wanted, have = {"options": {"password_options": {}}}, {"options": {"password_options": {}, "passwordPolicy": "low"}}
    removed_by_write = [("options", "passwordPolicy"), ("options", "not_there")]
    (change,) = managed_differences(wanted, have, removed_by_write)
    assert (change.path, change.action, change.before) == (("options", "passwordPolicy"), "remove", "low")


def test_a_removed_map_is_shown_key_by_key():
    found = all_differences({"a": {"b": 1, "c": {"d": 2}}}, {})
    assert [(change.path, change.before) for change in found] == [(("a", "b"), 1), (("a", "c", "d"), 2)]


@pytest.mark.parametrize(("one", "other"), [(1, True), (0, False), ([1], [True]), ([{"a": 0}], [{"a": False}])])
def test_a_number_is_no_truth_value(one, other):
    (change,) = all_differences({"a": one}, {"a": other})
    assert (change.before, change.after) == (one, other)
    assert all_differences({"a": one}, {"a": one}) == []


def test_a_whole_number_is_the_same_with_a_point():
    assert all_differences({"a": 1, "b": [1]}, {"a": 1.0, "b": [1.0]}) == []
