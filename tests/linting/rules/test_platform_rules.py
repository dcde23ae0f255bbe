"""The 5xx rules: what they find beyond their examples, and what they leave alone."""

import json

import pytest

from deployer.linting.examples import findings_of, script_example
from deployer.linting.finding import Severity
from deployer.linting.registry import find_rule
from deployer.linting.rule import ScriptRule


def codes(code: str, body: str) -> list[str]:
    wanted = find_rule(code)
    assert isinstance(wanted, ScriptRule)
    subject = script_example(f"async function login(email, password, callback) {{\n{body}\n}}")
    assert not subject.tree.broken
    return [finding.code for finding in wanted.check(subject)]


@pytest.mark.parametrize(
    "body",
    [
        "global.last = email;",
        "globalThis.last = { at: Date.now(), who: email };",
        "global.seen[email] = true;",
        "global.cache.set(email, 1);",
        "const cache = global.cache; cache[email] = 1;",
        "const { cache } = global; cache.list.push(password);",
        "const rows = await db.query('SELECT', [email]); global.rows = rows;",
        "db.query('SELECT', [email], (err, rows) => { global.row = rows[0]; });",
        "axios.post(url, { email }).then((res) => { global.user = res.data; });",
    ],
)
def test_user_data_in_global(body: str) -> None:
    assert codes("DB501", body) == ["DB501"]


@pytest.mark.parametrize(
    "body",
    [
        "global.pool = global.pool || new Pool(configuration.PG_URL);",
        "const { data } = await axios.post(url, { client_id: configuration.ID }); global.token = data.access_token;",
        "global.count = (global.count || 0) + 1;",
        "const cache = {}; cache[email] = 1;",
        "db.query('SELECT', [email], (err) => { if (err) global.lastFailure = err.code; });",
        "const last = global.last; callback(null, { user_id: last + email });",
        "function f(global) { global.x = email; } f({});",
    ],
)
def test_no_user_data_in_global(body: str) -> None:
    assert codes("DB501", body) == []


@pytest.mark.parametrize(
    "body", ["global.pool.query('x');", "const t = global.token.value;", "global.cache[email] = 1;"]
)
def test_uninitialised(body: str) -> None:
    assert codes("DB502", body) == ["DB502"]


@pytest.mark.parametrize(
    "body",
    [
        "global.pool = global.pool || make(); global.pool.query('x');",
        "if (global.token && global.token.value) use(global.token.value);",
        "const t = global.token?.value;",
        "global.cache ??= {}; global.cache.x = 1;",
        "const t = global.token; use(t);",
        "global.console.log('x'); global.Promise.resolve();",
    ],
)
def test_initialised(body: str) -> None:
    assert codes("DB502", body) == []


@pytest.mark.parametrize(
    "body", ["global.access_token = data.access_token;", "if (!global.jwks) global.jwks = await get();"]
)
def test_never_expires(body: str) -> None:
    assert codes("DB503", body) == ["DB503"]


@pytest.mark.parametrize(
    "body",
    [
        "global.token = { value: data.access_token, expiresAt: Date.now() + data.expires_in * 1000 };",
        "global.pool = global.pool || make();",
        "global.token = null;",
        "global.cache = new LRU({ max: 10, ttl: 1000 });",
    ],
)
def test_expires(body: str) -> None:
    assert codes("DB503", body) == []


def in_connection(code: str, body: str, **facts: object) -> list[tuple[str, Severity]]:
    source = f"function login(email, password, callback) {{ {body} }}"
    text = json.dumps({**facts, "scripts": {"login": source}})  # JSON is YAML
    return [(finding.message, finding.severity) for finding in findings_of(find_rule(code), text)]


def test_modules_without_a_version() -> None:
    assert len(in_connection("DB504", "require('pg'); require('pg');", modules={})) == 1
    assert in_connection("DB504", "require('pg');", modules={"pg": "8.16.3"}) == []
    assert in_connection("DB504", "require('mysql2/promise');", modules={"mysql2": "3.11.0"}) == []
    assert (
        in_connection("DB504", "require('pg@8.16.3'); require('crypto'); require('node:fs/promises');", modules={})
        == []
    )
    assert in_connection("DB504", "require('pg');") == []


def test_modules_that_nobody_knows() -> None:
    assert len(in_connection("DB505", "require('reqest');")) == 1
    assert in_connection("DB505", "require('@acme/users/lib/x');", modules={"@acme/users": "1.0.0"}) == []
    assert in_connection("DB505", "require('acme@1.2.3'); require('crypto'); require('request'); require(name);") == []


@pytest.mark.parametrize(
    "body",
    [
        "const bcrypt = require('bcrypt'); bcrypt.hashSync(password, 10);",
        "const { readFileSync } = require('fs'); readFileSync('x');",
        "const { pbkdf2Sync: derive } = require('crypto'); derive(password, 'x', 1, 1, 'sha1');",
        "require('child_process').execSync('id');",
    ],
)
def test_blocking(body: str) -> None:
    assert codes("DB506", body) == ["DB506"]


@pytest.mark.parametrize(
    "body",
    [
        "const bcrypt = require('bcrypt'); bcrypt.hash(password, 10);",
        "store.dataSync(password);",
        "function runSync() {} runSync();",
    ],
)
def test_not_blocking(body: str) -> None:
    assert codes("DB506", body) == []


@pytest.mark.parametrize(
    ("body", "keys", "expected"),
    [
        ("use(configuration.A, configuration['B']);", ["A", "B"], []),
        ("const { A, B: b } = configuration; use(A, b);", ["A", "B"], []),
        ("use(configuration.A, configuration.A);", [], [Severity.ERROR]),
        ("use(1);", ["A"], [Severity.WARNING]),
        ("use(configuration[email]);", ["A"], []),
        ("use(configuration);", ["A"], []),
        ("const { A, ...rest } = configuration; use(rest);", ["A", "B"], []),
        ("if (typeof configuration !== 'undefined') use(configuration.A);", ["A"], []),
    ],
)
def test_configuration(body: str, keys: list[str], expected: list[Severity]) -> None:
    assert [severity for _, severity in in_connection("DB508", body, configuration=keys)] == expected
    assert in_connection("DB508", body) == []


def test_a_key_that_is_read_elsewhere_is_not_taken_for_a_misspelt_one() -> None:
    def hints(second: str) -> list[str]:
        keys = ", ".join(f"configuration.{key}" for key in ("API_CLIENT_ID", "READER_1", second))
        login = f"function login(email, password, callback) {{ check({keys}, email, password, callback); }}"
        text = f"configuration: [API_CLIENT_ID, API_AUDIENCE, READER_1]\nscripts:\n  login: '{login}'\n"
        found = findings_of(find_rule("DB508"), text)
        return [finding.hint for finding in found if finding.severity is Severity.ERROR]

    assert hints("API_CLIENT_SECRET") == ["Declare API_CLIENT_SECRET under `configuration`."]
    assert hints("READER_2") == ["Declare READER_2 under `configuration`."]
    assert hints("API_AUDIENC") == ["did you mean 'API_AUDIENCE'?"]
