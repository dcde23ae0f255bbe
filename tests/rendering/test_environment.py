"""The sandbox: what templates cannot read, cannot print unquoted and cannot keep busy."""

import contextlib
import json
import os
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError

from deployer.rendering.environment import MAX_TEMPLATE_BYTES, ScriptEnvironment, make_environment
from deployer.rendering.limits import TemplateLimitError


class Folder:
    """A folder of templates and what renders from it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.environment = make_environment(path)

    def write(self, name: str, text: str) -> None:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def render(self, text: str, name: str = "script.js.j2", **values: Any) -> str:
        self.write(name, text)
        return self.environment.get_template(name).render(values)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """An empty folder of templates."""
    path = tmp_path / "templates"
    path.mkdir()
    return Folder(path)


class TestLoading:
    """Templates come from their folder and from nowhere else."""

    @pytest.mark.parametrize(
        "name",
        ["../secret.js.j2", "/etc/passwd", "a/../../secret.js.j2", "..", "", "a//b", "./a", "a\\..\\b", "C:/a", "a\0b"],
    )
    def test_names_that_lead_elsewhere_are_not_found(self, folder: Folder, name: str) -> None:
        (folder.path.parent / "secret.js.j2").write_text("secret")
        with pytest.raises(TemplateNotFound):
            folder.environment.get_template(name)

    @pytest.mark.parametrize("statement", ["include", "extends", "import"])
    def test_statements_cannot_leave_either(self, folder: Folder, statement: str) -> None:
        (folder.path.parent / "secret.js.j2").write_text("secret")
        ending = " as x" if statement == "import" else ""
        with pytest.raises(TemplateNotFound):
            folder.render(f"{{% {statement} '../secret.js.j2'{ending} %}}")

    def test_a_link_that_leads_out_is_refused(self, folder: Folder) -> None:
        (folder.path.parent / "secret").write_text("secret")
        (folder.path / "link.js.j2").symlink_to(folder.path.parent / "secret")
        with pytest.raises(TemplateNotFound, match="leads out"):
            folder.environment.get_template("link.js.j2")

    def test_a_linked_folder_that_leads_out_is_refused(self, folder: Folder) -> None:
        outside = folder.path.parent / "outside"
        outside.mkdir()
        (outside / "a.js.j2").write_text("secret")
        (folder.path / "in").symlink_to(outside)
        with pytest.raises(TemplateNotFound, match="leads out"):
            folder.environment.get_template("in/a.js.j2")

    def test_a_link_inside_the_folder_works(self, folder: Folder) -> None:
        folder.write("a.js.j2", "x")
        (folder.path / "b.js.j2").symlink_to(folder.path / "a.js.j2")
        assert folder.environment.get_template("b.js.j2").render() == "x"

    def test_only_files_are_read(self, folder: Folder) -> None:
        os.mkfifo(folder.path / "pipe.js.j2")
        (folder.path / "folder.js.j2").mkdir()
        for name in ("pipe.js.j2", "folder.js.j2"):
            with pytest.raises(TemplateNotFound):
                folder.environment.get_template(name)

    def test_large_and_binary_files_are_refused(self, folder: Folder) -> None:
        (folder.path / "large.js.j2").write_text("x" * (MAX_TEMPLATE_BYTES + 1))
        (folder.path / "binary.js.j2").write_bytes(b"\xff\xfe\xff")
        for name, why in (("large.js.j2", "larger than"), ("binary.js.j2", "not UTF-8")):
            with pytest.raises(TemplateNotFound, match=why):
                folder.environment.get_template(name)

    def test_the_second_folder_serves_what_the_first_lacks(self, folder: Folder, tmp_path: Path) -> None:
        shipped = tmp_path / "shipped"
        shipped.mkdir()
        (shipped / "a.js.j2").write_text("shipped")
        (shipped / "b.js.j2").write_text("shipped")
        folder.write("a.js.j2", "own")
        environment = make_environment(folder.path, shipped)
        assert [environment.get_template(name).render() for name in ("a.js.j2", "b.js.j2")] == ["own", "shipped"]

    def test_changed_files_are_read_again(self, folder: Folder) -> None:
        assert folder.render("one") == "one"
        os.utime(folder.path / "script.js.j2", ns=(1, 1))
        (folder.path / "script.js.j2").write_text("two")
        assert folder.environment.get_template("script.js.j2").render() == "two"

    def test_templates_are_listed(self, folder: Folder) -> None:
        folder.write("b/x.js.j2", "")
        folder.write("a.yaml.j2", "")
        folder.write("README.md", "")
        assert folder.environment.list_templates() == ["a.yaml.j2", "b/x.js.j2"]


class TestSandbox:
    """Undefined names and Python's insides."""

    @pytest.mark.parametrize("text", ["{{ nope }}", "{{ nope.a | js }}", "{{ x.nope | js }}", "{{ nope ~ '' }}"])
    def test_undefined_names_are_errors(self, folder: Folder, text: str) -> None:
        with pytest.raises(UndefinedError, match="nope"):
            folder.render(text, x={})

    @pytest.mark.parametrize(
        "text",
        [
            "{{ ().__class__ }}",
            "{{ ''.__class__.__mro__ | js }}",
            "{{ js.__globals__ | js }}",
            "{{ x.__init__.__globals__ | js }}",
            "{{ 'a'.format }}",
            "{{ '{0.__class__}'.format(x) }}",
            "{{ '%s' % x }}",
            "{{ x | attr('__class__') }}",
            "{{ self._TemplateReference__context | js }}",
            "{{ namespace.__init__ }}",
            "{{ range.__self__ }}",
            "{{ x.update({'a': 1}) }}",
            "{{ y.append(1) }}",
        ],
    )
    def test_insides_and_changes_are_out_of_reach(self, folder: Folder, text: str) -> None:
        with pytest.raises(TemplateError):
            folder.render(text, x={}, y=[])

    def test_what_was_given_stays_as_it_was(self, folder: Folder) -> None:
        values = {"a": [1]}
        with pytest.raises((SecurityError, TemplateError)):
            folder.render("{{ x.a.append(2) }}", x=values)
        assert values == {"a": [1]}

    def test_fail_says_what_is_wrong(self, folder: Folder) -> None:
        with pytest.raises(TemplateError, match="name the column"):
            folder.render("{{ fail('name the column') }}")


