"""Finds migrations in which users may lose their metadata, because no guard fetches it again (DB601)."""

from collections.abc import Iterator

from deployer.linting.analyses.profiles import profiles
from deployer.linting.doc_urls import TEMPLATES
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ConnectionInput
from deployer.linting.rule import ConnectionRule

GUARD = "backfill-metadata"
_FIELDS = ("metadata", "user_metadata", "app_metadata")


class MetadataBackfillMissing(ConnectionRule):
    """Trickle migration, metadata in the profile that `login` gives, and no guard `backfill-metadata`."""

    code = "DB601"
    name = "metadata-backfill-missing"
    severity = Severity.WARNING
    explanation = (
        "A migrating user's password is stored as soon as it was right, the metadata only when the login has gone "
        "through to its end. A browser closed in between leaves a user without metadata for good: `login` is not asked "
        "again. A guard that fetches the metadata when it is missing heals that."
    )
    bad = """migration: trickle
guards: [mark-migrated]
scripts:
  login: |
    function login(email, password, callback) {
      find(email, password, (err, row) =>
        err ? callback(err) : callback(null, { user_id: 'shop|' + row.id, email, metadata: { plan: row.plan } }));
    }
"""
    good = """migration: trickle
guards: [mark-migrated, backfill-metadata]
scripts:
  login: |
    function login(email, password, callback) {
      find(email, password, (err, row) =>
        err ? callback(err) : callback(null, { user_id: 'shop|' + row.id, email, metadata: { plan: row.plan } }));
    }
"""
    source = TEMPLATES

    def check(self, subject: ConnectionInput) -> Iterator[Finding]:
        login = subject.scripts.get("login")
        if not subject.trickle or subject.guards is None or GUARD in subject.guards or login is None:
            return
        if not login.readable:
            return
        for profile in profiles(login.script):
            values = [value for name in _FIELDS for value in profile.fields.get(name, ())]
            if values:
                yield self.finding(
                    subject,
                    "metadata is migrated with the profile, and no guard fetches it when a login breaks off",
                    script=login,
                    node=values[0],
                    hint=f"Add {GUARD} to the connection's guards; it asks the store's API (`api:`).",
                )
                return
