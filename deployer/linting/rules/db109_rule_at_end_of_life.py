"""Finds guards that are Rules, which Auth0 does not run any more (DB109)."""

from collections.abc import Iterator

from deployer.linting.doc_urls import RULES
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ConnectionInput
from deployer.linting.rule import ConnectionRule


class RuleAtEndOfLife(ConnectionRule):
    """`guard_type: rule`, with or without guards."""

    code = "DB109"
    name = "rule-at-end-of-life"
    severity = Severity.ERROR
    explanation = (
        "Rules reached their end of life on 2026-11-18. A guard that is made of one stands in the tenant and does "
        "nothing: users get tokens for the store's API, and nobody marks who has moved. The same guard is an Action."
    )
    bad = """guards: [restrict-audience]
guard_type: rule
"""
    good = """guards: [restrict-audience]
guard_type: action
"""
    source = RULES

    def check(self, subject: ConnectionInput) -> Iterator[Finding]:
        if subject.guard_type == "rule":
            yield self.in_definition(
                subject,
                "guards are made of Rules here, which Auth0 has not run since 2026-11-18",
                part="guard_type",
                hint="Take `guard_type` out: the guards are then Actions. The Rules stay in the tenant, where "
                "`deployer plan` names them until `deployer destroy` deletes them.",
            )
