"""Finds scripts of a kind that Auth0 does not have (DB107)."""

from collections.abc import Iterator

from deployer.linting.doc_urls import PATCH_CONNECTION
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ConnectionInput
from deployer.linting.rule import ConnectionRule
from deployer.scripts import SCRIPT_KINDS
from deployer.text import did_you_mean, one_line


class UnknownScript(ConnectionRule):
    """Script names that Auth0 does not have."""

    code = "DB107"
    name = "unknown-script"
    severity = Severity.ERROR
    explanation = (
        "Auth0 calls a script by its key in `customScripts`. A key that it does not know is refused or never called, "
        "and the operation that was meant has no script."
    )
    bad = """scripts:
  login: function login(email, password, callback) { callback(null); }
  getUser: function getUser(email, callback) { callback(null); }
"""
    good = """scripts:
  login: function login(email, password, callback) { callback(null); }
  get_user: function getUser(email, callback) { callback(null); }
"""
    source = PATCH_CONNECTION

    def check(self, subject: ConnectionInput) -> Iterator[Finding]:
        for kind, script in subject.scripts.items():
            if kind not in SCRIPT_KINDS:
                meant = next((each.name for each in SCRIPT_KINDS.values() if each.function == kind), None)
                near = f"did you mean '{meant}'?" if meant else did_you_mean(kind, SCRIPT_KINDS)
                yield self.finding(
                    subject,
                    f"Auth0 has no action script '{one_line(kind, 60)}'",
                    script=script,
                    hint=near.capitalize() if near else f"The scripts are {', '.join(SCRIPT_KINDS)}.",
                )
