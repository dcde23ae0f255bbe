"""DB204, DB206 and DB207: time limits, error types and connections, in the styles that real scripts have."""

# ruff: noqa: E501 - scripts on one line are easier to compare than to wrap
import pytest

from deployer.linting.engine import lint
from deployer.linting.finding import Severity
from deployer.linting.inputs import ScriptInput
from deployer.linting.registry import own_rules

RULES = [rule for rule in own_rules() if rule.code in {"DB204", "DB206", "DB207"}]
HEADS = {
    "login": "async function login(email, password, callback)",
    "get_user": "async function getUser(email, callback)",
    "create": "async function create(user, callback)",
}


def found(body: str, kind: str = "login") -> list[tuple[str, Severity]]:
    source = f"{HEADS[kind]} {{\n{body}\n}}\n"
    report = lint(scripts=[ScriptInput(source, kind, address="test")], rules=RULES)
    return [(finding.code, finding.severity) for finding in report.findings]


LIMITED = [
    "const axios = require('axios'); axios.get(configuration.URL, { timeout: 5000 });",
    "const axios = require('axios'); axios({ url: configuration.URL, timeout: 5000 });",
    "const axios = require('axios'); const api = axios.create({ baseURL: configuration.URL, timeout: 5000 }); api.get('/a');",
    "const axios = require('axios'); axios.defaults.timeout = 5000; axios.get(configuration.URL);",
    "const axios = require('axios'); axios.get(configuration.URL, options(email));",
    "const axios = require('axios'); axios.get(configuration.URL, { ...shared, headers: {} });",
    "const axios = require('axios'); const o = { headers: {} }; o.timeout = 5000; axios.get(configuration.URL, o);",
    "const LIMIT = 5 * 1000; const request = require('request'); request({ url: configuration.URL, timeout: LIMIT }, callback);",
    "await fetch(configuration.URL, { signal: AbortSignal.timeout(5000) });",
    "const controller = new AbortController(); setTimeout(() => controller.abort(), 5000); await fetch(configuration.URL);",
    "await Promise.race([fetch(configuration.URL), late]);",
    "require('superagent').get(configuration.URL).timeout(5000);",
    "const { Client } = require('pg'); const c = new Client({ connectionTimeoutMillis: 5000 }); c.end();",
    "const { Client } = require('pg@8.16.3'); const c = new Client(settings()); c.end();",
    "const mysql = require('mysql2/promise'); const c = await mysql.createConnection({ connectTimeout: 5000 }); c.end();",
    "const mysql = require('mysql'); const c = mysql.createConnection(configuration.URL + '?connectTimeout=5000'); c.end();",
    "const { MongoClient } = require('mongodb'); const c = new MongoClient(configuration.URL, { timeoutMS: 5000 }); c.close();",
    "const sql = require('mssql'); const p = await sql.connect({ server: configuration.HOST });",
    "const { Connection } = require('tedious'); const c = new Connection({ server: configuration.HOST }); c.close();",
    "other.fetch(configuration.URL);",
    "const Client = function () {}; const c = new Client(); c.run();",
]

UNLIMITED = [
    "const axios = require('axios'); axios.get(configuration.URL);",
    "const axios = require('axios@1.7.2'); axios.post(configuration.URL, { email }, { headers: {} });",
    "const axios = require('axios'); const o = { headers: {} }; axios.get(configuration.URL, o);",
    "const { get } = require('axios'); get(configuration.URL);",
    "const request = require('request'); request.post({ url: configuration.URL, json: { email } }, callback);",
    "const request = require('request'); request(configuration.URL, callback);",
    "require('request')({ url: configuration.URL }, callback);",
    "await fetch(configuration.URL, { method: 'POST' });",
    "const fetch = require('node-fetch'); await fetch(configuration.URL);",
    "const { Client } = require('pg'); const c = new Client({ connectionString: configuration.URL }); c.end();",
    "const pg = require('pg'); global.pool = new pg.Pool({ host: configuration.HOST });",
    "const mysql = require('mysql'); const c = mysql.createConnection({ host: configuration.HOST }); c.end();",
    "const { MongoClient } = require('mongodb'); const c = new MongoClient(configuration.URL); c.close();",
    "const { MongoClient } = require('mongodb'); MongoClient.connect(configuration.URL, callback);",
]

