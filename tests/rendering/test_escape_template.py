"""Any text, hostile to Jinja or not, goes through a template unchanged."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jinja2 import DictLoader

from deployer.rendering.environment import ScriptEnvironment
from deployer.rendering.escape_template import escape_template

_PIECES = ["{", "}", "%", "#", "{{", "}}", "{%", "%}", "{#", "#}", "{% endraw %}", "{% raw %}", "{%- endraw -%}", "\r"]
_PIECES += ["\n", "\r\n", "\t", " ", "-", "+", "'", '"', "\\", "\ufeff", "\x85", "\u2028", "\0", "<", ">", "&", "##"]
_TEXTS = st.lists(
    st.sampled_from(_PIECES) | st.text(st.characters(exclude_categories=["Cs"]), max_size=4), max_size=20
).map("".join)


def _rendered(text: str, name: str) -> str:
    return ScriptEnvironment(DictLoader({name: escape_template(text)})).get_template(name).render({})


@given(_TEXTS)
@example("{\r\n")
@example("{% endraw %}{{ configuration }}{% raw %}")
def test_a_script_renders_to_exactly_its_text(text):
    assert _rendered(text, "store/login.js.j2") == text


@given(_TEXTS)
def test_a_string_of_a_definition_does_too(text):
    environment = ScriptEnvironment(DictLoader({}))
    assert environment.from_string(escape_template(text)).render({}) == text


@pytest.mark.parametrize("text", ["function login(a, b, callback) {\n  callback(null, {id: {n: 1}});\n}\n", "a } b"])
def test_what_needs_nothing_is_left_as_it_is(text):
    assert escape_template(text) == text
