"""Finds passwords that are compared or kept in plain text, or with a hash that is made to be fast (DB410)."""

import re
from collections.abc import Iterator

from deployer.linting.analyses.external_calls import SqlCall, deep_entries, mongo_calls, sql_calls
from deployer.linting.analyses.taint import DERIVED, DIGEST, PASSWORD, SALTED, Taint, taint
from deployer.linting.doc_urls import PASSWORDS
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ScriptInput
from deployer.linting.javascript import Node, Script, arguments, callee, string_value, unwrap
from deployer.linting.javascript.functions import calls_named
from deployer.linting.rule import ScriptRule

_EQUAL = frozenset({"==", "===", "!=", "!=="})
_CONSTANT = frozenset({"string", "number", "null", "undefined", "true", "false", "template_string", "regex"})
_SLOW_IN_SQL = re.compile(r"crypt|pwdcompare|hash|digest|verify|pbkdf|argon|\bpassword\s*\(", re.IGNORECASE)
_FAST_IN_SQL = re.compile(r"\b(md5|sha1?)\s*\(\s*(\?|\$\d+|@\w+|:\w+)", re.IGNORECASE)
_COLUMN = re.compile(r"\w*(?:pass|pwd)\w*[\"`\]]?\s*=\s*(\?|\$\d+|@\w+|:\w+)", re.IGNORECASE)
_INSERT = re.compile(r"insert\s+into\b[^;]*\b\w*(?:pass|pwd)\w*", re.IGNORECASE)
_KEYS = re.compile(r"pass|pwd", re.IGNORECASE)

_PLAIN_HINT = "Keep only a bcrypt, scrypt, Argon2 or PBKDF2 hash, and check it with the library's own compare."
_FAST_HINT = "Use bcrypt, scrypt, Argon2 or PBKDF2; move old hashes when their owner next logs in."
_TIME_HINT = "Use the library's own compare, or crypto.timingSafeEqual on two buffers."


class WeakPasswordCheck(ScriptRule):
    """Follows the password into comparisons, SQL parameters and MongoDB filters, through hashes and helpers."""

    code = "DB410"
    name = "weak-password-check"
    severity = Severity.ERROR
    explanation = (
        "A store that can compare a password as it was typed keeps it readable. MD5, SHA-1 and SHA-2 without salt are "
        "tried by the billion a second. And `===` on hashes tells by its time how much was right. Passwords belong "
        "into bcrypt, scrypt, Argon2 or PBKDF2, compared by the library or by crypto.timingSafeEqual. Where a service "
        "checks the password, it is handed on and none of this applies."
    )
    bad = """function login(email, password, callback) {
  findUser(email, (err, user) => {
    if (err) return callback(err);
    if (user.password !== password) return callback(new WrongUsernameOrPasswordError(email));
    callback(null, { user_id: 'shop|' + user.id, email });
  });
}"""
    good = """function login(email, password, callback) {
  const bcrypt = require('bcrypt');
  findUser(email, (err, user) => {
    if (err) return callback(err);
    bcrypt.compare(password, user.hash, (err, same) => {
      if (err || !same) return callback(err || new WrongUsernameOrPasswordError(email));
      callback(null, { user_id: 'shop|' + user.id, email });
    });
  });
}"""
    source = PASSWORDS

    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        script = subject.script
        kind = script.kind.name if script.kind else None
        if script.function is None or kind not in {"login", "create", "change_password"}:
            return
        origins = taint(script)
        seen: set[Node] = set()
        for node, message, hint in (
            *_compared(script, origins),
            *_in_sql(script, origins),
            *_bound(script, origins),
            *_in_documents(script, origins),
        ):
            if node not in seen:
                seen.add(node)
                yield self.finding(subject, node, message, hint=hint)


Found = Iterator[tuple[Node, str, str]]


def _compared(script: Script, origins: Taint) -> Found:
    for node in script.tree.nodes("binary_expression"):
        if node.operator not in _EQUAL:
            continue
        sides = [node.get("left"), node.get("right")]
        labels = [origins.of(side) for side in sides]
        for mine, other, others in ((0, sides[1], labels[1]), (1, sides[0], labels[0])):
            value = unwrap(other)
            if value is None or value.type in _CONSTANT or value.text == "undefined" or others:
                continue
            if PASSWORD in labels[mine]:
                yield node, "the password is compared in plain text", _PLAIN_HINT
            elif labels[mine] & {DIGEST, SALTED}:
                yield node, "a fast hash of the password is compared", _FAST_HINT
            elif DERIVED in labels[mine]:
                yield node, "password hashes are compared with an operator: the time it takes tells them", _TIME_HINT
    for call in calls_named(script, "timingSafeEqual"):
        if any(DIGEST in origins.of(each) for each in arguments(call)):
            yield call, "a fast hash of the password, without salt, is compared", _FAST_HINT


def _in_sql(script: Script, origins: Taint) -> Found:
    for call in sql_calls(script):
        for value in call.values:
            labels = origins.of(value)
            if DIGEST in labels:
                yield value, "a fast hash of the password, without salt, is what the store keeps", _FAST_HINT
            elif PASSWORD in labels and (use := _password_use(call)) is not None:
                yield value, *use


def _password_use(call: SqlCall) -> tuple[str, str] | None:
    """Tell what a statement does with a password that it gets as it was typed; None where it may hash it."""
    if _FAST_IN_SQL.search(call.sql):
        return "the database hashes the password with a fast hash", _FAST_HINT
    if _SLOW_IN_SQL.search(call.sql):
        return None
    if _COLUMN.search(call.sql) or _INSERT.search(call.sql):
        return "the store keeps the password in plain text", _PLAIN_HINT
    if re.search(r"\b(insert|update)\b.*\bset\s+\?", call.sql, re.IGNORECASE):
        return "the store keeps the password in plain text", _PLAIN_HINT
    return None


def _bound(script: Script, origins: Taint) -> Found:
    """Yield the values of `request.addParameter(name, type, value)` and `request.input(name, type, value)`."""
    for call in calls_named(script, "addParameter", "input"):
        given = arguments(call)
        if not 2 <= len(given) <= 4 or (target := callee(call)) is None:
            continue
        name = string_value(given[0])
        if name is None or target.type != "member_expression":
            continue
        labels = origins.of(given[min(2, len(given) - 1)])
        if DIGEST in labels:
            yield given[-1], "a fast hash of the password, without salt, is what the store keeps", _FAST_HINT
        elif PASSWORD in labels and any(_keeps(each, name) for each in sql_calls(script)):
            yield given[-1], "the store keeps the password in plain text", _PLAIN_HINT


def _keeps(call: SqlCall, name: str) -> bool:
    column = re.search(rf"\w*(?:pass|pwd)\w*\]?\s*=\s*@{re.escape(name)}\b", call.sql, re.IGNORECASE)
    inserted = _INSERT.search(call.sql) and f"@{name}" in call.sql
    return bool(column or inserted) and not _SLOW_IN_SQL.search(call.sql)


def _in_documents(script: Script, origins: Taint) -> Found:
    for call in mongo_calls(script):
        for argument in arguments(call)[:2]:
            for key, value in deep_entries(script, argument):
                held = script.value_of(value)
                labels = origins.of(value) if held is None or held.type not in {"object", "array"} else frozenset()
                if DIGEST in labels:
                    yield value, "a fast hash of the password, without salt, is what the store keeps", _FAST_HINT
                elif PASSWORD in labels and key is not None and _KEYS.search(key):
                    yield value, "the store keeps the password in plain text", _PLAIN_HINT
