"""DB401 to DB410: what they find beyond their examples, and what they leave alone."""

from dataclasses import replace

import pytest

from deployer.linting.examples import connection_example, findings_of, script_example
from deployer.linting.registry import find_rule
from deployer.linting.rule import ConnectionRule, ScriptRule


def codes(code: str, body: str, kind: str = "login") -> list[str]:
    heads = {
        "login": "async function login(email, password, callback)",
        "create": "async function create(user, callback)",
        "delete": "async function deleteUser(id, callback)",
        "change_password": "async function changePassword(email, newPassword, callback)",
        "get_user": "async function getUser(email, callback)",
    }
    wanted = find_rule(code)
    assert isinstance(wanted, ScriptRule)
    subject = script_example(f"{heads[kind]} {{\n{body}\n}}", kind)
    assert not subject.tree.broken
    return [finding.code for finding in wanted.check(subject)]


@pytest.mark.parametrize(
    "body",
    [
        "const url = 'postgres://app:s3cr3t@db.acme.com/users';",
        "const url = `mysql://app:s3cr3t@${host}/users`;",
        "const text = 'Server=db.acme.com;User Id=sa;Password=Passw0rd;';",
        "const x = { accessKeyId: 'AKIAIOSFODNN7ABCDEFG' };",
        "const pem = '-----BEGIN RSA PRIVATE KEY-----\\nMIIB';",
        "const headers = { Authorization: 'Bearer q8Zk29vLmX0pTrw7' };",
        "const headers = { Authorization: 'Basic YWRtaW46c2VjcmV0' };",
        "const CLIENT_SECRET = 'hW3x-8sKq_72LmZ0pQ';",
        "options.apiKey = 'a81f0c3b97d24e6f';",
        "db.connect({ server: 'db.acme.com', userName: 'sa', password: 'letmein' });",
        "crypto.createHmac('sha256', 'our shared key').update(email);",
        "if (password === 'open-sesame') return callback(null, {});",
    ],
)
def test_hard_coded_secrets(body: str) -> None:
    assert codes("DB401", body) == ["DB401"]


@pytest.mark.parametrize(
    "body",
    [
        "const url = 'postgres://app:<password>@db.acme.com/users';",
        "const url = 'postgres://app:test@localhost/users';",
        "const url = `mysql://app:${configuration.PASS}@db.acme.com/users`;",
        "const url = 'https://api.acme.com:8443/users/@me';",
        "const PASSWORD_COLUMN = 'password_hash_v2_2019';",
        "const TOKEN_ERROR = 'invalid_token';",
        "const token = 'access-token-cache-v1';",
        "const secretName = 'projects/1234567/secrets/db-pass-2019';",
        "const text = 'Wrong password; password = too short';",
        "db.connect({ host: '127.0.0.1', user: 'dev', password: 'dev' });",
        "const form = { type: 'text', name: 'email', password: 'Password' };",
        "if (password === '') return callback(new Error('x'));",
        "const query = 'SELECT password FROM users WHERE email = $1';",
        "const key = 'user:profile:2024';",
        "callback(new Error('The password must have 8 characters'));",
        "const id = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';",
    ],
)
def test_no_secrets(body: str) -> None:
    assert codes("DB401", body) == []


@pytest.mark.parametrize(
    "body",
    [
        "db.query('SELECT * FROM u WHERE e = ' + email);",
        "let sql = 'SELECT * FROM u'; sql += ` WHERE e = '${email}'`; db.query(sql);",
        "const o = { text: `SELECT * FROM u WHERE e = '${email}'` }; db.query(o);",
        "const o = {}; o.sql = 'DELETE FROM u WHERE e = ' + email; db.execute(o);",
        "const e = email.trim().toLowerCase(); db.query('SELECT 1 FROM u WHERE e = \"' + e + '\"');",
        "function q(v) { return \"'\" + v + \"'\"; } db.query('SELECT 1 FROM u WHERE e = ' + q(email));",
        "const r = require('request'); r.get('https://x.io/u/' + email);",
        "require('request')('https://x.io/u/' + email);",
        "const { get: load } = require('axios'); load('https://x.io/u/' + email);",
        "const a = require('axios'); const api = a.create({}); api.get(`https://x.io/u?e=${email}`);",
        "fetch('https://x.io/u?e=' + email);",
        "fetch(new URL(`/u/${email}`, configuration.API));",
        "users.find({ $where: `this.email == '${email}'` });",
        "users.findOne({ email: { $regex: email } });",
        "const re = new RegExp('^' + email); users.findOne({ email: re });",
        "const { exec } = require('child_process'); exec('id ' + email);",
        "const { spawn } = require('child_process'); spawn('id', [email], { shell: true });",
    ],
)
def test_injections(body: str) -> None:
    assert codes("DB402", body) == ["DB402"]


