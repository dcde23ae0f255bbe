"""What the templates make of every type of column, on real databases: a matrix of types and of what they serve for.

Each cell is a wrong value that legacy tables have led to: an unverified address that counts as verified, two users with
one id, somebody else found by a collation, somebody let in who may not. Run with `-s` to see the matrix.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from deployer.config.models import Tenant
from deployer.config.tree import SecretReference
from deployer.rendering.scripts import render_connection
from deployer.rendering.templates import Templates, shipped_templates
from deployer.runtime.calls import CallResult, ScriptCall
from deployer.runtime.runtime import Runtime

pytestmark = [pytest.mark.node, pytest.mark.npm]

MODULES = {
    "postgres": {"pg": "8.16.3", "bcrypt": "6.0.0"},
    "mysql": {"mysql2": "3.15.3", "bcrypt": "6.0.0"},
    "mongodb": {"mongodb": "6.21.0", "bcrypt": "6.0.0"},
}
KEYS = {"postgres": "PG_URL", "mysql": "MYSQL_URL", "mongodb": "MONGODB_URL"}


@dataclass
class Scripts:
    """Calls the scripts of one store, rendered with variables, in one container that stays."""

    store: str
    url: str
    runtime: Runtime
    loop: asyncio.AbstractEventLoop
    templates: Templates = field(default_factory=lambda: Templates(shipped_templates()))
    rendered: dict[str, dict[str, str]] = field(default_factory=dict)

    def call(self, kind: str, *arguments: Any, **variables: Any) -> CallResult:
        sources = self.rendered.setdefault(repr(variables), self._render(variables))
        call = ScriptCall(sources[kind], kind, arguments, {KEYS[self.store]: self.url})
        return self.loop.run_until_complete(self.runtime.call(call))

    def profile(self, email: str, **variables: Any) -> dict[str, Any] | None:
        """What get_user answers with: a profile, or None. An error fails the test."""
        result = self.call("get_user", email, **variables)
        assert result.outcome != "error", result.error
        return result.value

    def _render(self, variables: dict[str, Any]) -> dict[str, str]:
        if repr(variables) in self.rendered:
            return self.rendered[repr(variables)]
        secret = SecretReference("env", "SECRET")
        definition = {
            "store": self.store,
            "variables": {"tls": False, "bcrypt_cost": 10, **variables},
            "configuration": {KEYS[self.store]: secret},
            "modules": MODULES[self.store],
        }
        tenant = Tenant.model_validate(
            {
                "name": "test",
                "path": "tenants/test.yaml",
                "domain": "test.eu.auth0.com",
                "credentials": {"client_id": "id", "client_secret": secret},
                "connections": {"legacy": definition},
            }
        )
        return render_connection(tenant, "legacy", "test.eu.auth0.com", self.templates).sources


@pytest.fixture(scope="module")
def open_scripts(module_cache) -> Iterator[Callable[[str, str], Scripts]]:
    """A function that opens the scripts of a store at a URL."""
    loop = asyncio.new_event_loop()
    runtimes: list[Runtime] = []

    def open_store(store: str, url: str) -> Scripts:
        runtime = Runtime(cache=module_cache, modules=MODULES[store], containers=1, limit_seconds=10)
        loop.run_until_complete(runtime.__aenter__())
        runtimes.append(runtime)
        return Scripts(store, url, runtime, loop)

    yield open_store
    for runtime in runtimes:
        loop.run_until_complete(runtime.__aexit__(None, None, None))
    loop.close()


@pytest.fixture(scope="module")
def on_postgres(open_scripts, postgres) -> tuple[Scripts, Callable[[str], object]]:
    return open_scripts("postgres", postgres.url), postgres.run_sql


@pytest.fixture(scope="module")
def on_mariadb(open_scripts, mariadb_server) -> tuple[Scripts, Callable[[str], object]]:
    return open_scripts("mysql", mariadb_server.url), mariadb_server.run_sql


@pytest.fixture(scope="module")
def on_mongodb(open_scripts) -> Iterator[tuple[Scripts, Any]]:
    """A server that keeps BSON's types, which nx-27017 does not."""
    pytest.importorskip("bson")
    from tests.support.bson_server import BsonServer

    with BsonServer() as server:
        yield open_scripts("mongodb", server.url), server


