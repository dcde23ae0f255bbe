"""Finds scripts that Auth0 will call and that are not there (DB105)."""

from collections.abc import Iterator

from deployer.linting.doc_urls import GET_USER
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ConnectionInput
from deployer.linting.rule import ConnectionRule
from deployer.scripts import MIGRATION_SCRIPTS
from deployer.text import one_line

_ASKS_FIRST = ("create", "change_password", "change_email")


class MissingScript(ConnectionRule):
    """`login` always, `get_user` for migrations and before what changes a user."""

    code = "DB105"
    name = "missing-script"
    severity = Severity.ERROR
    explanation = (
        "Where a script is missing, Auth0 runs its default template, which answers every call with an error. Every "
        "custom database needs `login`. A migration needs `get_user` too: Auth0 asks it before sign-up, password reset "
        "and change of e-mail. Without a migration it is asked before `create`, `change_password` and `change_email`."
    )
    bad = """migration: trickle
scripts:
  login: function login(email, password, callback) { callback(null); }
"""
    good = """migration: trickle
scripts:
  login: function login(email, password, callback) { callback(null); }
  get_user: function getUser(email, callback) { callback(null); }
"""
    source = GET_USER

    def check(self, subject: ConnectionInput) -> Iterator[Finding]:
        if subject.migration is None and subject.import_mode is None:
            return  # a folder of scripts without a definition: nobody says that this is all
        for kind, file in subject.missing_files.items():
            message = f"the {one_line(kind, 60)} script is missing: {one_line(file)} is named for it, and is not there"
            yield self.finding(subject, message, hint="Put the file there, or take its name out.")
        there = subject.scripts.keys() | subject.missing_files.keys()
        if "login" not in there:
            yield self._missing(subject, "login", "every custom database needs it")
        if "get_user" in there:
            return
        if subject.migrating:
            yield self._missing(subject, "get_user", f"a migration needs {' and '.join(MIGRATION_SCRIPTS)}")
            return
        asking = [name for name in _ASKS_FIRST if name in there]
        if asking:
            yield self._missing(subject, "get_user", f"Auth0 asks it before {asking[0]}")

    def _missing(self, subject: ConnectionInput, kind: str, why: str) -> Finding:
        return self.finding(
            subject,
            f"the {kind} script is missing: {why}",
            hint="Auth0 would run its default template, which answers with an error.",
        )
