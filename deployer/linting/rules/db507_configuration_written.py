"""Finds scripts that write to `configuration` (DB507).

A small rule to copy: its class has everything that a rule of one script needs.
"""

from collections.abc import Iterator

from deployer.linting.doc_urls import ENVIRONMENT
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ScriptInput
from deployer.linting.rule import ScriptRule

_WRITES = frozenset({"assignment_expression", "augmented_assignment_expression"})


class ConfigurationWritten(ScriptRule):
    """Assignments to `configuration`, to a key of it, and `delete`."""

    code = "DB507"
    name = "configuration-written"
    severity = Severity.ERROR
    explanation = (
        "`configuration` holds the connection's decrypted settings and is read-only by contract: what a script writes "
        "into it is seen by other executions in the same container until the container is recycled, and then gone."
    )
    bad = """function login(email, password, callback) {
  configuration.lastUser = email;
  callback(null, { user_id: email });
}"""
    good = """function login(email, password, callback) {
  const url = configuration.API_URL;
  callback(null, { user_id: url + email });
}"""
    source = ENVIRONMENT

    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        for use in subject.script.names.globals.get("configuration", ()):
            node, parent = use, use.parent
            while parent is not None and parent.type in {"member_expression", "subscript_expression"}:
                if node.field != "object":
                    break
                node, parent = parent, parent.parent
            if parent is None:
                continue
            assigned = (parent.type in _WRITES and node.field == "left") or parent.type == "update_expression"
            deleted = parent.type == "unary_expression" and parent.operator == "delete" and node is not use
            if assigned or deleted:
                yield self.finding(
                    subject,
                    parent,
                    f"{node.text[:60]} is written: configuration is read-only",
                    hint="Keep the value in a variable, or in global with an expiry.",
                )