@dataclass(frozen=True)
class Flag:
    """A type, values that mean yes and values that mean no, as literals."""

    type: str
    yes: Sequence[str]
    no: Sequence[str]
    before: str = ""


POSTGRES_FLAGS = (
    Flag("boolean", ("true",), ("false", "NULL")),
    Flag("smallint", ("1",), ("0", "2", "-1")),
    Flag("bigint", ("1",), ("0", "9007199254740993")),
    Flag("numeric", ("1", "1.00"), ("0", "0.00", "'NaN'")),
    Flag("real", ("1",), ("0", "'NaN'", "'Infinity'", "'-Infinity'")),
    Flag("bit(1)", ("B'1'",), ("B'0'",)),
    Flag("bit varying(8)", ("B'1'",), ("B'0'", "B'00'", "B''")),
    Flag("char(1)", ("'Y'", "'t'", "'1'"), ("'N'", "'f'", "'0'", "' '")),
    Flag('"char"', ("'t'",), ("'f'",)),
    Flag("char(5)", ("'yes'", "'true'"), ("'no'", "'false'")),
    Flag("text", ("'true'", "'YES'", "'t'"), ("'false'", "'no'", "''", "'undefined'", "'null'", "'date'")),
    Flag(
        "flag_enum",
        ("'yes'",),
        ("'no'",),
        "DROP TYPE IF EXISTS flag_enum CASCADE; CREATE TYPE flag_enum AS ENUM ('yes','no');",
    ),
    Flag("bytea", (r"'\x01'", r"'\x31'"), (r"'\x00'", r"'\x30'", r"'\x'", r"'\x4e'")),
    Flag("timestamp", ("'2020-01-01'",), ("'2999-01-01'", "'infinity'", "'-infinity'", "'epoch'", "NULL")),
    Flag("timestamptz", ("now()",), ("'infinity'", "now() + interval '1 day'")),
    Flag("date", ("'2020-01-01'",), ("'2999-01-01'", "'0001-01-01'", "'4713-01-01 BC'")),
    Flag("json", ("'true'",), ("'false'", "'[true]'", """'{"a": 1}'""", "'null'")),
    Flag("boolean[]", (), ("'{true}'", "'{}'")),
    Flag("interval", (), ("'1 day'",)),
    Flag("uuid", (), ("'00000000-0000-0000-0000-000000000001'",)),
    Flag("money", (), ("0", "1")),
    Flag("inet", (), ("'0.0.0.1'",)),
    Flag("time", (), ("'01:00'",)),
    Flag("point", (), ("'(1,1)'",)),
)
MARIADB_FLAGS = (
    Flag("boolean", ("true",), ("false", "NULL")),
    Flag("bit(1)", ("b'1'",), ("b'0'",)),
    Flag("bit(8)", ("b'1'",), ("b'0'", "b'10'")),
    Flag("bit(64)", ("b'1'",), ("b'0'",)),
    Flag("int unsigned", ("1",), ("0", "2")),
    Flag("bigint", ("1",), ("0", "-1", "9007199254740993")),
    Flag("decimal(5,2)", ("1",), ("0", "0.5")),
    Flag("double", ("1",), ("0", "0.1")),
    Flag("char(1)", ("'Y'", "'y'", "'t'", "'1'"), ("'N'", "'f'", "'0'", "''")),
    Flag("varchar(10)", ("'true'", "'Yes'", "'1 '"), ("'false'", "'no'", "'0'", "'off'", "'date'")),
    Flag("enum('no','yes')", ("'yes'",), ("'no'",)),
    Flag("set('no','yes')", ("'yes'",), ("'no'", "'no,yes'", "''")),
    Flag("binary(1)", ("x'01'", "'1'", "'Y'"), ("x'00'", "'0'", "'N'")),
    Flag("binary(8)", ("'yes'",), ("x'00'", "'no'")),
    Flag("varbinary(8)", ("'true'",), ("'false'", "''", "x'00'")),
    Flag("blob", ("'1'",), ("'0'", "x'ff'")),
    Flag("text", ("'true'",), ("'false'",)),
    Flag("date", ("'2020-01-01'",), ("'0000-00-00'", "'2999-01-01'", "NULL")),
    Flag("datetime", ("'2020-01-01'", "now()"), ("'0000-00-00'", "'2999-01-01'")),
    Flag("timestamp null", ("'2020-01-01'",), ("'0000-00-00'", "'2037-01-01'")),
    Flag("json", (), ("'false'", "'[true]'")),
    Flag("year", (), ("2020", "0")),
    Flag("time", (), ("'00:00:01'",)),
    Flag("uuid", (), ("'00000000-0000-0000-0000-000000000001'",)),
    Flag("inet6", (), ("'::1'",)),
    Flag("point", (), ("point(1,1)",)),
)


