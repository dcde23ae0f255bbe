"""DB301 to DB308: what they find beyond their examples, and what they leave alone."""

from dataclasses import replace

import pytest

from deployer.linting.analyses.profiles import profiles
from deployer.linting.examples import connection_example, findings_of, script_example
from deployer.linting.finding import Finding, Severity
from deployer.linting.registry import find_rule
from deployer.linting.rule import ConnectionRule


def login(body: str) -> str:
    return f"async function login(email, password, callback) {{\n{body}\n}}"


def found(code: str, body: str) -> list[Finding]:
    return findings_of(find_rule(code), login(body))


def keys(body: str) -> list[tuple[set[str], bool]]:
    return [(set(each.fields), each.open) for each in profiles(script_example(login(body)).script)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("callback(null, { user_id: 1, email });", [({"user_id", "email"}, False)]),
        ("const p = { email }; p.user_id = 'a|1'; callback(null, p);", [({"user_id", "email"}, False)]),
        ("const p = {}; p[key] = 1; callback(null, p);", [(set(), True)]),
        ("const base = { email }; callback(null, { ...base, user_id: 1 });", [({"user_id", "email"}, False)]),
        ("callback(null, { ...row, user_id: 1 });", [({"user_id"}, True)]),
        ("callback(null, Object.assign({ email }, { user_id: 1 }));", [({"user_id", "email"}, False)]),
        (
            "function make(r) { return { user_id: r.id, email }; } callback(null, make(row));",
            [({"user_id", "email"}, False)],
        ),
        ("const make = (r) => ({ user_id: r.id }); const p = make(row); callback(null, p);", [({"user_id"}, False)]),
        (
            "const make = (r) => ({ user_id: r.id }); const p = make(row); p.x = 1; callback(null, p);",
            [({"user_id", "x"}, False)],
        ),
        ("const p = { email }; enrich(p); callback(null, p);", [({"email"}, True)]),
        ("const p = { email }; console.log(p); callback(null, p);", [({"email"}, False)]),
        ("function add(p) { p.user_id = 1; } const p = { email }; add(p); callback(null, p);", [({"email"}, True)]),
        ("function end(err, p) { callback(err, p); } end(null, { user_id: 1 });", [({"user_id"}, False)]),
        ("a().then((r) => ({ user_id: r.id })).then((p) => callback(null, p), callback);", [({"user_id"}, False)]),
        ("a().then(make).then((p) => callback(null, p)); function make(r) { return { email }; }", [({"email"}, False)]),
        ("callback(null, ok ? { user_id: 1 } : null);", [({"user_id"}, False)]),
        ("let p = null; if (ok) p = { user_id: 1 }; callback(null, p);", [({"user_id"}, False)]),
        ("callback(null, await fetchProfile(email));", [(set(), True)]),
        ("callback(null, null); callback(null); callback(new Error('x'));", []),
        ("callback(...args);", []),
    ],
)
def test_profiles_are_followed(body: str, expected: list[tuple[set[str], bool]]) -> None:
    assert keys(body) == expected


@pytest.mark.parametrize(
    "body",
    [
        "callback(null, { id: row.id, email });",
        "callback(null, row);",
        "callback(null, { ...row });",
        "callback(null, mapper(row));",
        "callback(null, null);",
        "const p = _.pick(row, ['user_id']); callback(null, p);",
        "const p = { email }; _.extend(p, row); callback(null, p);",
    ],
)
def test_user_id_may_come_from_elsewhere(body: str) -> None:
    assert found("DB301", body) == []


def test_only_profiles_need_a_user_id() -> None:
    source = "function create(user, callback) { callback(null, { email: user.email }); }"
    assert list(find_rule("DB301").check(script_example(source, "create"))) == []


@pytest.mark.parametrize(
    "made",
    [
        "Math.random().toString(36)",
        "`x|${new Date().getTime()}`",
        "row.id || require('crypto').randomBytes(8).toString('hex')",
        "crypto.createHash('sha256').update(String(Date.now())).digest('hex')",
        "ok ? row.id : nanoid()",
        "String(uuid())",
    ],
)
def test_unstable_ids(made: str) -> None:
    assert [each.code for each in found("DB302", f"callback(null, {{ user_id: {made}, email }});")] == ["DB302"]


@pytest.mark.parametrize(
    "made",
    [
        "'x|' + row.id",
        "crypto.createHash('sha256').update(row.email).digest('hex')",
        "new Date(row.created).getTime() + '|' + row.id",
        "uuidv5(row.id, NAMESPACE)",
        "require('uuid').v5(row.id, NAMESPACE)",
    ],
)
def test_stable_ids(made: str) -> None:
    other = "metadata: { requestId: Math.random(), at: Date.now() }"
    assert found("DB302", f"callback(null, {{ user_id: {made}, {other} }});") == []


