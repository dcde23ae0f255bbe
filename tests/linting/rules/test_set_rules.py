"""DB101 to DB111: beyond their own examples, what they must find and what they must leave alone."""

import pytest

from deployer.linting.engine import lint
from deployer.linting.examples import connection_example
from deployer.linting.finding import Severity
from deployer.linting.inputs import ScriptInput
from deployer.linting.registry import own_rules

RULES = [rule for rule in own_rules() if rule.code.startswith(("DB10", "DB11"))]
BODY = "{ callback(null, { user_id: 'x|1' }); }"


def codes(source: str, kind: str | None = "login", context: bool | None = None) -> list[str]:
    report = lint(scripts=[ScriptInput(source, kind, context, address="test")], rules=RULES)
    return [finding.code for finding in report.findings]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("function login(email, password, callback) {", "SyntaxError: Unexpected end of input"),
        ("function login(email, password, callback) { const = 1; }", "SyntaxError: Unexpected token '='"),
        ("function login(email, password, callback) { callback(null)) }", "SyntaxError: Unexpected token ')'"),
        ("def login(email, password):\n  return None", "SyntaxError: Unexpected identifier 'login'"),
        (
            "function login(email, password, callback) { await f(); callback(null); }",
            "await is only valid in async",
        ),
        (
            "function login(e, p, callback) { let a = 1; let a = 2; callback(null); }",
            "Identifier 'a' has already",
        ),
        (
            "function login(e, p, callback) { const a = 1; var a = 2; callback(null); }",
            "Identifier 'a' has already",
        ),
    ],
)
def test_not_javascript(source: str, message: str) -> None:
    report = lint(scripts=[ScriptInput(source, "login", address="test")], rules=RULES)
    assert [finding.code for finding in report.findings] == ["DB101"]
    assert message in report.findings[0].message


@pytest.mark.parametrize(
    "body",
    [
        "var a = 1; var a = 2; callback(null);",
        "let a = 1; { let a = 2; f(a); } callback(null);",
        "function f(email) { var email = 1; } callback(null);",
        "const { a, b: { c = 1 } = {}, ...d } = email ?? {}; callback(null, a?.b?.[c]);",
        "callback(null, `a${`b${email}`}`);",
        "const f = async ([a], { b }) => { for await (const x of a) await x; }; f(); callback(null);",
        "class A { static #x = 1; static { this.y = 2; } get z() { return A.#x; } } callback(null, new A());",
        "label: for (;;) { break label; } callback(null, 1_000n, /[/]\\/(?<year>\\d+)/u);",
        "try { f(); } catch { g(); } callback(null);",
        "switch (email) { case 1: { let a; break; } case 2: { let a; } } callback(null);",
        "email ||= 'x'; email &&= 'y'; email ??= 'z'; email **= 2; callback(null);",
        "if (email) function f() {} callback(null);",
    ],
)
def test_javascript(body: str) -> None:
    assert codes(f"function login(email, password, callback) {{ {body} }}") == []


@pytest.mark.parametrize(
    ("source", "kind", "expected"),
    [
        (f"function login(email, password, callback) {BODY}", "login", []),
        (f"function getByEmail(email, callback) {BODY}", "get_user", []),
        (f"async function login(email, password, callback) {BODY}", "login", []),
        (f"const login = (email, password, callback) => {BODY};", "login", ["DB102"]),
        (f"module.exports = function (email, password, callback) {BODY};", "login", ["DB102"]),
        (f"module.exports = function login(email, password, callback) {BODY};", "login", []),
        (f"function (email, password, callback) {BODY}", "login", ["DB102"]),
        (f"function login(email, password, callback) {BODY}", "get_user", ["DB102", "DB103"]),
        (f"function getUser(email, callback) {BODY}", "get_user", []),
        (f"function helper() {{}}\nfunction getUser(email, callback) {BODY}", "get_user", []),
        (f"function login(email, password, callback) {BODY}", None, []),
    ],
)
def test_names(source: str, kind: str | None, expected: list[str]) -> None:
    assert codes(source, kind) == expected