def flags(scripts: Scripts, run_sql: Callable[[str], object], cases: Sequence[Flag], serial: str) -> list[str]:
    """A line of the matrix per type; fails for a wrong value."""
    sql, expected, wrong = "", [], []
    if scripts.store == "mysql":
        sql += "SET sql_mode = '';"
    for number, case in enumerate(cases):
        table = f"flags_{number}"
        sql += f"DROP TABLE IF EXISTS {table}; {case.before} CREATE TABLE {table} (id {serial} PRIMARY KEY,"
        sql += f" email varchar(90), password_hash varchar(90), flag {case.type});"
        for row, literal in enumerate([*case.yes, *case.no]):
            email = f"u{row}@example.com"
            sql += f"INSERT INTO {table} (email, flag) VALUES ('{email}', {literal});"
            expected.append((table, case.type, literal, email, literal in case.yes))
    run_sql(sql)
    for table, type_, literal, email, yes in expected:
        profile = scripts.profile(email, table=table, email_verified_column="flag")
        if profile is None or profile["email_verified"] is not yes:
            wrong.append(f"{type_} {literal}: verified is {profile and profile['email_verified']}, not {yes}")
        variables = {"table": table, "email_verified_column": None, "active_column": "flag"}
        active = scripts.call("get_user", email, **variables, active_values=["true", "1", "t", "y", "yes"])
        may = yes and "date" not in type_ and "timestamp" not in type_
        if (active.outcome == "value") is not may:
            wrong.append(f"{type_} {literal}: active is {active.outcome}, not {may}")
    assert not wrong, "\n".join(wrong)
    return [
        f"{scripts.store:9} {case.type.partition('(')[0]:14} verified, active: {len(case.yes)} yes, {len(case.no)} no"
        for case in cases
    ]


@pytest.mark.postgres
def test_flags_of_postgres(on_postgres, capsys):
    shown = flags(*on_postgres, POSTGRES_FLAGS, "serial")
    with capsys.disabled():
        print("\n" + "\n".join(shown))


@pytest.mark.mariadb
def test_flags_of_mariadb(on_mariadb, capsys):
    shown = flags(*on_mariadb, MARIADB_FLAGS, "int AUTO_INCREMENT")
    with capsys.disabled():
        print("\n" + "\n".join(shown))


U1, U2 = "00112233-4455-6677-8899-aabbccddeeff", "00112233-4455-6677-8899-aabbccddeefe"
H1, H2 = U1.replace("-", ""), U2.replace("-", "")
NET1 = "33221100-5544-7766-8899-aabbccddeeff"
JAVA1 = "77665544-3322-1100-ffee-ddccbbaa9988"
SWAPPED1 = "44556677-2233-0011-8899-aabbccddeeff"