TOO_LONG = [
    "const axios = require('axios'); axios.get(configuration.URL, { timeout: 20000 });",
    "const axios = require('axios'); axios.get(configuration.URL, { timeout: 60 * 1000 });",
    "const axios = require('axios'); axios.get(configuration.URL, { timeout: 0 });",
    "const LIMIT = 30_000; const axios = require('axios'); axios.get(configuration.URL, { timeout: LIMIT });",
    "await fetch(configuration.URL, { signal: AbortSignal.timeout(45000) });",
    "const { Pool } = require('pg'); global.pool = new Pool({ connectionTimeoutMillis: 25000 });",
    "const { Connection } = require('tedious'); const c = new Connection({ options: { requestTimeout: 30000 } }); c.close();",
]


@pytest.mark.parametrize("body", LIMITED)
def test_limit_is_seen(body: str) -> None:
    assert found(body) == []


@pytest.mark.parametrize("body", UNLIMITED)
def test_missing_limit_is_a_warning(body: str) -> None:
    assert found(body) == [("DB204", Severity.WARNING)]


@pytest.mark.parametrize("body", TOO_LONG)
def test_useless_limit_is_an_error(body: str) -> None:
    assert found(body) == [("DB204", Severity.ERROR)]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("login", "callback(new Error('Invalid credentials'));"),
        ("login", "callback(Error('User not found'));"),
        ("login", "const refused = new Error(`Wrong password for ${email}`); callback(refused);"),
        ("login", "callback('Wrong password');"),
        ("login", "callback({ message: 'no' });"),
        ("create", "callback(new Error('User already exists'));"),
        ("create", "callback(new Error('This email is taken'));"),
        ("get_user", "callback(new Error('User not found'));"),
        ("get_user", "callback(new WrongUsernameOrPasswordError(email));"),
    ],
)
def test_wrong_error_types(kind: str, body: str) -> None:
    assert found(body, kind) == [("DB206", Severity.WARNING)]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("login", "callback(new WrongUsernameOrPasswordError(email, 'Wrong password'));"),
        ("login", "callback(new Error('The user service answered ' + email));"),
        ("login", "callback(err);"),
        ("login", "callback(null, { user_id: 'Invalid credentials' });"),
        ("login", "callback();"),
        ("create", "callback(new ValidationError('user_exists', 'User already exists'));"),
        ("create", "callback(new Error('Invalid user'));"),
        ("get_user", "callback(null);"),
        ("get_user", "callback(new Error('The database is down'));"),
    ],
)
def test_right_error_types(kind: str, body: str) -> None:
    assert found(body, kind) == []


LIMITS = "{ connectTimeout: 5000, connectionTimeoutMillis: 5000, timeoutMS: 5000 }"


@pytest.mark.parametrize(
    "body",
    [
        f"const mysql = require('mysql'); const c = mysql.createConnection({LIMITS}); c.query(email, callback);",
        f"const {{ Client }} = require('pg'); const c = new Client({LIMITS}); await c.connect(); c.query(email, callback);",
        f"const {{ Pool }} = require('pg'); const pool = new Pool({LIMITS}); pool.query(email, callback);",
        f"const {{ MongoClient }} = require('mongodb'); const c = new MongoClient('x', {LIMITS}); c.db('a').collection('b');",
        f"const m = require('mysql2/promise'); let c; c = await m.createConnection({LIMITS}); await c.execute(email);",
        (
            f"const {{ Pool }} = require('pg'); global.pool = new Pool({LIMITS}); "
            "const pool = require('pg').pool; pool.connect((err, client, done) => { client.query(email, callback); });"
        ),
    ],
)
def test_leaks(body: str) -> None:
    assert ("DB207", Severity.WARNING) in found(body)


@pytest.mark.parametrize(
    "body",
    [
        f"const mysql = require('mysql'); const c = mysql.createConnection({LIMITS}); c.query(email, () => {{ c.end(); }});",
        f"const {{ Client }} = require('pg'); const c = new Client({LIMITS}); try {{ await c.query(email); }} finally {{ await c.end(); }}",
        f"const {{ Client }} = require('pg'); const c = new Client({LIMITS}); use(c);",
        f"const {{ Client }} = require('pg'); const c = new Client({LIMITS}); return c;",
        f"const {{ Pool }} = require('pg'); global.pool = global.pool || new Pool({LIMITS}); global.pool.query(email, callback);",
        f"const {{ Pool }} = require('pg'); const pool = new Pool({LIMITS}); global.pool = pool; pool.query(email, callback);",
        f"const mysql = require('mysql'); const c = mysql.createConnection({LIMITS}); const close = () => c.destroy(); close();",
    ],
)
def test_no_leaks(body: str) -> None:
    assert found(body) == []