VALUE_REACHES_OUTPUT = [
    "{{ x }}",
    "{{ x | upper }}",
    "{{ x ~ 'b' }}",
    "{{ 'a' + x }}",
    "{{ x * 2 }}",
    "{{ x[0] }}",
    "{{ x | first }}",
    "{{ x | last }}",
    "{{ x | reverse }}",
    "{{ x.upper() }}",
    "{{ 'a'.removesuffix(x) }}",
    "{{ x.split('I') | first }}",
    "{{ 'a' | replace('a', x) }}",
    "{{ x | replace('a', 'b') }}",
    "{{ ['a', x] | join(',') }}",
    "{{ ['a', 'b'] | join(x) }}",
    "{{ nope | default(x) }}",
    "{{ x | default('a') }}",
    "{{ x | indent }}",
    "{{ x | truncate(3, true, '') }}",
    "{{ 'abcdefghijkl' | truncate(4, true, x) }}",
    "{{ [x] | map('upper') | join }}",
    "{{ [x] | max }}",
    "{{ {'a': x}.a }}",
    "{{ {'a': x}.items() | first | last }}",
    "{{ {x: 1} | list | first }}",
    "{{ [{'k': x}] | map(attribute='k') | first }}",
    "{{ [{'k': x}] | groupby('k') | first | first }}",
    "{% for part in [x] %}{{ part }}{% endfor %}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(x) }}",
    "{% macro m() %}{{ caller(x) }}{% endmacro %}{% call(a) m() %}{{ a }}{% endcall %}",
    "{% set y %}{{ x }}{% endset %}{{ y }}",
    "{% set y = x %}{{ y }}",
    "{% set n = namespace(a=x) %}{{ n.a }}",
    "{% set j = joiner(x) %}{{ j() }}{{ j() }}",
    "{% autoescape false %}{{ x }}{% endautoescape %}",
    "{% filter replace('a', x) %}a{% endfilter %}",
    "{% set y | replace('a', x) %}a{% endset %}{{ y }}",
    "{{ x | string }}",
    "{{ x | trim | title | capitalize | lower }}",
    "{{ [x] }}",
    "{{ {'a': x} }}",
    "{{ 'a' if false else x }}",
    "{{ ('a', x) | last }}",
    "{{ x | safe }}",
    "{{ x | escape }}",
    "{{ '%s' | format(x) }}",
    "{{ loop_var }}{% for loop_var in [x] %}{{ loop.cycle(x) }}{% endfor %}",
]