@dataclass(frozen=True)
class Id:
    """A type, how the definition says that it is written, two literals, and the id of the first; None: refused."""

    type: str
    first: str
    second: str
    id: str | None
    id_type: str = "plain"
    said: str = ""


POSTGRES_IDS = (
    Id("int", "1", "2", "1"),
    Id("bigint", "9007199254740993", "9007199254740992", "9007199254740993"),
    Id("numeric(30,2)", "1.50", "1.51", "1.50"),
    Id("text", "'abc'", "'ABC'", "abc"),
    Id("text", "'abc'", "'abc '", "abc"),
    Id("char(10)", "'abc'", "'abd'", "abc"),
    Id("uuid", f"'{U1}'", f"'{U2}'", U1),
    Id("bytea", f"'\\x{H1}'", f"'\\x{H2}'", None, said="the id is Buffer: see id_type"),
    Id("bytea", f"'\\x{H1}'", f"'\\x{H2}'", H1, "hex"),
    Id("bytea", f"'\\x{H1}'", f"'\\x{H2}'", U1, "uuid"),
    Id("bytea", f"'\\x{H1}'", f"'\\x{H2}'", NET1, "uuid-dotnet"),
    Id("bytea", f"'\\x{H1}'", f"'\\x{H2}'", JAVA1, "uuid-java"),
    Id("bytea", f"'\\x{H1}'", f"'\\x{H2}'", SWAPPED1, "uuid-swapped"),
    Id("text", "'abc'", "'abd'", None, "uuid", said="the id does not fit id_type"),
    Id("float8", "1.5", "2.5", None, said="the id is Number: see id_type"),
    Id("timestamp", "'2020-01-01'", "'2020-01-02'", None, said="the id is Date: see id_type"),
    Id("jsonb", "'{\"a\": 1}'", "'{\"a\": 2}'", None, said="the id is Object: see id_type"),
    Id("int[]", "'{1}'", "'{2}'", None, said="the id is Array: see id_type"),
    Id("boolean", "true", "false", None, said="the id is Boolean: see id_type"),
)
MARIADB_IDS = (
    Id("int", "1", "2", "1"),
    Id("bigint unsigned", "18446744073709551615", "18446744073709551614", "18446744073709551615"),
    Id("decimal(30,2)", "1.50", "1.51", "1.50"),
    Id("varchar(20)", "'abc'", "'abd'", "abc"),
    Id("varchar(20) COLLATE utf8mb4_bin", "'abc'", "'ABC'", "abc"),
    Id("char(36)", f"'{U1}'", f"'{U2}'", U1),
    Id("uuid", f"'{U1}'", f"'{U2}'", U1),
    Id("binary(16)", f"x'{H1}'", f"x'{H2}'", None, said="the id is Buffer: see id_type"),
    Id("binary(16)", f"x'{H1}'", f"x'{H2}'", H1, "hex"),
    Id("binary(16)", f"x'{H1}'", f"x'{H2}'", U1, "uuid"),
    Id("binary(16)", f"x'{H1}'", f"x'{H2}'", NET1, "uuid-dotnet"),
    Id("binary(16)", f"x'{H1}'", f"x'{H2}'", JAVA1, "uuid-java"),
    Id("binary(16)", f"x'{H1}'", f"x'{H2}'", SWAPPED1, "uuid-swapped"),
    Id("varbinary(20)", "x'80'", "x'81'", "80", "hex"),
    Id("bit(8)", "b'1'", "b'10'", None, said="the id is Buffer: see id_type"),
    Id("int", "1", "2", None, "hex", said="the id does not fit id_type"),
    Id("double", "1.5", "2.5", None, said="the id is Number: see id_type"),
    Id("datetime", "'2020-01-01'", "'2020-01-02'", None, said="the id is Date: see id_type"),
)


