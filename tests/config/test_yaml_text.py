"""Whatever is written is read back as the same value: strings stay strings, references stay references."""

from hypothesis import given
from hypothesis import strategies as st

from deployer.config.tree import KEEP, REMOVE, SecretReference, plain
from deployer.config.yaml_source import parse
from deployer.config.yaml_text import scalar, to_yaml

_LOOKALIKES = ["no", "1e5", "!remove", "0x1F", "~", "", "null", "<<", "2024-01-01", "1_000", "=", ".inf", "a: b", "- x"]
_LOOKALIKES += ["{{", "%YAML", "---", "...", "\x85", "\u2028", "\ufeff", "\r\n", "1.", "+1", "#x", "&a", "*a", "!env X"]
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(_LOOKALIKES)
_PLAIN = _TEXT | st.booleans() | st.none() | st.integers(-(10**15), 10**15)
_VALUES = st.recursive(
    _PLAIN | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(_TEXT, _VALUES, max_size=5))
def test_what_is_written_is_read_back(value):
    assert plain(parse(to_yaml(value), "written.yaml")) == value


@given(_VALUES)
def test_one_value_after_a_key_is_read_back(value):
    assert plain(parse(f"key: {scalar(value)}  # a comment\n", "written.yaml")) == {"key": value}


def test_references_and_markers_are_written_as_their_tags():
    value = {
        "a": {"x": SecretReference("env", "PG_URL"), "y": REMOVE, "z": KEEP},
        "b": [SecretReference("secret", "vault:kv/pg")],
        "c": SecretReference("file", "keys/a b: c.pem"),
    }
    text = to_yaml(value)
    assert "  x: !env PG_URL\n  y: !remove\n  z: !keep\n" in text
    assert plain(parse(text, "written.yaml")) == value


def test_the_same_list_twice_makes_no_anchor():
    same = ["a"]
    assert to_yaml({"x": same, "y": same}) == "x:\n  - a\ny:\n  - a\n"
