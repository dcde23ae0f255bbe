"""Finds stores that nothing but a list of IP addresses protects (DB407)."""

from collections.abc import Iterator

from deployer.linting.doc_urls import CONNECTION_SECURITY
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ConnectionInput
from deployer.linting.rule import ConnectionRule


class AllowlistOnly(ConnectionRule):
    """`access` says `ip-allowlist` and nothing else."""

    code = "DB407"
    name = "allowlist-only"
    severity = Severity.ERROR
    explanation = (
        "The addresses from which Auth0 calls are the same for all tenants of a region. A store that trusts them alone "
        "answers to the scripts of every other Auth0 customer there. The list is a second fence, never the only one."
    )
    bad = """access: [ip-allowlist]
"""
    good = """access: [ip-allowlist, tls, client-credentials]
"""
    source = CONNECTION_SECURITY

    def check(self, subject: ConnectionInput) -> Iterator[Finding]:
        if subject.access and set(subject.access) == {"ip-allowlist"}:
            yield self.finding(
                subject,
                "only an IP allowlist protects the store: every Auth0 tenant of the region calls from these addresses",
                hint="Require credentials too (client-credentials, mutual TLS), and say so under `access`.",
            )