def ids(scripts: Scripts, run_sql: Callable[[str], object], cases: Sequence[Id]) -> list[str]:
    """A line of the matrix per type; fails for ids that are wrong, shared, or that `delete` does not take."""
    sql, wrong = "", []
    for number, case in enumerate(cases):
        primary = "" if "json" in case.type else "PRIMARY KEY"
        sql += f"DROP TABLE IF EXISTS ids_{number};"
        sql += f"CREATE TABLE ids_{number} (id {case.type} {primary}, email varchar(90), password_hash varchar(90));"
        rows = f"({case.first}, 'a@example.com'), ({case.second}, 'b@example.com')"
        sql += f"INSERT INTO ids_{number} (id, email) VALUES {rows};"
    run_sql(sql)
    for number, case in enumerate(cases):
        variables = {"table": f"ids_{number}", "email_verified_column": None, "id_type": case.id_type}
        results = [scripts.call("get_user", email, **variables) for email in ("a@example.com", "b@example.com")]
        wrong += judge_ids(scripts, case, results, variables)
    assert not wrong, "\n".join(wrong)
    return [line(scripts, case) for case in cases]


def line(scripts: Scripts, case: Id) -> str:
    return f"{scripts.store:9} {case.type:32} id, {case.id_type:12} {case.id or 'refused: ' + case.said}"


def judge_ids(scripts: Scripts, case: Id, results: list[CallResult], variables: dict[str, Any]) -> Iterator[str]:
    what = f"{case.type} {case.first} {case.id_type}"
    if case.id is None:
        for result in results:
            if result.error is None or f"({case.said})" not in result.error.message:
                yield f"{what}: {result.error or result.value}"
        return
    found = [result.value and result.value["user_id"] for result in results]
    if found[0] != f"legacy|{case.id}" or found[0] == found[1] or found[1] is None:
        yield f"{what}: the ids are {found}, {[result.error for result in results]}"
        return
    deleted = scripts.call("delete", found[0], **variables)
    left = [scripts.profile(email, **variables) is not None for email in ("a@example.com", "b@example.com")]
    if deleted.outcome == "error" or left != [False, True]:
        yield f"{what}: after delete there are {left}, {deleted.error}"


@pytest.mark.postgres
def test_ids_of_postgres(on_postgres, capsys):
    shown = ids(*on_postgres, POSTGRES_IDS)
    with capsys.disabled():
        print("\n" + "\n".join(shown))


@pytest.mark.mariadb
def test_ids_of_mariadb(on_mariadb, capsys):
    shown = ids(*on_mariadb, MARIADB_IDS)
    with capsys.disabled():
        print("\n" + "\n".join(shown))


# Asked for, stored: another person for us, and for some collation the same.
OTHERS = (
    ("josé@example.com", "jose@example.com"),
    ("jose@example.com", "josé@example.com"),
    ("\u0131lse@example.com", "ilse@example.com"),
    ("ada\uff20example.com@x", "ada@example.com@x"),  # a full-width sign
    ("\uff41da@example.com", "ada@example.com"),
    ("strasse@example.com", "straße@example.com"),
    ("æva@example.com", "aeva@example.com"),
)
# Asked for, stored: the same person.
SAME = (
    ("ada@example.com", "Ada@Example.com"),
    ("ADA@EXAMPLE.COM", "ada@example.com"),
    ("İpek@example.com", "İpek@example.com"),
    ("José@example.com", "josé@example.com"),
)
COLLATIONS = ("utf8mb4_general_ci", "utf8mb4_unicode_ci", "utf8mb4_uca1400_ai_ci", "utf8mb4_bin", "utf8mb4_swedish_ci")