class TestValues:
    """A value enters JavaScript only through a filter that quotes it."""

    @pytest.mark.parametrize("text", VALUE_REACHES_OUTPUT)
    def test_no_way_lets_a_value_through_unquoted(self, folder: Folder, text: str) -> None:
        with pytest.raises(TemplateError):
            folder.render(text, x="EVIL")

    def test_the_templates_own_text_and_numbers_pass(self, folder: Folder) -> None:
        text = "{{ 'a' ~ 1 }}{{ ', ' if n > 2 }}{{ 'no' if n < 2 }}{{ n }}{{ ['a', 'b'] | join('+') }}{{ 'q' | upper }}"
        assert folder.render(text, n=3) == "a1, 3a+bQ"

    def test_quoted_values_stay_code_on_their_way(self, folder: Folder) -> None:
        folder.write("m.js.j2", "{% macro m(a, b) %}{{ a }}={{ b | js }};{% endmacro %}")
        text = (
            "{% import 'm.js.j2' as m with context %}{{ m.m('x', x) }}"
            "{{ [x, x] | map('js') | join(', ') }}{{ 'a' ~ (x | js) }}{% set y = x | js %}{{ y }}"
        )
        assert folder.render(text, x="v") == 'x="v";"v", "v"a"v""v"'

    def test_definitions_may_print_values(self, folder: Folder) -> None:
        text = "https://users.{{ tenant.name }}.example.com"
        assert folder.environment.from_string(text).render(tenant={"name": "dev"}) == "https://users.dev.example.com"
        assert folder.render("a: {{ x }}", "connection.yaml.j2", x="v") == "a: v"

    def test_blocks_and_inheritance_work(self, folder: Folder) -> None:
        folder.write("base.js.j2", "[{% block body %}base{% endblock %}]")
        text = "{% extends 'base.js.j2' %}{% block body %}{{ super() }}+{{ x | js }}{% endblock %}"
        assert folder.render(text, x=1) == "[base+1]"


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(), children, max_size=4),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> ScriptEnvironment:
    """An environment without templates."""
    return make_environment(tmp_path_factory.mktemp("templates"))


class TestFilters:
    """js, sql_identifier, comment and js_name."""

    @given(value=JSON_VALUES)
    def test_js_means_the_same_and_cannot_break_out(self, environment: ScriptEnvironment, value: Any) -> None:
        text = environment.from_string("{{ value | js }}").render(value=value)
        assert json.loads(text) == value
        for forbidden in ("\n", "\r", "\u2028", "\u2029", "</", "<!--", "*/", "`", "\u202e", "\x00"):
            assert forbidden not in text

    @pytest.mark.parametrize("value", [{1: 2}, float("nan"), float("inf"), {"a": object()}, {1, 2}, b"x", {None: 1}])
    def test_js_refuses_what_json_cannot_say(self, environment: ScriptEnvironment, value: Any) -> None:
        with pytest.raises(TemplateError):
            environment.from_string("{{ value | js }}").render(value=value)

    def test_js_refuses_a_list_that_holds_itself(self, environment: ScriptEnvironment) -> None:
        value: list[Any] = []
        value.append(value)
        with pytest.raises(TemplateError):
            environment.from_string("{{ value | js }}").render(value=value)

    @pytest.mark.parametrize(
        ("name", "dialect", "quoted"),
        [
            ("users", "postgres", '"users"'),
            ("app.users", "postgres", '"app"."users"'),
            ("app.users", "mysql", "`app`.`users`"),
            ("dbo.AspNetUsers", "sqlserver", "[dbo].[AspNetUsers]"),
            ("last name", "sqlserver", "[last name]"),
            ("größe", "postgres", '"größe"'),
        ],
    )
    def test_identifiers_are_quoted(self, environment: ScriptEnvironment, name: str, dialect: str, quoted: str) -> None:
        text = environment.from_string("{{ name | sql_identifier(dialect) }}").render(name=name, dialect=dialect)
        assert text == quoted

    @given(name=st.text(), dialect=st.sampled_from(["postgres", "mysql", "sqlserver"]))
    def test_an_identifier_is_inert_or_refused(self, environment: ScriptEnvironment, name: str, dialect: str) -> None:
        try:
            text = environment.from_string("{{ name | sql_identifier(dialect) }}").render(name=name, dialect=dialect)
        except TemplateError:
            return
        inner = text[1:-1].replace('"."', "").replace("`.`", "").replace("].[", "")
        assert not set(inner) & set("\"'`[]\\;\n\r\u2028\u2029\0/*")

    @pytest.mark.parametrize(
        "name",
        ["", "a..b", ".a", "a.", "1a", "a;--", 'a"b', "a'b", "a`b", "a]b", " a", "a ", "a\nb", "a" * 200, None, 1],
    )
    def test_what_is_no_name_is_refused(self, environment: ScriptEnvironment, name: Any) -> None:
        for dialect in ("postgres", "mysql", "sqlserver"):
            with pytest.raises(TemplateError, match="sql_identifier"):
                environment.from_string("{{ name | sql_identifier(dialect) }}").render(name=name, dialect=dialect)

    def test_an_unknown_dialect_is_refused(self, environment: ScriptEnvironment) -> None:
        with pytest.raises(TemplateError, match="dialect"):
            environment.from_string("{{ 'a' | sql_identifier('oracle') }}").render()

    @given(value=st.text())
    def test_a_comment_stays_a_comment(self, environment: ScriptEnvironment, value: str) -> None:
        text = environment.from_string("{{ value | comment }}").render(value=value)
        assert len(text.splitlines()) <= 1
        assert "*/" not in text
        assert "</" not in text

    @pytest.mark.parametrize("name", ["delete", "a-b", "1a", "", "a b", "a;b", "ä", None])
    def test_js_name_takes_names_only(self, environment: ScriptEnvironment, name: Any) -> None:
        with pytest.raises(TemplateError, match="js_name"):
            environment.from_string("{{ name | js_name }}").render(name=name)