@pytest.mark.parametrize(
    "body",
    [
        "db.query('SELECT * FROM u WHERE e = $1', [email]);",
        "db.query({ text: 'SELECT * FROM u WHERE e = $1', values: [email] });",
        "db.query('SELECT * FROM u WHERE e = ' + mysql.escape(email));",
        "db.query('SELECT * FROM u WHERE n = ' + Number(email));",
        "const n = parseInt(email, 10); db.query(`SELECT * FROM u WHERE n = ${n}`);",
        "if (!/^[a-z]+$/.test(email)) return callback(null); db.query(`SELECT * FROM u WHERE n = '${email}'`);",
        "if (!['a', 'b'].includes(email)) return callback(null); db.query(`SELECT * FROM u WHERE n = '${email}'`);",
        "const c = email.includes('@') ? 'email' : 'name'; db.query(`SELECT * FROM u WHERE ${c} = $1`, [email]);",
        "const safe = email.replace(/[^a-z0-9@.]/g, ''); db.query(`SELECT * FROM u WHERE e = '${safe}'`);",
        "await sql.query`SELECT * FROM u WHERE e = ${email}`;",
        "db.query(`SELECT * FROM ${configuration.TABLE} WHERE e = ?`, [email]);",
        "const row = await find(email); db.query('SELECT * FROM u WHERE id = ' + row.id);",
        "fetch('https://x.io/u?e=' + encodeURIComponent(email));",
        "const u = new URL('https://x.io/u'); u.searchParams.set('e', email); fetch(u);",
        "require('axios').get('https://x.io/u', { params: { e: email } });",
        "users.findOne({ email: email });",
        "users.findOne({ $or: [{ email }, { name: email }] });",
        "users.findOne({ email: new RegExp('^' + escapeRegExp(email) + '$') });",
        "require('child_process').execFile('id', [email]);",
        "callback(new Error('SELECT failed for ' + email));",
        "console.log('SELECT * FROM u WHERE e = ' + email);",
        "client.search('where is ' + email);",
    ],
)
def test_no_injections(body: str) -> None:
    assert codes("DB402", body) == []


def test_an_injection_points_at_the_value() -> None:
    text = "function login(email, password, callback) {\n  db.query(`SELECT * FROM u WHERE e = '${email}'`);\n}"
    finding = findings_of(find_rule("DB402"), text)[0]
    assert (finding.line, finding.column, finding.end_column) == (2, 42, 47)


@pytest.mark.parametrize(
    "body",
    [
        "fetch('http://api.acme.com/');",
        "const API_URL = 'http://api.acme.com'; send(API_URL);",
        "fetch(`http://${configuration.HOST}/login`);",
        "const x = require('axios').create({ baseURL: 'HTTP://10.0.0.4/api' });",
        "const where = 'http://api.acme.com'; fetch(where + '/login');",
        "require('http').get({ host: 'api.acme.com', path: '/' });",
    ],
)
def test_plain_http(body: str) -> None:
    assert codes("DB403", body) == ["DB403"]


@pytest.mark.parametrize(
    "body",
    [
        "fetch('https://api.acme.com/');",
        "fetch('http://localhost:3000/'); fetch('http://127.0.0.1/'); fetch('http://[::1]:80/'); fetch('http://localhost');",
        "const roles = claims['http://acme.com/roles'];",
        "const profile = { 'http://acme.com/roles': [] };",
        "const ns = 'http://www.w3.org/2001/XMLSchema';",
        "if (link.startsWith('http://')) link = upgrade(link);",
        "throw new Error('see http://docs.acme.com/help');",
    ],
)
def test_no_plain_http(body: str) -> None:
    assert codes("DB403", body) == []


def test_http_findings_keep_passwords_of_the_address_to_themselves() -> None:
    text = "function login(email, password, callback) { fetch('http://me:hunter22@api.acme.com/'); }"
    message = findings_of(find_rule("DB403"), text)[0].message
    assert "hunter22" not in message
    assert "api.acme.com" in message