def addresses(scripts: Scripts, run_sql: Callable[[str], object], type_: str, match: str, hash_: str) -> list[str]:
    """What is wrong with whom the scripts find, and change, by address."""
    wrong = []
    create = f"CREATE TABLE people (id int PRIMARY KEY, email {type_}, password_hash varchar(90));"
    variables = {"table": "people", "email_verified_column": None, "email_match": match}
    for asked, stored in (*OTHERS, *SAME):
        run_sql(f"DROP TABLE IF EXISTS people; {create} INSERT INTO people VALUES (7, '{stored}', '{hash_}');")
        same = (asked, stored) in SAME
        profile = scripts.profile(asked, **variables)
        if same and match == "exact" and profile is None:
            continue  # with `exact`, columns hold lower case, or their collation ignores case
        if (profile is not None) is not same:
            wrong.append(f"{type_} {match}: {asked} for {stored} found {profile}")
        changed = scripts.call("change_password", asked, "Another-Password-1!", **variables)
        if (changed.value is True) is not same:
            wrong.append(f"{type_} {match}: change_password of {asked} for {stored}: {changed.value} {changed.error}")
        old = scripts.call("login", stored, "Correct-Horse-1", **variables)
        if (old.outcome == "value") is same:
            wrong.append(f"{type_} {match}: the hash of {stored} after change_password of {asked}: {old.outcome}")
    return wrong


@pytest.mark.postgres
@pytest.mark.parametrize("type_", ["text", "char(60)"])
@pytest.mark.parametrize("match", ["lower", "exact"])
def test_addresses_of_postgres(on_postgres, password_hash, match, type_):
    assert not addresses(*on_postgres, type_, match, password_hash)


@pytest.mark.mariadb
@pytest.mark.parametrize("match", ["lower", "exact"])
@pytest.mark.parametrize("collation", COLLATIONS)
def test_addresses_of_mariadb(on_mariadb, password_hash, match, collation):
    assert not addresses(*on_mariadb, f"varchar(60) COLLATE {collation}", match, password_hash)


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("get_user", ("ada@example.com",)),
        ("login", ("ada@example.com", "Correct-Horse-1")),
        ("change_password", ("ada@example.com", "Another-Password-1!")),
    ],
)
def test_two_users_with_one_address_are_refused(on_postgres, password_hash, kind, arguments):
    scripts, run_sql = on_postgres
    run_sql(
        "DROP TABLE IF EXISTS twins; CREATE TABLE twins (id int, email text, password_hash text);"
        f"INSERT INTO twins VALUES (1, 'ada@example.com', '{password_hash}');"
        f"INSERT INTO twins VALUES (2, 'Ada@example.com', '{password_hash}');"
    )
    variables = {"table": "twins", "email_verified_column": None}
    result = scripts.call(kind, *arguments, **variables)
    assert result.error is not None
    assert "(several users have this name)" in result.error.message


ROWS_OF_MEMBERS = {
    "ok": "true, NULL, NULL, 'a', 'x', NULL, '2020-01-01', '2999-01-01'",
    "inactive": "false, NULL, NULL, 'a', 'x', NULL, '2020-01-01', NULL",
    "locked": "true, now() + interval '1 hour', NULL, 'a', 'x', NULL, '2020-01-01', NULL",
    "locked-for-ever": "true, 'infinity', NULL, 'a', 'x', NULL, '2020-01-01', NULL",
    "unlocked": "true, now() - interval '1 hour', NULL, 'a', 'x', NULL, '2020-01-01', NULL",
    "deleted": "true, NULL, now(), 'a', 'x', NULL, '2020-01-01', NULL",
    "is": "true, NULL, NULL, 'c', 'x', NULL, '2020-01-01', NULL",
    "not": "true, NULL, NULL, 'a', 'banned', NULL, '2020-01-01', NULL",
    "null": "true, NULL, NULL, 'a', 'x', 1, '2020-01-01', NULL",
    "early": "true, NULL, NULL, 'a', 'x', NULL, '2999-01-01', NULL",
    "late": "true, NULL, NULL, 'a', 'x', NULL, '2020-01-01', '2020-01-01'",
    "unknown": "NULL, NULL, NULL, 'a', 'x', NULL, NULL, NULL",
}


