"""Records each apply, rollback and promotion, and tells the story of a tenant, newest first.

Each record is an object of its own, `history/TENANT/TIME-RANDOM.json`, created conditionally: writers cannot lose each
other's records. The order is that of the writers' clocks.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from deployer.state.errors import StateError
from deployer.state.names import make_key
from deployer.state.objects import Objects
from deployer.state.process_identity import pipeline_run, time_id, utc_now, whoami
from deployer.state.records import encode, format_of
from deployer.text import one_line

FORMAT = 1
UNREADABLE = "unreadable"
"""The result of a record that is damaged or in a format that this version cannot read. It is listed, not skipped."""


class HistoryRecord(BaseModel):
    """One deployment. Fields that a newer version added are kept."""

    model_config = ConfigDict(extra="allow", frozen=True)

    format: int = Field(FORMAT, ge=1)
    id: str = ""
    at: datetime
    who: str
    command: str
    """`apply`, `rollback` or `promote`."""
    tenant: str
    result: str
    """`succeeded`, `failed`, `rolled-back`, `partial`, or what a newer version writes."""
    release_from: str | None = None
    release_to: str | None = None
    plan_digest: str | None = None
    changes: dict[str, int] = Field(default_factory=dict)
    """How many of each: `create`, `update`, `delete`."""
    addresses: list[str] = Field(default_factory=list)
    """What was changed: `connection.legacy-users`."""
    targets: list[str] = Field(default_factory=list)
    """What it was limited to (`--target`); nothing where it was the whole release."""
    given: list[str] = Field(default_factory=list)
    """With targets: everything that is of `release_to` since then, changed or not: they and what they depend on."""
    reason: str | None = None
    """Why the rules were broken (`--break-glass`), or why it failed."""
    journal: str | None = None
    run: str | None = None
    """The web address of the pipeline run."""


class History:
    """The deployments of all tenants whose state is here."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def record(
        self,
        tenant: str,
        command: str,
        result: str,
        *,
        release_from: str | None = None,
        release_to: str | None = None,
        plan_digest: str | None = None,
        changes: dict[str, int] | None = None,
        addresses: list[str] | None = None,
        targets: list[str] | None = None,
        given: list[str] | None = None,
        reason: str | None = None,
        journal: str | None = None,
    ) -> HistoryRecord:
        """Write what has just been done; who, when and in which pipeline are filled in. Return it with its id."""
        record = HistoryRecord(
            format=FORMAT,
            at=utc_now(),
            who=whoami(),
            command=command,
            tenant=tenant,
            result=result,
            release_from=release_from,
            release_to=release_to,
            plan_digest=plan_digest,
            changes=changes or {},
            addresses=addresses or [],
            targets=targets or [],
            given=given or [],
            reason=reason,
            journal=journal,
            run=pipeline_run(),
        )
        return self.append(record)

    def append(self, record: HistoryRecord) -> HistoryRecord:
        """Write a record under a new id, and return it with that."""
        while True:
            named = record.model_copy(update={"id": time_id(record.at)})
            # None: somebody has the same microsecond and the same 32 random bits.
            if self._objects.put_if_absent(_key(record.tenant, named.id), encode(named)):
                return named

    def get(self, tenant: str, id: str) -> HistoryRecord:
        """Read one record. Raises StateError if there is none."""
        found = self._objects.get(_key(tenant, id))
        if found is None:
            raise StateError(
                f"the history of the tenant '{tenant}' has no record '{one_line(id, 60)}'",
                where=str(self._objects.location),
                hint=f"`deployer history {tenant}` lists them.",
            )
        return _read(tenant, id, found.data)

    def tenants(self) -> list[str]:
        """List the names of the tenants that have a history."""
        return sorted({key.split("/")[1] for key in self._objects.list(make_key("history")) if key.count("/") == 2})

    def list(
        self,
        tenant: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        result: str | None = None,
        release: str | None = None,
        command: str | None = None,
        limit: int | None = None,
    ) -> list[HistoryRecord]:
        """List the tenant's records, newest first, that fit every filter given; at most `limit`.

        `since` is inclusive, `until` exclusive; a time without a zone is UTC. `release` is a digest or the beginning of
        one, and fits the release before or after.
        """
        found: list[HistoryRecord] = []
        for record in self.newest_first(tenant, since, until) if limit != 0 else ():
            if (
                (result is None or record.result == result)
                and (command is None or record.command == command)
                and (release is None or _is_about(record, release))
            ):
                found.append(record)
            if limit is not None and len(found) >= limit:
                break
        return found

    def newest_first(
        self, tenant: str, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[HistoryRecord]:
        """Read the tenant's records one after the other, as they are asked for: who stops early reads few."""
        ids = [key.rsplit("/", 1)[1].removesuffix(".json") for key in self._objects.list(make_key("history", tenant))]
        lowest = _stamp(since) if since else ""
        highest = _stamp(until) if until else "~"
        chosen = [id for id in reversed(ids) if lowest <= id < highest]
        contents = self._objects.get_many(_key(tenant, id) for id in chosen)
        for id, (_, stored) in zip(chosen, contents, strict=True):
            if stored is not None:
                yield _read(tenant, id, stored.data)


def _read(tenant: str, id: str, data: bytes) -> HistoryRecord:
    """Parse a record; what cannot be read still tells its time, from its id."""
    try:
        record = HistoryRecord.model_validate_json(data)
    except ValidationError:
        newer = (format_of(data) or 0) > FORMAT
        return HistoryRecord(
            id=id,
            at=_time_of(id),
            who="unknown",
            command="unknown",
            tenant=tenant,
            result=UNREADABLE,
            reason="written by a newer version of deployer" if newer else "the record is damaged",
        )
    # Where it lies decides, not what it says.
    return record.model_copy(update={"id": id, "tenant": tenant})


def _is_about(record: HistoryRecord, release: str) -> bool:
    sought = release.removeprefix("sha256:")
    digests = (record.release_from, record.release_to)
    return bool(sought) and any(digest and digest.removeprefix("sha256:").startswith(sought) for digest in digests)


def _stamp(at: datetime) -> str:
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}"


def _time_of(id: str) -> datetime:
    try:
        return datetime.strptime(id.split("-", maxsplit=1)[0], "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)


def _key(tenant: str, id: str) -> str:
    return make_key("history", tenant, f"{id}.json")