@pytest.mark.parametrize(
    "body",
    [
        "const agent = new Agent({ rejectUnauthorized: false });",
        "const verify = false; const agent = new Agent({ rejectUnauthorized: verify });",
        "options.strictSSL = false;",
        "process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = 0;",
        "const url = 'postgres://db.acme.com/users?sslmode=disable';",
        "const url = 'Server=db.acme.com;Encrypt=True;TrustServerCertificate=True';",
        "const url = 'server=db.acme.com;trustservercertificate=yes';",
        "sql.connect({ server: 'db.acme.com', options: { trustServerCertificate: true } });",
        "new MongoClient(url, { tlsAllowInvalidCertificates: true });",
    ],
)
def test_tls_off(body: str) -> None:
    assert codes("DB404", body) == ["DB404"]


@pytest.mark.parametrize(
    "body",
    [
        "const agent = new Agent({ rejectUnauthorized: true });",
        "const agent = new Agent({ rejectUnauthorized: configuration.VERIFY !== 'no' });",
        "sql.connect({ server: 'localhost', options: { trustServerCertificate: true, encrypt: false } });",
        "const url = 'postgres://localhost/users?sslmode=disable';",
        "const url = 'postgres://db.acme.com/users?sslmode=verify-full';",
        "const help = 'sslmode=disable is not allowed';",
        "crypto.encrypt(email);",
    ],
)
def test_tls_on(body: str) -> None:
    assert codes("DB404", body) == []


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("login", "console.log(email, password);"),
        ("login", "console.error(`failed: ${JSON.stringify({ email, password })}`);"),
        ("login", "const p = password; console.log('with ' + p);"),
        ("login", "console.log(configuration);"),
        ("login", "console.warn('key', configuration.API_KEY);"),
        ("login", "logger.info({ token: body.access_token });"),
        ("create", "console.log('new', user);"),
        ("create", "console.log(user.password);"),
        ("change_password", "console.info(newPassword || 'none');"),
    ],
)
def test_credentials_in_the_log(kind: str, body: str) -> None:
    assert codes("DB405", body, kind) == ["DB405"]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("login", "console.log(email, password.length, !!password, typeof password);"),
        ("login", "console.log('password', password ? 'given' : 'missing');"),
        ("login", "const PASSWORD_FIELD = 'pwd'; console.log(PASSWORD_FIELD);"),
        ("login", "console.log('wrong password for ' + email);"),
        ("login", "console.log(mask(password), configuration.API_URL, err.message);"),
        ("login", "const tokenExpires = body.token.expires; console.log(tokenExpires, body.token_type);"),
        ("create", "console.log('new', user.email);"),
    ],
)
def test_harmless_logs(kind: str, body: str) -> None:
    assert codes("DB405", body, kind) == []


def test_databases_are_named_once_and_apis_are_not() -> None:
    assert codes("DB406", "require('pg'); require('mysql2/promise');") == ["DB406"]
    assert codes("DB406", "require('axios'); require('crypto'); require('request@2.88.2');") == []


def connection_codes(code: str, text: str) -> list[str]:
    return [finding.code for finding in findings_of(find_rule(code), text)]


@pytest.mark.parametrize("access", ["[]", "[tls, ip-allowlist]", "[client-credentials]", "[mutual-tls, ip-allowlist]"])
def test_other_protection_than_an_allowlist(access: str) -> None:
    assert connection_codes("DB407", f"access: {access}") == []
    assert connection_codes("DB407", "name: unknown") == []


GRANT = """scripts:
  login: |
    function login(email, password, callback) {
      post(configuration.TOKEN_URL, { grant_type: 'client_credentials', audience: configuration.AUDIENCE }, callback);
    }
"""


def test_audiences_need_a_guard() -> None:
    assert connection_codes("DB408", "guards: []\n" + GRANT) == ["DB408"]
    assert connection_codes("DB408", "audience: a\nguards: []") == ["DB408"]
    assert connection_codes("DB408", "audience: a\nrestricted_audiences: [b]") == ["DB408"]


def test_a_rule_guards_no_audience() -> None:
    rule_made = "guards: [restrict-audience]\nguard_type: rule\n"
    assert connection_codes("DB408", rule_made + GRANT) == ["DB408"]
    assert connection_codes("DB408", rule_made + "audience: a\nrestricted_audiences: []") == ["DB408"]


def test_guarded_and_unknown_audiences_are_left_alone() -> None:
    assert connection_codes("DB408", "guards: [restrict-audience]\n" + GRANT) == []
    assert connection_codes("DB408", GRANT) == []
    assert connection_codes("DB408", "audience: a\nrestricted_audiences: [a]\nguards: []") == []
    assert connection_codes("DB408", "guards: []") == []


