"""YAML: safe, bounded, YAML 1.2's scalars, and the position of everything."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployer.config.problems import ConfigError
from deployer.config.tree import KEEP, REMOVE, SecretReference, plain, positions
from deployer.config.yaml_source import MAX_BYTES, parse


def mistakes(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse(text, "f.yaml")
    return [str(problem) for problem in caught.value.problems]


def found(text: str) -> list[str]:
    """The mistakes of a text, if there are any."""
    try:
        parse(text, "f.yaml")
    except ConfigError as error:
        return [str(problem) for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("", None),
        ("null", None),
        ("12", 12),
        ("-7", -7),
        ("012", 12),
        ("0o14", 12),
        ("0x1F", 31),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("1.5", 1.5),
        (".5e1", 5.0),
        ("1.", 1.0),
        ("2024-01-31", "2024-01-31"),
        ("'12'", "12"),
        ("!!str 12", "12"),
        ("=", "="),
        ("5.0.0", "5.0.0"),
        (".inf", ".inf"),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text, value):
    parsed = plain(parse(f"key: {text}", "f"))["key"]
    assert parsed == value
    assert type(parsed) is type(value)


@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=8),
        st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=8),
    )
)
def test_text_in_quotes_comes_back(values):
    text = "".join(f"{quoted(key)}: {quoted(value)}\n" for key, value in values.items())
    assert plain(parse(text, "f")) == values


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@given(st.text(max_size=200))
def test_any_text_is_parsed_or_is_a_mistake_with_a_position(text):
    assert all(mistake.startswith("f.yaml:") for mistake in found(text))


@given(st.text("!&*{}[]:,-#'\"|>%@`?~ \n\tab01.<", max_size=60))
def test_any_punctuation_is_parsed_or_is_a_mistake_with_a_position(text):
    assert all(mistake.startswith("f.yaml:") for mistake in found(text))


def test_positions_count_from_one_and_are_those_of_keys():
    root = parse("a: 1\nb:\n  - x\n  - {c: 2}\n", "f")
    where = {".".join(map(str, path)): str(position) for path, position in positions(root)}
    assert where == {"a": "f:1:1", "b": "f:2:1", "b.0": "f:3:5", "b.1": "f:4:5", "b.1.c": "f:4:6"}


def test_references_and_markers():
    text = "a: !env NAME\nb: !file some/path\nc: !secret vault:x/y\nd: !remove\ne: !keep"
    assert plain(parse(text, "f")) == {
        "a": SecretReference("env", "NAME"),
        "b": SecretReference("file", "some/path"),
        "c": SecretReference("secret", "vault:x/y"),
        "d": REMOVE,
        "e": KEEP,
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\na: 2", "f.yaml:2:1: the key 'a' is there twice. The first is on line 1."),
        ("a: [1", "this is not YAML"),
        ("a: {b: !remove}", "Put a space behind the tag."),
        ("a: b: c", "this is not YAML"),
        ("a: !!python/object/apply:os.system [ls]", "f.yaml:1:4: the tag !!python/object/apply:os.system is not"),
        ("a: !!python/name:os.system x", "is not allowed"),
        ("a: !Ref x", "the tag !Ref is not allowed. The tags are !env"),
        ("? [1, 2]\n: x", "f.yaml:1:3: a key must be a plain word"),
        ("!env A: x", "a key must be a plain word"),
        ("a: &x {b: 1}\nc:\n  <<: *x", "f.yaml:3:3: merge keys (<<) are not used here"),
        ("a: &x [*x]", "an alias contains itself"),
        ("a: *missing", "this is not YAML"),
        ("--- 1\n--- 2", "this is not YAML"),
        ("a: !env", "f.yaml:1:4: !env needs a name"),
        ("a: !secret nocolon", "!secret names a provider and a path"),
        ("a: 123456789012345678901", "f.yaml:1:4: this number is too long"),
        ("a: 1e999", "f.yaml:1:4: this number is too large"),
        ("a: -1.5e400", "f.yaml:1:4: this number is too large"),
        ("a: 0x" + "F" * 40, "this number is too long"),
        ("a: \x07", "character #x0007 is not allowed"),
        ("[" * 60 + "]" * 60, "nested more than 40 levels deep"),
        ("- " * 60, "nested more than 40 levels deep"),
        ("a: !!set {x, y}", "the tag !!set is not allowed"),
        ("a: !!binary aGk=", "the tag !!binary is not allowed"),
        ("a: !!int nonsense", "f.yaml:1:4: this is no number"),
        ("a: !!float nonsense", "f.yaml:1:4: this is no number"),
        ("a: !env {b: c}", "f.yaml:1:4"),
    ],
)
def test_what_is_not_allowed(text, expected):
    assert any(expected in mistake for mistake in mistakes(text)), mistakes(text)


def test_a_secret_in_the_place_of_its_name_is_not_repeated():
    (mistake,) = mistakes("a: !env postgres://user:canary@db/x")
    assert "canary" not in mistake
    assert mistake.startswith("f.yaml:1:4")


def test_all_mistakes_of_a_file_are_reported_together():
    assert len(mistakes("a: !x 1\nb: !y 2\nc: 1\nc: 2")) == 3


def test_aliases_do_not_make_a_short_text_endless():
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    text += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9))
    assert "aliases expand to more than" in mistakes(text)[-1]


def test_a_file_that_is_too_large():
    assert "larger than" in mistakes("a" * (MAX_BYTES + 1))[0]


@pytest.mark.parametrize("text", ["", "# only a comment\n", "\n\n"])
def test_an_empty_file_is_an_empty_mapping(text):
    assert plain(parse(text, "f")) == {}


@pytest.mark.parametrize("text", ['a: "\\ud800"', "a: \ud800"], ids=["escaped", "plain"])
def test_half_a_character_is_refused(text):
    assert "f.yaml:1" in mistakes(text)[0]


@pytest.mark.parametrize("text", ["1.0", "1e10", ".inf", ".nan", "-.INF"])
def test_no_number_is_one_that_json_cannot_say(text):
    value = plain(parse(f"a: {text}", "f"))["a"]
    assert not isinstance(value, float) or math.isfinite(value)