@pytest.mark.parametrize(
    ("parameters", "kind", "context", "expected"),
    [
        ("email, password, callback", "login", None, []),
        ("email, password, callback", "login", False, []),
        ("email, password, context, callback", "login", None, []),
        ("email, password, context, callback", "login", True, []),
        ("email, password, context, callback", "login", False, ["DB103"]),
        ("email, password, callback", "login", True, ["DB103"]),
        ("email, password, extra, callback", "login", None, ["DB103"]),
        ("email, callback", "login", None, ["DB103"]),
        ("email, password", "login", None, ["DB103"]),
        ("", "login", None, ["DB103"]),
        ("...all", "login", None, []),
        ("email, password = '', done", "login", None, []),
        ("email, newEmail, verified, callback", "change_email", None, []),
        ("email, newEmail, callback", "change_email", None, ["DB103"]),
        ("email, context, callback", "get_user", True, []),
        ("context, callback", "get_user", False, ["DB103"]),
        ("id, callback", "delete", None, []),
        ("{ id }, callback", "delete", None, []),
    ],
)
def test_signatures(parameters: str, kind: str, context: bool | None, expected: list[str]) -> None:
    assert codes(f"function f({parameters}) {{ g(); }}", kind, context) == expected


@pytest.mark.parametrize("source", ["", "  \n", "// nothing here", "const a = 1;", "callback(null);"])
def test_script_without_function(source: str) -> None:
    assert codes(source) == ["DB103"]


@pytest.mark.parametrize(
    ("size", "severities"),
    [(50_000, []), (50_001, [Severity.WARNING]), (100_000, [Severity.WARNING]), (100_001, [Severity.ERROR])],
)
def test_sizes(size: int, severities: list[Severity]) -> None:
    source = f"function login(email, password, callback) {BODY}\n//"
    source += "x" * (size - len(source))
    report = lint(scripts=[ScriptInput(source, "login", address="test")], rules=RULES)
    assert [finding.severity for finding in report.findings] == severities


def test_size_is_in_bytes() -> None:
    assert codes(f"function login(email, password, callback) {BODY}\n//" + "é" * 26_000) == ["DB104"]


@pytest.mark.parametrize(
    ("definition", "missing"),
    [
        ("migration: 'off'\nscripts: {login: x}", []),
        ("migration: 'off'\nscripts: {get_user: x}", ["login"]),
        ("migration: 'off'\nscripts: {}", ["login"]),
        ("migration: trickle\nscripts: {login: x}", ["get_user"]),
        ("migration: trickle\nscripts: {}", ["login", "get_user"]),
        ("migration: complete\nscripts: {login: x}", ["get_user"]),
        ("import_mode: true\nscripts: {login: x}", ["get_user"]),
        ("migration: 'off'\nscripts: {login: x, create: x}", ["get_user"]),
        ("migration: 'off'\nscripts: {login: x, change_password: x, get_user: x}", []),
        ("migration: 'off'\nscripts: {login: x, delete: x, verify: x}", []),
        ("scripts: {create: x}", []),
    ],
)
def test_missing_scripts(definition: str, missing: list[str]) -> None:
    found = [
        finding.message.split()[1]
        for finding in lint([connection_example(definition)], rules=RULES).findings
        if finding.code == "DB105"
    ]
    assert sorted(found) == sorted(missing)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'Please implement the Login script for this database connection'", ["DB106"]),
        (
            "'Please implement the Get User script for this database ' + 'connection at https://manage.auth0.com'",
            ["DB106"],
        ),
        ("`please implement the Change Password script`", ["DB106"]),
        ("'Please implement it'", []),
        ("email /* Please implement the Login script for this database */", []),
    ],
)
def test_default_templates(text: str, expected: list[str]) -> None:
    source = f"function login(email, password, callback) {{ callback(new Error({text})); }}"
    assert codes(source) == expected


def test_unknown_scripts_have_suggestions() -> None:
    found = lint([connection_example("scripts: {getUser: 'f()', logn: 'f()', zzz: 'f()'}")], rules=RULES).findings
    hints = sorted(finding.hint for finding in found if finding.code == "DB107")
    assert hints[0].startswith("Did you mean 'get_user'")
    assert hints[1].startswith("Did you mean 'login'")
    assert hints[2].startswith("The scripts are login, get_user")
