"""Hostile values of variables: refused, or quoted so that no code, comment or SQL comes out of them."""

import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deployer.errors import DeployerError
from deployer.linting.javascript import SyntaxTree
from deployer.runtime.compile import Code, compile_codes

HOSTILE = [
    "'; DROP TABLE users; --",
    '"; DROP TABLE users; --',
    "`; DROP TABLE users; --",
    "users]; DROP TABLE users; --",
    "</script><script>alert(1)</script>",
    "a\nmodule.exports = 1;//",
    "a\r\nb",
    "a\u2028process.exit()//",
    "a\u2029process.exit()//",
    "*/ process.exit(); /*",
    "${process.exit()}",
    "\\",
    "\\'",
    "a' + process.exit() + '",
    "{{ 7 * 7 }}",
    "{% include '/etc/passwd' %}",
    "a\0b",
    "\u202eabc",
    "<!--",
    "constructor",
    "__proto__",
    "x" * 1999,
]
TEXTS = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40))

# Where a tenant file can put free text, by store.
FREE_TEXT = {
    "postgres": [("new_user_values", "map"), ("ca_key", "text")],
    "mysql": [("new_user_values", "map")],
    "sqlserver": [("new_user_values", "map")],
    "mongodb": [("collection", "text"), ("database", "text"), ("new_user_values", "map")],
    "aspnet-membership": [("application", "text")],
    "basic-auth-service": [("id_field", "text"), ("identifier_field", "text"), ("authenticate_path", "text")],
    "api": [("profile", "list"), ("find_path", "text"), ("no_user_code", "text"), ("delete_path", "text")],
}
CASES = [(store, *case) for store, cases in FREE_TEXT.items() for case in cases]
NAMES = [
    ("postgres", "table"),
    ("mysql", "email_column"),
    ("sqlserver", "password_column"),
    ("mongodb", "email_field"),
    ("aspnet-membership", "users_table"),
    ("postgres", "profile"),
    ("mongodb", "metadata"),
]


def skeleton(source: str) -> list[str]:
    """The kinds of the script's nodes without the insides of its strings: its structure."""
    tree = SyntaxTree(source)
    kinds: list[str] = []
    stack = [tree.root]
    while stack:
        node = stack.pop()
        kinds.append(node.type)
        if node.type != "string":
            stack.extend(reversed(node.children))
    return kinds


def strings(source: str) -> list[str]:
    """What the script's double-quoted strings mean: every value is written as one."""
    return [json.loads(text) for text in re.findall(r'"(?:[^"\\\n]|\\.)*"', source)]


@pytest.mark.parametrize(("name", "variable", "form"), CASES)
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS)
def test_free_text_stays_text(render: Any, name: str, variable: str, form: str, text: str) -> None:
    wrap = {"text": lambda t: t, "list": lambda t: [t], "map": lambda t: {"field": t}}[form]
    harmless = render(name, variables={variable: wrap("harmless")}).sources
    try:
        hostile = render(name, variables={variable: wrap(text)}).sources
    except DeployerError:
        return  # refused with an explanation (a name that is part of every profile, an empty key)
    assert compile_codes([Code(source) for source in hostile.values()]) == [None] * len(hostile)
    found = False
    for kind, source in hostile.items():
        assert not SyntaxTree(source).broken
        if text:
            assert skeleton(source) == skeleton(harmless[kind])
        assert "</" not in source
        assert not re.search("[\u2028\u2029\0\u202e]", source)
        found = found or text in strings(source)
    assert found or not text or variable == "ca_key"


hostile_texts = pytest.mark.parametrize("text", HOSTILE[:19])


@hostile_texts
@pytest.mark.parametrize(("name", "variable"), NAMES)
def test_hostile_names_are_refused(render: Any, name: str, variable: str, text: str) -> None:
    value = {"attribute": text} if variable in {"profile", "metadata"} else text
    with pytest.raises(DeployerError, match=r"table or column|identifier"):
        render(name, variables={variable: value})


@hostile_texts
@pytest.mark.parametrize("name", ["postgres", "mysql", "sqlserver", "mongodb"])
def test_hostile_attribute_names_stay_quoted(render: Any, name: str, text: str) -> None:
    """Keys of `profile` become aliases in SQL and keys in JavaScript."""
    try:
        sources = render(name, variables={"profile": {text: "column"}}).sources
    except DeployerError:
        return
    harmless = render(name, variables={"profile": {"harmless": "column"}}).sources
    for kind, source in sources.items():
        assert skeleton(source) == skeleton(harmless[kind])


def test_template_language_in_values_is_plain_text(render: Any) -> None:
    source = render("mongodb", variables={"collection": "{{ 7 * 7 }}"}).sources["login"]
    assert 'collection("{{ 7 * 7 }}")' in source
