"""Finds operations that people can use and no script does: signing up, resetting a password (DB111)."""

from collections.abc import Iterator

from deployer.linting.doc_urls import CREATE_CONNECTION
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ConnectionInput
from deployer.linting.rule import ConnectionRule

_SIGN_UP = {
    "create": "sign-up is open, and nothing adds a user to the store",
    "verify": "sign-up is open, and nothing tells the store that an address was verified",
    "delete": "sign-up is open, and a user who is deleted in Auth0 stays in the store",
}
_RESET = {"change_password": "password reset is open, and nothing changes a password in the store"}
_CLOSING = {
    "disable_signup": "close sign-up with `options: {disable_signup: true}`",
    "disable_self_service_change_password": "close password reset with "
    "`options: {disable_self_service_change_password: true}`",
}


class OperationWithoutScript(ConnectionRule):
    """`create`, `verify`, `delete` and `change_password`, where users stay in the store."""

    code = "DB111"
    name = "operation-without-script"
    severity = Severity.WARNING
    explanation = (
        "Where users stay in the store, Auth0 asks a script for everything that people do. Sign-up and password reset "
        "are open unless an option closes them, and without its script each ends with an error that people see. Write "
        "the script, or close the way that leads to it. With a migration, Auth0 does these things by itself."
    )
    bad = """migration: 'off'
signup_open: true
reset_open: false
scripts:
  login: function login(email, password, callback) { callback(null); }
  get_user: function getUser(email, callback) { callback(null); }
  verify: function verify(email, callback) { callback(null, true); }
  delete: function deleteUser(id, callback) { callback(null); }
"""
    good = """migration: 'off'
signup_open: false
reset_open: false
scripts:
  login: function login(email, password, callback) { callback(null); }
  get_user: function getUser(email, callback) { callback(null); }
"""
    source = CREATE_CONNECTION

    def check(self, subject: ConnectionInput) -> Iterator[Finding]:
        if subject.migrating:
            return
        for is_open, scripts, option in (
            (subject.signup_open, _SIGN_UP, "disable_signup"),
            (subject.reset_open, _RESET, "disable_self_service_change_password"),
        ):
            for kind, why in scripts.items() if is_open else ():
                if kind not in subject.scripts and kind not in subject.missing_files:
                    hint = f"Give the connection a {kind} script, or {_CLOSING[option]}."
                    yield self.in_definition(subject, f"the {kind} script is missing: {why}", part="options", hint=hint)