@pytest.mark.parametrize(
    "body", ["new Function('a', text)(1);", "setTimeout('retry()', 100);", "require('vm').runInThisContext(text);"]
)
def test_dynamic_code(body: str) -> None:
    assert codes("DB409", body) == ["DB409"]


@pytest.mark.parametrize(
    "body",
    [
        "setTimeout(() => retry(), 100); setTimeout(retry, 100);",
        "const f = function eval2() {}; f();",
        "db.eval('return 1');",
        "if (x instanceof Function) x();",
        "function evaluate(x) { return x; } evaluate('1');",
        "redis.runScript('return 1');",
    ],
)
def test_no_dynamic_code(body: str) -> None:
    assert codes("DB409", body) == []


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("login", "if (password == row.pwd) ok();"),
        ("login", "const h = md5(password); if (h === row.h) ok();"),
        ("login", "const h = crypto.createHash('sha256'); h.update(password); if (h.digest('hex') == row.h) ok();"),
        (
            "login",
            "const h = crypto.createHash('sha512').update(row.salt + password).digest('hex'); if (h === row.h) ok();",
        ),
        ("login", "const k = crypto.pbkdf2Sync(password, row.s, 1, 2, 'sha1').toString('hex'); if (k === row.k) ok();"),
        (
            "login",
            "const d = (p) => crypto.createHash('sha1').update(p).digest(); crypto.timingSafeEqual(d(password), k);",
        ),
        ("login", "db.query('SELECT id FROM u WHERE e = $1 AND pass_word = $2', [email, password]);"),
        ("login", "db.query('SELECT id FROM u WHERE e = ? AND pass = MD5(?)', [email, password]);"),
        ("login", "users.findOne({ email, pwd: password });"),
        ("create", "db.query('INSERT INTO u SET ?', { email: user.email, password: user.password });"),
        ("create", "users.insertOne({ email: user.email, auth: { password: user.password } });"),
        ("change_password", "db.query('UPDATE u SET pwd = ? WHERE e = ?', [newPassword, email]);"),
        ("change_password", "users.updateOne({ email }, { $set: { password: md5(newPassword) } });"),
    ],
)
def test_weak_checks(kind: str, body: str) -> None:
    assert codes("DB410", body, kind) == ["DB410"]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("login", "if (!password || password === '' || password === undefined || password.length === 0) no();"),
        ("login", "if (password === email) no();"),
        (
            "login",
            "const h = crypto.createHash('sha256').update(password).digest(); bcrypt.compare(h, row.hash, done);",
        ),
        ("login", "const h = crypto.createHash('sha256').update(row.etag).digest('hex'); if (h === row.h) ok();"),
        ("login", "crypto.scrypt(password, row.salt, 64, (err, key) => crypto.timingSafeEqual(key, row.key));"),
        ("login", "db.query('SELECT id FROM u WHERE e = $1 AND hash = crypt($2, hash)', [email, password]);"),
        ("login", "db.query('SELECT * FROM check_login($1, $2)', [email, password]);"),
        ("login", "db.query('EXEC dbo.CheckLogin @p1, @p2', [email, password]);"),
        ("login", "axios.post(url, { email, password });"),
        ("login", "request.post({ url, json: { email, password } }, done);"),
        ("login", "const same = await bcrypt.compare(password, row.hash); if (same === true) ok();"),
        (
            "create",
            "bcrypt.hash(user.password, 10, (err, hash) => users.insertOne({ email: user.email, password: hash }));",
        ),
        (
            "create",
            "const hash = await bcrypt.hash(user.password, 10); db.query('INSERT INTO u (pass) VALUES (?)', [hash]);",
        ),
        (
            "change_password",
            "const hash = await argon2.hash(newPassword); users.updateOne({ email }, { $set: { password: hash } });",
        ),
        ("get_user", "if (row.password === other.password) same();"),
    ],
)
def test_good_checks(kind: str, body: str) -> None:
    assert codes("DB410", body, kind) == []


def test_a_declared_audience_is_asked_for_without_scripts() -> None:
    wanted = find_rule("DB408")
    assert isinstance(wanted, ConnectionRule)
    subject = replace(connection_example("audience: a"), restricted_audiences=frozenset())
    assert len(list(wanted.check(subject))) == 1