@pytest.mark.postgres
@pytest.mark.parametrize(("name", "values"), ROWS_OF_MEMBERS.items(), ids=ROWS_OF_MEMBERS.keys())
def test_who_may_not_log_in_is_refused_everywhere(on_postgres, password_hash, name, values):
    """login, reset and import; and the address stays taken."""
    scripts, run_sql = on_postgres
    run_sql(
        "DROP TABLE IF EXISTS members; CREATE TABLE members (id serial, email text, password_hash text, active boolean,"
        " locked timestamptz, deleted timestamptz, kind text, banned text, merged int, valid_from date, valid_to date);"
        "INSERT INTO members"
        " (email, password_hash, active, locked, deleted, kind, banned, merged, valid_from, valid_to)"
        f" VALUES ('{name}@example.com', '{password_hash}', {values});"
    )
    variables = {
        "table": "members",
        "email_verified_column": None,
        "active_column": "active",
        "locked_until_column": "locked",
        "deleted_at_column": "deleted",
        "where": [
            {"column": "kind", "in": ["a", "B"]},
            {"column": "banned", "not": "Banned"},
            {"column": "merged", "null": True},
            {"column": "valid_from", "before_now": True},
            {"column": "valid_to", "before_now": False},
        ],
    }
    may, email = name in ("ok", "unlocked"), f"{name}@example.com"
    login = scripts.call("login", email, "Correct-Horse-1", **variables)
    found = scripts.call("get_user", email, **variables)
    reset = scripts.call("change_password", email, "Correct-Horse-1", **variables)
    again = scripts.call("create", {"email": email, "password": "Correct-Horse-1"}, **variables)
    assert again.error is not None
    assert again.error.is_validation("user_exists")
    if may:
        assert [login.outcome, found.outcome, reset.value] == ["value", "value", True]
    else:
        assert login.error is not None
        assert login.error.is_wrong_credentials()
        assert [found.outcome, reset.outcome] == ["error", "error"]