BOMBS = {
    "a very long loop": "{% for i in range(10000000000) %}x{% endfor %}",
    "loops in loops": "{% for i in range(9999) %}{% for j in range(9999) %}{% endfor %}{% endfor %}",
    "loops that filter": "{% for i in range(9999) %}{% for j in range(9999) if false %}{% endfor %}{% endfor %}",
    "a long text": "{{ 'a' * 10000000000 }}",
    "powers": "{{ 9 ** 9 ** 9 }}",
    "squares": "{% set n = namespace(x=3) %}{% for i in range(999) %}{% set n.x = n.x * n.x %}{% endfor %}",
    "doubling ~": "{% set n = namespace(x='aaaa') %}{% for i in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
    "doubling +": "{% set n = namespace(x='aaaa') %}{% for i in range(99) %}{% set n.x = n.x + n.x %}{% endfor %}",
    "doubling lists": "{% set n = namespace(x=[1]) %}{% for i in range(99) %}{% set n.x = n.x + n.x %}{% endfor %}",
    "nesting lists": "{% set n = namespace(x=[1]) %}{% for i in range(99) %}{% set n.x = [n.x, n.x] %}{% endfor %}",
    "nesting maps": (
        "{% set n = namespace(x={'a': 1}) %}{% for i in range(99) %}{% set n.x = {'a': n.x, 'b': n.x} %}{% endfor %}"
    ),
    "nesting by items": (
        "{% set n = namespace(x=[1]) %}{% for i in range(99) %}"
        "{% set n.x = {'a': n.x, 'b': n.x}.items() | list %}{% endfor %}{{ n.x | js }}"
    ),
    "capturing blocks": (
        "{% set n = namespace(x='aaaa') %}{% for i in range(99) %}{% set y %}{{ n.x }}{{ n.x }}{% endset %}"
        "{% set n.x = y %}{% endfor %}"
    ),
    "a macro in itself": "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "a macro twice in itself": (
        "{% macro f(n) %}{% if n > 0 %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}"
    ),
    "a recursive loop": "{% for i in [1, 2] recursive %}{{ loop([1, 2]) }}{% endfor %}",
    "a recursive loop that branches": (
        "{% for i in [1, 2] recursive %}{% if loop.depth < 60 %}{{ loop([1, 2]) }}{% endif %}{% endfor %}"
    ),
    "a block that is called twice in itself": (
        "{% macro f(n) %}{% if n > 0 %}{{ caller(n) }}{{ caller(n) }}{% endif %}{% endmacro %}"
        "{% macro g(n) %}{% call(m) f(n) %}{{ g(m - 1) }}{% endcall %}{% endmacro %}{{ g(60) }}"
    ),
    "a file in itself": "{% include 'script.js.j2' %}",
    "a file twice in itself": (
        "{% if n is not defined %}{% set n = 60 %}{% endif %}{% set n = n - 1 %}"
        "{% if n > 0 %}{% include 'script.js.j2' %}{% include 'script.js.j2' %}{% endif %}"
    ),
    "an import of itself": "{% import 'script.js.j2' as x %}",
    "its own parent": "{% extends 'script.js.j2' %}",
    "searching long texts": (
        "{% set a = 'a' * 200000 %}{% for i in range(9999) %}{% if 'ab' in a %}{% endif %}{% endfor %}"
    ),
    "comparing long texts": (
        "{% set a = 'a' * 200000 %}{% set b = 'a' * 200000 %}"
        "{% for i in range(9999) %}{% if a == b %}{% endif %}{% endfor %}"
    ),
    "methods on long texts": (
        "{% set a = 'a' * 200000 %}{% for i in range(9999) %}{% if a.count('b') %}{% endif %}{% endfor %}"
    ),
    "tests on long texts": (
        "{% set a = 'a' * 200000 %}{% for i in range(9999) %}{% if a is upper %}{% endif %}{% endfor %}"
    ),
    "replacing nothing": "{{ ('z' * 200000) | replace('', 'z' * 200000) }}",
    "joining long texts": "{{ range(9999) | map('string') | join('z' * 200000) }}",
    "wide indents": "{{ 'a' | indent(1000000000) }}",
    "much output": "{% for i in range(19999) %}{{ 'x' * 20000 }}{% endfor %}",
    "deep brackets": "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
    "long sums": "{{ 1" + "+1" * 5000 + " }}",
    "deep blocks": "{% for i in [1] %}" * 40 + "{% endfor %}" * 40,
    "a long filter": "{{ ('x' * 200000) | sort | unique | list | length }}",
    "too much text": "x" * 2_000_000,
}


