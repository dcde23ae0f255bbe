"""Merging: maps merge, lists and scalars replace, `!remove` drops; positions come along."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployer.config.merge import leftover_markers, merge
from deployer.config.problems import Position
from deployer.config.tree import KEEP, REMOVE, Entry, Node, plain, positions
from deployer.config.yaml_source import parse

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=3)
PLAIN: Any = st.recursive(
    SCALARS | st.lists(SCALARS, max_size=2),
    lambda inner: st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=10,
)
MAPS = st.dictionaries(st.sampled_from("abcd"), PLAIN, max_size=4)


def node(value: Any, file: str = "file") -> Node:
    here = Position(file, 1, 1)
    if isinstance(value, dict):
        return Node({key: Entry(here, node(item, file)) for key, item in value.items()}, here)
    return Node([node(item, file) for item in value] if isinstance(value, list) else value, here)


def merged(*layers: str) -> tuple[Any, list[str]]:
    """Layers of YAML, the farthest base first; the result and the mistakes."""
    problems: list[Any] = []
    result = parse(layers[0], "layer0")
    for number, layer in enumerate(layers[1:], 1):
        result = merge(result, parse(layer, f"layer{number}"), problems)
    leftover_markers(result, problems)
    return plain(result), [str(problem) for problem in problems]


# Keys that are a map in every layer or in none: `1` over `{a: ...}` drops what a later map would have gone into.
ALIKE = st.fixed_dictionaries(
    {},
    optional={
        "a": st.dictionaries(st.sampled_from("xyz"), SCALARS | st.lists(SCALARS, max_size=2), max_size=3),
        "b": st.fixed_dictionaries({}, optional={"c": st.dictionaries(st.sampled_from("xy"), SCALARS), "d": SCALARS}),
        "e": SCALARS,
    },
)


@given(ALIKE, ALIKE, ALIKE)
def test_where_no_map_is_dropped_it_does_not_matter_which_two_are_merged_first(one, two, three):
    first = merge(merge(node(one), node(two), []), node(three), [])
    last = merge(node(one), merge(node(two), node(three), []), [])
    assert plain(first) == plain(last)


@given(MAPS, MAPS)
def test_the_override_wins_and_nothing_else_is_lost(base, override):
    result = plain(merge(node(base), node(override), []))
    for key in base.keys() | override.keys():
        if key not in override:
            assert result[key] == base[key]
        elif not (isinstance(override[key], dict) and isinstance(base.get(key), dict)):
            assert result[key] == override[key]
        else:
            assert result[key].keys() == base[key].keys() | override[key].keys()


@given(MAPS)
def test_nothing_over_something_and_something_over_itself_change_nothing(value):
    assert plain(merge(node(value), node({}), [])) == value
    assert plain(merge(node({}), node(value), [])) == value
    assert plain(merge(node(value), node(value), [])) == value


@given(MAPS, MAPS)
def test_neither_side_is_changed(base, override):
    one, other = node(base), node(override)
    merge(one, other, [])
    assert (plain(one), plain(other)) == (base, override)


@given(MAPS, MAPS)
def test_every_value_stands_where_it_was_written(base, override):
    result = merge(node(base, "base"), node(override, "override"), [])
    for path, position in positions(result):
        value: Any = override
        for part in path:
            value = value[part] if isinstance(value, dict) and part in value else None
            if value is None:
                break
        if value is not None:
            assert position.file == "override"


def test_remove_drops_an_inherited_key():
    assert merged("a: {b: 1, c: 2}", "a: {b: !remove }") == ({"a": {"c": 2}}, [])


def test_remove_of_a_key_that_is_not_there_is_a_mistake():
    _, problems = merged("a: {c: 2}", "a:\n  b: !remove")
    assert problems == ["layer1:2:3: there is no inherited 'b' to remove"]


def test_what_was_removed_can_come_back():
    assert merged("a: {b: {c: 1}}", "a: {b: !remove }", "a: {b: {d: 2}}") == ({"a": {"b": {"d": 2}}}, [])


def test_below_options_and_configuration_remove_is_a_statement_about_the_tenant():
    text = (
        "connections: {users: {options: {mfa: !remove }, configuration: {OLD: !remove }, scripts: {create: !remove }}}"
    )
    result, problems = merged(text)
    assert problems == []
    users = result["connections"]["users"]
    assert users == {"options": {"mfa": REMOVE}, "configuration": {"OLD": REMOVE}, "scripts": {"create": REMOVE}}
    assert merged("connections: {users: {options: {mfa: {active: true}}}}", text)[0]["connections"]["users"] == users


def test_a_whole_inherited_block_of_options_is_dropped():
    result, problems = merged("connections: {u: {options: {a: 1}}}", "connections: {u: {options: !remove }}")
    assert (result, problems) == ({"connections": {"u": {}}}, [])


def test_a_removal_that_removes_nothing_is_a_mistake():
    _, problems = merged("a: !remove\nb: [!remove ]")
    assert len(problems) == 2
    assert "layer0:1:4" in problems[0]


def test_no_marker_is_left_in_a_list():
    _, problems = merged("connections: {u: {options: {l: [!remove , {x: !remove }]}}}")
    assert len(problems) == 2


def test_keep_is_for_configuration():
    assert merged("connections: {u: {configuration: {A: !keep }}}")[1] == []


@pytest.mark.parametrize(
    "text", ["variables: {a: !keep }", "connections: {u: {options: {a: !keep }}}", "connections: {u: !keep }"]
)
def test_keep_is_for_nothing_else(text):
    _, problems = merged(text)
    assert len(problems) == 1
    assert "`!keep`" in problems[0]


def test_keep_and_a_value_replace_each_other():
    keep, value = "connections: {u: {configuration: {A: !keep }}}", "connections: {u: {configuration: {A: x}}}"
    assert merged(value, keep)[0]["connections"]["u"]["configuration"]["A"] is KEEP
    assert merged(keep, value)[0]["connections"]["u"]["configuration"]["A"] == "x"