def prefixed(value: str, databases: int) -> list[Severity]:
    wanted = find_rule("DB303")
    assert isinstance(wanted, ConnectionRule)
    subject = connection_example("scripts: {}")
    script = script_example(login(f"callback(null, {{ user_id: {value}, email }});"))
    return [
        each.severity for each in wanted.check(replace(subject, scripts={"login": script}, custom_databases=databases))
    ]


def test_bare_keys_are_a_warning_and_with_several_databases_an_error() -> None:
    assert prefixed("row.id", 1) == [Severity.WARNING]
    assert prefixed("String(row._id)", 1) == [Severity.WARNING]
    assert prefixed("row.id.toString()", 2) == [Severity.ERROR]
    assert prefixed("`${row.id}`", 2) == [Severity.ERROR]


@pytest.mark.parametrize("value", ["'a|' + row.id", "`${name}|${row.id}`", "row.user_id", "prefix(row.id)", "id"])
def test_prefixed_or_unknown_ids_are_left_alone(value: str) -> None:
    assert prefixed(value, 2) == []


def compare(first: str, second: str, migration: str = "trickle") -> list[str]:
    wanted = find_rule("DB305")
    assert isinstance(wanted, ConnectionRule)
    scripts = {
        "login": script_example(login(first)),
        "get_user": script_example(f"function getUser(email, callback) {{ {second} }}", "get_user"),
    }
    return [
        each.message for each in wanted.check(replace(connection_example(""), scripts=scripts, migration=migration))
    ]


def test_profiles_are_compared_by_key_and_prefix() -> None:
    same = "callback(null, { user_id: 'a|' + r.id, email });"
    assert compare(same, same) == []
    assert compare(same, "callback(null, { id: 'a|' + r.id, email });") == []
    assert compare(same, "callback(null, { user_id: 'b|' + r.id, email });") == [
        "user_id begins with 'b' here and with 'a' in login"
    ]
    assert compare(same, "callback(null, { user_id: 'a|' + r.id, email, name });") == [
        "login and get_user give different profiles: only get_user has name"
    ]


def test_profiles_that_are_not_known_or_do_not_migrate_are_not_compared() -> None:
    same = "callback(null, { user_id: 'a|' + r.id, email });"
    assert compare(same, "callback(null, row);") == []
    assert compare(same, "callback(null);") == []
    assert compare(same, "callback(null, { user_id: 'b|' + r.id });", "off") == []


@pytest.mark.parametrize(
    "body",
    [
        "callback(null, { user_id: 1, email, salt: row.salt });",
        "callback(null, { user_id: 1, email, user_metadata: { deep: { password: row.p } } });",
        "callback(null, { user_id: 1, email, note: password });",
        "const row = await find(email); if (row.password) callback(null, row);",
        "check(rows[0].pwd); callback(null, rows[0]);",
        "const row = await f(); const { password: hash } = row; check(hash); callback(null, { ...row, user_id: 1 });",
    ],
)
def test_secrets_in_profiles(body: str) -> None:
    assert [each.code for each in found("DB308", body)] == ["DB308"]


@pytest.mark.parametrize(
    "body",
    [
        "callback(null, { user_id: 1, email, password: undefined });",
        "callback(null, { user_id: 1, email, password_reset_required: true, has_password: !!row.password });",
        "callback(null, { user_id: 1, gravatar_hash: row.gravatar, metadata: { passwordChangedAt: row.at } });",
        "const row = await f(); check(row.password); delete row.password; callback(null, row);",
        "const row = await f(); check(row.password); row.password = null; callback(null, row);",
        "const { password: hash, ...rest } = row; check(hash); callback(null, rest);",
        "callback(null, row);",
    ],
)
def test_no_secrets_in_profiles(body: str) -> None:
    assert found("DB308", body) == []


def test_other_profile_findings_leave_other_things_alone() -> None:
    assert (
        found("DB304", "const app_metadata = row.meta; callback(null, { user_id: 1, metadata: app_metadata });") == []
    )
    assert found("DB306", "const access_token = await token(); callback(null, { user_id: 1, email });") == []
    assert found("DB306", "callback(null, { user_id: 1, metadata: { access_token_type: 'none' } });") == []
    assert found("DB307", "callback(null, { user_id: 1, email: null });") == []
    assert found("DB307", "callback(null, { ...row, user_id: 1 });") == []
