"""Finds migrations in which the store is not told who has moved to Auth0 (DB602)."""

from collections.abc import Iterator

from deployer.linting.doc_urls import TEMPLATES
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ConnectionInput
from deployer.linting.rule import ConnectionRule

GUARD = "mark-migrated"
_API = f"Add {GUARD} to the connection's guards: it tells the store's API, which leaves them out."
_DIRECT = (
    f"The guard {GUARD} tells an API, and these scripts ask the database itself: put an API before it (the store "
    "template `api`). Or mark who has moved by a job of your own, in the column that the variable migrated_column "
    "names where the store has it, and turn this off: `lint: {severity: {DB602: off}}`."
)


class MarkMigratedMissing(ConnectionRule):
    """Trickle migration without the guard `mark-migrated`."""

    code = "DB602"
    name = "mark-migrated-missing"
    severity = Severity.WARNING
    explanation = (
        "A user who has moved, changes the address, and changes it back is found again under the old address in the "
        "store, and migrated a second time. A guard that marks migrated users in the store lets `get_user` and `login` "
        "say that there is no such user; it also shows how far the migration is."
    )
    bad = """migration: trickle
guards: []
"""
    good = """migration: trickle
guards: [mark-migrated]
"""
    source = TEMPLATES

    def check(self, subject: ConnectionInput) -> Iterator[Finding]:
        if subject.trickle and subject.guards is not None and GUARD not in subject.guards:
            direct = subject.direct_database and subject.audience is None
            yield self.finding(subject, "nothing marks migrated users in the store", hint=_DIRECT if direct else _API)
