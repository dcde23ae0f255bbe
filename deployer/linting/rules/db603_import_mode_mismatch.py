"""Finds connections whose option `import_mode` contradicts their migration (DB603)."""

from collections.abc import Iterator

from deployer.linting.doc_urls import MIGRATION
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ConnectionInput
from deployer.linting.rule import ConnectionRule

_EXPECTED = {"off": False, "trickle": True, "complete": True}


class ImportModeMismatch(ConnectionRule):
    """off wants false; trickle and complete want true."""

    code = "DB603"
    name = "import-mode-mismatch"
    severity = Severity.ERROR
    explanation = (
        "`import_mode` (Import Users to Auth0) makes users move as they log in. It must be on for a trickle migration, "
        "and must stay on when the migration is complete: switched off, Auth0 asks the scripts again, which by then "
        "know nobody, and no user can log in. Where the store stays, it must be off."
    )
    bad = """migration: complete
import_mode: false
"""
    good = """migration: complete
import_mode: true
"""
    source = MIGRATION

    def check(self, subject: ConnectionInput) -> Iterator[Finding]:
        expected = _EXPECTED.get(subject.migration or "")
        if expected is None or subject.import_mode is None or subject.import_mode == expected:
            return
        yield self.finding(
            subject,
            f"migration is {subject.migration} and import_mode is {str(subject.import_mode).lower()}",
            hint="Remove import_mode from the options: it follows from migration.",
        )
