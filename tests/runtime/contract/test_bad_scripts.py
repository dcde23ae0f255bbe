"""One deliberately bad script set per contract check: each check catches its fault."""

# ruff: noqa: E501  (scripts read better on one line)

import pytest

from deployer.runtime.contract import CheckOutcome, StoreUser
from deployer.runtime.contract.checks import CHECKS

pytestmark = [pytest.mark.node, pytest.mark.npm, pytest.mark.postgres]

SELECT = "'SELECT * FROM users WHERE lower(email) = lower($1)', [email]"

# check, fault: (script, what it says, what it says instead), a word of the fault that must be told
BAD = [
    ("good-login", "no-prefix", ("login", "'legacy|' + row.id", "String(row.id)"), "user_id"),
    ("good-login", "no-email", ("login", "email: row.email,", ""), "e-mail"),
    ("good-login", "bytes", ("login", "'legacy|' + row.id", "'legacy|' + Buffer.from([200 + row.id])"), "holds no id"),
    ("good-login", "object", ("login", "'legacy|' + row.id", "'legacy|' + { id: row.id }"), "holds no id"),
    ("distinct-ids", "cut", ("login", "'legacy|' + row.id", "'legacy|' + String(row.id)[0].replace(/./, '1')"), "different `user_id`s"),
    ("unverified", "text", ("login", "email_verified: row.email_verified,", "email_verified: Boolean(String(row.email_verified)),"), "must be false"),
    ("inactive", "in", ("login", "rows.length === 0 ||", "rows.length === 0 ||"), "inactive user"),
    ("nobody-else", "accents", ("get_user", "lower(email) = lower($1)', [email]", "lower(email) = lower($1)', [email.normalize('NFD').replace(/[\\u0300-\\u036f]/g, '')]"), "answers with somebody else"),
    ("nobody-else", "reset", ("change_password", "[email, newPassword]", "[email.normalize('NFKC'), newPassword]"), "changed somebody else's password"),
    ("nobody-else", "delete", ("delete", "id::text = $1', [id.replace('legacy|', '')]", "id = $1', [parseInt(id.replace('legacy|', ''), 10)]"), "deleted the user"),
    ("stable-user-id", "random", ("login", "'legacy|' + row.id", "'legacy|' + Math.random()"), "different `user_id`s"),
    ("stable-user-id", "per-container", ("login", "'legacy|' + row.id", "'legacy|' + (global.id = global.id || Date.now() + Math.random())"), "different `user_id`s"),
    ("wrong-password", "plain-error", ("login", "new WrongUsernameOrPasswordError(email)", "new Error('wrong')"), "wrong password"),
    ("wrong-password", "not-compared", ("login", "|| rows[0].password !== password", ""), "a profile"),
    ("unknown-user", "nothing", ("login", "if (rows.length === 0 ||", "if (rows.length === 0) return callback(null); if ("), "callback(null)"),
    ("same-profile", "another-id", ("get_user", "'legacy|' + row.id", "'legacy|x' + row.id"), "`user_id` differs"),
    ("same-profile", "missing", ("get_user", "email_verified: row.email_verified,", ""), "`email_verified` is in the profile from `login`"),
    ("get-user-unknown", "error", ("get_user", "rows.length ? profile(rows[0]) : null", "profile(rows[0])"), "callback(null)"),
    ("unique-email", "case", ("create", "[user.email,", "[user.email + (user.email === user.email.toUpperCase() ? '.' : ''),"), "second user|said that it created"),
    ("unique-email", "change", ("change_email", "return callback(error.code", "return callback(null, true); return callback(error.code"), "`change_email` to an address that is taken"),
    ("create", "not-stored", ("create", "query('INSERT INTO users (email, password) VALUES ($1, $2)', [user.email, user.password], () => callback(null));", "callback(null);"), "`login` after `create`"),
    ("create-twice", "other-error", ("create", "new ValidationError('user_exists', 'there')", "new Error('there')"), "ValidationError"),
    ("create-twice", "other-code", ("create", "'user_exists', 'there'", "'invalid_user', 'there'"), "invalid_user"),
    ("change-password", "old-works", ("change_password", "UPDATE users SET password = $2", "UPDATE users SET email_verified = ($2::text IS NOT NULL)"), "old password"),
    ("change-password", "unknown-true", ("change_password", "rowCount > 0", "true"), "unknown user"),
    ("verify", "nothing-done", ("verify", "SET email_verified = true", "SET email = email"), "email_verified: true"),
    ("verify", "everybody", ("verify", " WHERE lower(email) = lower($1)", " WHERE $1::text IS NOT NULL"), "another user"),
    ("change-email", "copy", ("change_email", "UPDATE users SET email = $2, email_verified = $3 WHERE lower(email) = lower($1)", "INSERT INTO users (email, password, email_verified) SELECT $2, password, $3 FROM users WHERE lower(email) = lower($1)"), "user_id|still works"),
    ("delete", "nothing-done", ("delete", "DELETE FROM users WHERE id::text = $1", "SELECT $1"), "still log in"),
    ("delete", "everybody", ("delete", "WHERE id::text = $1", "WHERE $1::text IS NOT NULL"), "known user cannot log in"),
    ("metadata-name", "app_metadata", ("login", "metadata: {", "app_metadata: {"), "`app_metadata`"),
    ("no-secrets", "hash", ("login", "metadata: {", "stored: require('crypto').createHash('sha256').update(row.password).digest('hex'), metadata: {"), "a hash of the password"),
    ("no-secrets", "password", ("get_user", "metadata: {", "metadata: { pw: row.password,"), "the password"),
    ("injection", "login", ("login", SELECT, "\"SELECT * FROM users WHERE lower(email) = lower('\" + email + \"')\", []"), "reached the store"),
    ("injection", "bypass", ("login", SELECT, "\"SELECT id, email, email_verified, '\" + password + \"' AS password FROM users WHERE email = '\" + email + \"' ORDER BY id\", []"), "gave a profile|reached the store"),
    ("injection", "delete", ("delete", "'DELETE FROM users WHERE id::text = $1', [id.replace('legacy|', '')]", "\"DELETE FROM users WHERE id::text = '\" + id + \"'\", []"), "known user cannot log in|reached the store"),
    ("global-clean", "cached-user", ("login", "callback(null, profile(rows[0]));", "global.last = rows[0]; callback(null, profile(rows[0]));"), "global.last"),
    ("global-clean", "implicit", ("get_user", "query('SELECT", "asked = email; query('SELECT"), "global.asked"),
    ("store-down", "success", ("get_user", "return callback(error.code", "return callback(error.code !== '23505' ? null : error.code"), "although the store refuses"),
    ("store-down", "blames", ("login", "new Error('store: ' + error.code)", "new WrongUsernameOrPasswordError(email)"), "blames the user"),
    ("store-slow", "hang", ("login", "connectionTimeoutMillis: 1200, query_timeout: 1200", ""), "did not call back"),
    ("store-drops", "uncaught", ("login", "if (error) return callback", "if (error) throw error; if (error) return callback"), "did not call back"),
    ("connections", "client-per-login", ("login", "if (!global.pool)", "if (true)"), "connections open|failed"),
    ("callback", "twice", ("login", "callback(null, profile(rows[0]));", "callback(null, profile(rows[0])); callback(null, profile(rows[0]));"), "called back more than once"),
    ("callback", "never", ("verify", "query('UPDATE", "if (email) return; query('UPDATE"), "never called back"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "change", "told"), [(c, s, t) for c, _, s, t in BAD], ids=[f"{c}-{f}" for c, f, *_ in BAD]
)
def test_the_check_catches_its_fault(subject, check, name, change, told):
    kind, right, wrong = change
    assert right in subject.scripts[kind], "the bad script is the good one"
    scripts = {**subject.scripts, kind: subject.scripts[kind].replace(right, wrong)}
    names = [name] if name != "callback" else ["good-login", "callback"]
    inactive = StoreUser("ada@example.com", "Correct-Horse-1") if name == "inactive" else None
    limit = 1.5 if name in ("store-slow", "callback", "connections", "store-drops") else 3
    report = check(subject, *names, scripts=scripts, limit_seconds=limit, inactive_user=inactive)
    result = report.results[-1]
    assert result.outcome is CheckOutcome.FAILED
    assert any(word in " ".join(result.details) for word in told.split("|")), result.details


def test_there_is_a_bad_set_for_every_check():
    assert {name for name, *_ in BAD} == {each.name for each in CHECKS}