class TestLimits:
    """A template that would run for ever, or fill the memory, ends in an error."""

    @pytest.mark.parametrize("name", BOMBS)
    def test_it_ends_soon_and_small(self, folder: Folder, name: str) -> None:
        start = time.process_time()
        with pytest.raises((TemplateError, TemplateSyntaxError)):
            folder.render(BOMBS[name], x="v")
        # Limits are counts: this is far from them on any machine, and only says that they are low enough.
        assert time.process_time() - start < 5

    @pytest.mark.parametrize("name", ["nesting lists", "much output", "a long filter", "joining long texts"])
    def test_it_takes_little_memory(self, folder: Folder, name: str) -> None:
        tracemalloc.start()
        try:
            with pytest.raises(TemplateError):
                folder.render(BOMBS[name], x="v")
            assert tracemalloc.get_traced_memory()[1] < 200_000_000
        finally:
            tracemalloc.stop()

    def test_expressions_in_definitions_are_bounded_too(self, folder: Folder) -> None:
        for name in ("loops in loops", "doubling ~", "too much text"):
            with pytest.raises(TemplateError):
                folder.environment.from_string(BOMBS[name]).render()

    def test_each_rendering_starts_anew(self, folder: Folder) -> None:
        folder.write("a.js.j2", "{% for i in range(15000) %}{% endfor %}x")
        template = folder.environment.get_template("a.js.j2")
        assert [template.render() for _ in range(6)] == ["x"] * 6

    def test_a_template_that_is_large_but_sensible_renders(self, folder: Folder) -> None:
        text = "{% for i in range(2000) %}const name{{ i }} = {{ x | js }};\n{% endfor %}"
        assert folder.render(text, x="v" * 20).count("\n") == 2000

    def test_generators_cannot_go_around_the_budget(self, folder: Folder) -> None:
        folder.write("a.js.j2", BOMBS["loops in loops"])
        with pytest.raises(TemplateLimitError):
            list(folder.environment.get_template("a.js.j2").generate())


@settings(max_examples=60)
@given(source=st.text(alphabet="{}%#|~+*[]()'\"abijsx .,-=\n123", max_size=80))
def test_any_text_renders_or_fails_as_a_template(environment: ScriptEnvironment, source: str) -> None:
    """Whatever stands in a file, the error is one that the command line explains."""
    with contextlib.suppress(TemplateError):
        environment.from_string(source).render(x="v", js="v")
