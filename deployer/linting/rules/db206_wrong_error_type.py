"""Finds errors that Auth0 cannot tell apart from a broken store (DB206)."""

import re
from collections.abc import Iterator

from deployer.linting.doc_urls import ERROR_HANDLING
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ScriptInput
from deployer.linting.javascript import Node, Script, arguments, callee
from deployer.linting.javascript.objects import fragments
from deployer.linting.rule import ScriptRule

_CREDENTIALS = re.compile(
    r"\b(wrong|invalid|incorrect|bad|unknown)\b.*\b(password|credential|user ?name|e-?mail|user|login)s?\b"
    r"|\b(password|credential|user ?name|e-?mail|user|login)s?\b.*"
    r"\b(wrong|invalid|incorrect|mismatch|not match|not found)\b"
    r"|\bno such user\b|\buser (does not|doesn't) exist\b|\bauthentication failed\b|\blogin failed\b",
    re.IGNORECASE,
)
_EXISTS = re.compile(r"\b(already|duplicate)\b|\b(user|e-?mail|user ?name)\b.*\b(exists|taken|in use)\b", re.IGNORECASE)
_ABSENT = re.compile(
    r"\bno (such )?user\b|\b(user|e-?mail|account)\b.*\b(not found|unknown|does not exist|doesn't exist)\b|^not found$",
    re.IGNORECASE,
)
_ERRORS = frozenset({"Error", "TypeError", "RangeError"})


class WrongErrorType(ScriptRule):
    """Plain errors where Auth0 has one of its own, strings and objects instead of errors."""

    code = "DB206"
    name = "wrong-error-type"
    severity = Severity.WARNING
    explanation = (
        "Auth0 tells three answers apart: `WrongUsernameOrPasswordError` (refused, counts for attack protection), "
        "`ValidationError('user_exists', ...)` (sign-up of somebody who is there), and any other `Error` (the store "
        "failed). `get_user` says that there is no such user with `callback(null)`. With a plain `Error` a wrong "
        "password is shown and logged as an outage, and brute force protection does not count it."
    )
    bad = """function login(email, password, callback) {
  return callback(new Error('Wrong password'));
}"""
    good = """function login(email, password, callback) {
  return callback(new WrongUsernameOrPasswordError(email, 'Wrong password'));
}"""
    source = ERROR_HANDLING

    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        script = subject.script
        kind = script.kind.name if script.kind else None
        for call in script.callback_calls:
            given = arguments(call)
            if not given:
                continue
            error = script.value_of(given[0])
            if error is None:
                continue
            if error.type in {"string", "template_string", "object", "array", "number", "true"}:
                yield self.finding(
                    subject, given[0], "the first argument of the callback is no Error", hint="Write `new Error(...)`."
                )
                continue
            better = _better(script, kind, error)
            if better is not None:
                yield self.finding(subject, given[0], better[0], hint=better[1])


def _better(script: Script, kind: str | None, error: Node) -> tuple[str, str] | None:
    """Tell what is wrong with an error and what to write instead; None where it is right."""
    if error.type not in {"new_expression", "call_expression"}:
        return None
    target = callee(error)
    name = target.text if target is not None and target.type == "identifier" else None
    if name == "WrongUsernameOrPasswordError" and kind == "get_user":
        return "get_user does not check credentials", "Write `callback(null)` where there is no such user."
    if name not in _ERRORS:
        return None
    message = " ".join(fragments(script, error.get("arguments"))) or _message(script, error)
    if kind == "login" and _CREDENTIALS.search(message):
        return (
            "a refused login is reported as a plain Error, as if the store had failed",
            "Write `new WrongUsernameOrPasswordError(emailOrNull, message)`.",
        )
    if kind in {"create", "change_email", "change_username"} and _EXISTS.search(message):
        return (
            "a user who exists is reported as a plain Error, as if the store had failed",
            "Write `new ValidationError('user_exists', message)`.",
        )
    if kind == "get_user" and _ABSENT.search(message):
        return "a user who does not exist is reported as an Error", "Write `callback(null)`."
    return None


def _message(script: Script, error: Node) -> str:
    given = arguments(error)
    return " ".join(fragments(script, given[0])) if given else ""
