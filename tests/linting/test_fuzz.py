"""Whatever text comes in, the linter answers: mutated scripts, cut scripts, other languages, noise, deep nesting."""

import json
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deployer.linting.engine import LintReport, lint
from deployer.linting.inputs import ConnectionInput, ScriptInput
from deployer.reporting.findings import FindingsFormat, show_findings
from deployer.scripts import SCRIPT_KINDS
from tests.support.examples import examples

SCRIPTS = [path.read_text() for path in sorted(Path(__file__).parent.glob("corpus/*.js"))]
TOKENS = [
    *(
        "callback",
        "return",
        "await",
        "async",
        "=>",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        ";",
        ",",
        "`",
        "'",
        '"',
        "${",
        "//",
        "/*",
    ),
    *(
        "if (",
        "else",
        "for (;;)",
        "while (1)",
        "switch (x) {",
        "case 1:",
        "default:",
        "try {",
        "catch (e) {",
        "finally {",
    ),
    *(
        "function",
        "function f(callback) {",
        "=",
        "==",
        "!",
        "...",
        "?.",
        "??",
        "#!",
        "<!--",
        "\u2028",
        "\ud800",
        "\0",
        "é",
        "\U0001d4b3",
    ),
    *(
        "throw",
        "break",
        "continue",
        "label:",
        "class A extends B {",
        "new",
        "yield",
        "import",
        "export default",
        "\\",
        "/x/g",
    ),
    *(
        "// deployer-ignore DB201: why\n",
        "configuration.X",
        "global.x",
        "require('pg@8')",
        ".then(",
        ".catch(callback)",
    ),
]
# Every reader of these has its own idea of who decides when an example is too slow; the suite has a time limit already.
FUZZ = settings(
    max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A script of the corpus with some pieces cut out, doubled, moved or put in."""
    source = draw(st.sampled_from(SCRIPTS))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(source)))
        end = draw(st.integers(start, min(len(source), start + 80)))
        piece = source[start:end]
        match draw(st.integers(0, 4)):
            case 0:
                source = source[:start] + source[end:]
            case 1:
                source = source[:end] + piece + source[end:]
            case 2:
                at = draw(st.integers(0, len(source)))
                source = source[:at] + piece + source[at:]
            case 3:
                source = source[:start] + draw(st.sampled_from(TOKENS)) + source[start:]
            case _:
                source = source[:start] + draw(st.sampled_from(TOKENS)) + source[end:]
    return source


def check(source: str, kind: str | None = "login") -> LintReport:
    """Lint a text as a script by itself and as the scripts of a connection; look at what comes out."""
    alone = lint(scripts=[ScriptInput(source, kind, address="fuzz/login", label="login.js")])
    scripts = {name: ScriptInput(source, name, address=f"connection.fuzz/{name}") for name in ("login", "get_user")}
    whole = ConnectionInput(
        "fuzz",
        scripts,
        "connection.fuzz",
        migration="trickle",
        import_mode=True,
        configuration=frozenset({"A"}),
        modules={},
        access=("tls",),
        guards=(),
        custom_databases=2,
    )
    together = lint([whole])
    lines = source.count("\n") + 1
    for finding in (*alone.findings, *together.findings):
        assert finding.message
        assert 0 <= finding.line <= lines
        assert finding.line == 0 or (finding.line, finding.column) <= (finding.end_line, finding.end_column)
    for report in (alone, together):
        texts = {form: show_findings(report, form) for form in FindingsFormat}
        assert len(json.loads(texts["json"])["findings"]) == len(report.findings)
        assert len(json.loads(texts["sarif"])["runs"][0]["results"]) == len(report.findings)
        assert int(ET.fromstring(texts["junit"].encode()).attrib["failures"]) == len(report.errors)
        assert texts["github"].count("\n") == len(report.findings) + 1
        assert "\x1b" not in texts["text"]
    return alone


@FUZZ
@given(mutated())
def test_mutated_scripts(source: str) -> None:
    check(source)


@FUZZ
@given(st.sampled_from(SCRIPTS), st.data())
def test_cut_scripts(source: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(source)))
    check(source[:at])
    check(source[at:])


@FUZZ
@given(st.text(), st.sampled_from([None, "nonsense", *SCRIPT_KINDS]))
def test_any_text(source: str, kind: str | None) -> None:
    check(source, kind)


@FUZZ
@given(st.lists(st.sampled_from(TOKENS), max_size=60).map(" ".join))
def test_token_soup(source: str) -> None:
    check(source)


@pytest.mark.parametrize(
    "source",
    [
        "SELECT id FROM users WHERE email = 'x';",
        "<html><body onload='f()'>{{ name | js }}</body></html>",
        "def login(email, password):\n    return {'user_id': email}\n",
        '{"options": {"customScripts": {"login": "./login.js"}}}',
        "{% import 'shared/store.js.j2' as shared %}\nfunction login() { {{ shared.body() }} }",
        "interface User { id: number }\nfunction login(email: string): void {}",
        "\ufefffunction login(a, b, callback) { callback(null); }",
        "#!/usr/bin/env node\nfunction login(a, b, callback) { callback(null); }",
        "\x00\x01\x02\x1b[31m",
    ],
)
def test_other_languages(source: str) -> None:
    check(source)


DEEP = {
    "parentheses": lambda n: "(" * n + "callback" + ")" * n,
    "open parentheses": lambda n: "(" * n,
    "blocks": lambda n: "{" * n + "callback(null);" + "}" * n,
    "ifs": lambda n: "if (a) " * n + "callback(null);",
    "else ifs": lambda n: "if (a) callback(null); else " * n + "callback(null);",
    "callbacks": lambda n: "f(function (err, x) { if (err) return callback(err); " * n + "callback(null);" + "});" * n,
    "arrows": lambda n: "f(() => " * n + "callback(null)" + ")" * n,
    "arrays": lambda n: "x = " + "[" * n + "]" * n,
    "objects": lambda n: "x = " + "{a:" * n + "1" + "}" * n,
    "sums": lambda n: "x = " + "a + " * n + "callback(null)",
    "members": lambda n: "callback(null)" + ".a" * n,
    "calls": lambda n: "callback" + "(null)" * n,
    "chain": lambda n: "p" + ".then(() => callback(null))" * n,
    "negations": lambda n: "if (" + "!" * n + "callback) callback(null);",
    "ternaries": lambda n: "a ? b : " * n + "callback(null)",
    "conditions": lambda n: "if (" + "a && " * n + "callback(null)) {}",
    "templates": lambda n: "`${" * n + "callback(null)" + "}`" * n,
    "tries": lambda n: "try { " * n + "callback(null)" + "} catch (e) { callback(e) }" * n,
    "loops": lambda n: "for (const a of b) { " * n + "callback(null)" + "}" * n,
    "aliases": lambda n: (
        "".join(f"const a{i} = {'callback' if i == 0 else f'a{i - 1}'};" for i in range(n)) + f"a{n - 1}(null);"
    ),
    "modules": lambda n: (
        "".join(f"const m{i} = {'require(1)' if i == 0 else f'm{i - 1}'};" for i in range(n)) + f"m{n - 1}.get();"
    ),
    "helpers": lambda n: (
        "".join(f"function h{i}() {{ {'callback(null)' if i == 0 else f'h{i - 1}()'} }}" for i in range(n))
        + f"h{n - 1}();"
    ),
    "flags": lambda n: "".join(f"if (f{i}) g(); if (x{i}) {{ y = {i}; callback(null); }}" for i in range(n)),
    "quotes": lambda n: "'" * n,
    "comments": lambda n: "/*" * n,
}


@pytest.mark.parametrize("depth", [60, 1_200])
@pytest.mark.parametrize("make", DEEP.values(), ids=DEEP.keys())
def test_deep_nesting(make: object, depth: int) -> None:
    assert callable(make)
    source = f"function login(email, password, callback) {{ {make(depth)} }}"
    start = time.process_time()
    check(source)
    # 100 kB of the worst text may take its time, but not as much as a quadratic walk would need.
    assert time.process_time() - start < 10
