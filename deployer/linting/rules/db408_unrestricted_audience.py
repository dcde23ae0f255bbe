"""Finds stores behind an API for which users can get a token themselves (DB408)."""

from collections.abc import Iterator

from deployer.linting.doc_urls import CONNECTION_SECURITY
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ConnectionInput, ScriptInput
from deployer.linting.javascript import Node, string_value
from deployer.linting.rule import ConnectionRule

GUARD = "restrict-audience"


class UnrestrictedAudience(ConnectionRule):
    """A machine-to-machine audience (declared, or a client-credentials grant in a script) that no guard closes."""

    code = "DB408"
    name = "unrestricted-audience"
    severity = Severity.ERROR
    explanation = (
        "Auth0 gives any user who logs in a token for any API of the tenant whose audience is asked for. An attacker "
        "adds the audience of the store's API to the address of the login page and gets a token that the API accepts. "
        "A guard has to refuse that audience to everything but the scripts' own client, and has to be an Action: Rules "
        "have not run since 2026-11-18."
    )
    bad = """audience: https://users.acme.com/
guards: [mark-migrated]
restricted_audiences: []
"""
    good = """audience: https://users.acme.com/
guards: [restrict-audience, mark-migrated]
restricted_audiences: [https://users.acme.com/]
"""
    source = CONNECTION_SECURITY

    def check(self, subject: ConnectionInput) -> Iterator[Finding]:
        guarded = GUARD in (subject.guards or ())
        if guarded and subject.guard_type != "rule":
            return
        hint = f"Add the guard {GUARD} to the connection, or deny user access to the API in its settings."
        if guarded:  # by a Rule, which Auth0 does not run any more
            hint = f"Take `guard_type` out: the guard {GUARD} is then an Action, which runs."
        closed = subject.restricted_audiences
        if subject.audience is not None:
            if (closed is not None and subject.audience not in closed) or (
                closed is None and subject.guards is not None
            ):
                yield self.finding(subject, f"no guard closes the audience {subject.audience} to users", hint=hint)
            return
        if subject.guards is None or closed:
            return
        for script in subject.scripts.values():
            node = _grant(script)
            if node is not None:
                message = "a token for the store's API is fetched here, and no guard closes its audience to users"
                yield self.finding(subject, message, script=script, node=node, hint=hint)
                return


def _grant(script: ScriptInput) -> Node | None:
    """Find where a script asks for a token with its own credentials."""
    if "client_credentials" not in script.source or not script.readable:
        return None
    found = (
        node for node in script.tree.nodes("string", "template_string") if string_value(node) == "client_credentials"
    )
    return next(found, None)