def test_values_of_mongodb(on_mongodb, password_hash, capsys):
    """BSON's types, by the real driver: flags and ids."""
    import datetime as dt

    from bson import Binary, Decimal128, Int64, ObjectId, Regex, Timestamp
    from bson.max_key import MaxKey

    scripts, people = on_mongodb
    past, future = dt.datetime(2020, 1, 1), dt.datetime(2999, 1, 1)  # noqa: DTZ001  as pymongo gives them
    yes = [True, 1, 1.0, Int64(1), Decimal128("1"), "true", "Y", "yes", Binary(b"\x01", 0), Binary(b"1", 0), past]
    no = [
        False,
        0,
        0.0,
        Int64(0),
        Decimal128("0"),
        Decimal128("NaN"),
        float("nan"),
        float("inf"),
        "false",
        "N",
        "no",
        "",
    ]
    no += [None, Binary(b"\x00", 0), Binary(b"0", 0), Binary(b"", 0), future, dt.datetime(1970, 1, 1)]  # noqa: DTZ001
    no += [[True], ["yes"], {"verified": True}, {}, ObjectId(), Regex("1"), Timestamp(1, 1), MaxKey(), Int64(2**60)]
    wrong: list[str] = []
    flags = enumerate([*yes, *no])
    people.fill(*({"_id": n, "email": f"u{n}@example.com", "email_verified": value} for n, value in flags))
    for number, value in enumerate([*yes, *no]):
        profile = scripts.profile(f"u{number}@example.com", collection="people")
        if profile is None or profile["email_verified"] is not (number < len(yes)):
            wrong.append(f"{value!r}: {profile}")
    assert not wrong, "\n".join(wrong)

    oid = ObjectId()
    raw, other = bytes.fromhex(H1), bytes.fromhex(H2)
    cases = [
        (Id("ObjectId", "", "", str(oid), "objectid"), oid, ObjectId()),
        (Id("string", "", "", "abc", "objectid"), "abc", "abd"),
        (Id("string", "", "", "abc", "uuid"), "abc", "abd"),
        (Id("int", "", "", "5", "objectid"), 5, 6),
        (Id("long", "", "", str(2**60), "objectid"), Int64(2**60), Int64(2**60 + 1)),
        (Id("Binary 4", "", "", U1, "objectid"), Binary(raw, 4), Binary(other, 4)),
        (Id("Binary 4", "", "", U1, "uuid-binary"), Binary(raw, 4), Binary(other, 4)),
        (
            Id("Binary 0", "", "", None, "objectid", said="the id is Binary: see id_type"),
            Binary(raw, 0),
            Binary(other, 0),
        ),
        (
            Id("Binary 3", "", "", None, "objectid", said="the id is Binary: see id_type"),
            Binary(raw, 3),
            Binary(other, 3),
        ),
        (Id("Binary 0", "", "", H1, "hex"), Binary(raw, 0), Binary(other, 0)),
        (Id("Binary 3", "", "", NET1, "uuid-dotnet"), Binary(raw, 3), Binary(other, 3)),
        (Id("Binary 3", "", "", JAVA1, "uuid-java"), Binary(raw, 3), Binary(other, 3)),
        (Id("document", "", "", None, "objectid", said="the id is Object: see id_type"), {"a": 1}, {"a": 2}),
        (Id("date", "", "", None, "objectid", said="the id is Date: see id_type"), past, future),
        (Id("double", "", "", None, "objectid", said="the id is Number: see id_type"), 1.5, 2.5),
        (Id("boolean", "", "", None, "objectid", said="the id is Boolean: see id_type"), True, False),
    ]
    for case, first, second in cases:
        people.fill({"_id": first, "email": "a@example.com"}, {"_id": second, "email": "b@example.com"})
        variables = {"collection": "people", "email_verified_field": None, "id_type": case.id_type}
        results = [scripts.call("get_user", email, **variables) for email in ("a@example.com", "b@example.com")]
        wrong += judge_ids(scripts, case, results, variables)
    assert not wrong, "\n".join(wrong)

    people.fill({"_id": 1, "email": ["ada@example.com"], "password_hash": password_hash})
    assert scripts.profile("ada@example.com", collection="people") is None
    with capsys.disabled():
        print(f"\nmongodb   {len(yes)} values verified, {len(no)} not")
        print("\n".join(line(scripts, case) for case, *_ in cases))


@pytest.mark.mariadb
@pytest.mark.parametrize("type_", ["date", "datetime", "timestamp NULL"])
def test_a_date_of_zeros_is_no_date(on_mariadb, type_):
    """The driver makes an invalid date of it, or one in 1899, by the type of the column."""
    scripts, run_sql = on_mariadb
    run_sql(
        "SET sql_mode = ''; DROP TABLE IF EXISTS zeros;"
        "CREATE TABLE zeros"
        f" (id int AUTO_INCREMENT PRIMARY KEY, email varchar(90), password_hash text, at {type_});"
        "INSERT INTO zeros (email, at) VALUES ('zero@example.com', '0000-00-00'), ('null@example.com', NULL),"
        " ('past@example.com', '2020-01-01'), ('future@example.com', '2037-01-01');"
    )

    def let_in(table: str = "zeros", **variables: Any) -> list[str]:
        variables = {"table": table, "email_verified_column": None, **variables}
        names = ("zero", "null", "past", "future")
        found = (scripts.call("get_user", f"{name}@example.com", **variables) for name in names)
        return [name for name, result in zip(names, found, strict=True) if result.outcome == "value"]

    assert let_in(deleted_at_column="at") == ["zero", "null"]
    assert let_in(locked_until_column="at") == ["zero", "null", "past"]
    assert let_in(where=[{"column": "at", "before_now": True}]) == ["past"]
    assert let_in(where=[{"column": "at", "before_now": False}]) == ["null", "future"]
