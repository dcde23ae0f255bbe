"""Finds what the state no longer needs, for whoever pays for it: old records, journals, snapshots and releases.

Never found: what a tenant runs, what it could be rolled back to, what an open journal needs, and whatever is young, for
it may belong to a plan that somebody has saved and not applied yet.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from deployer.errors import RefusedError
from deployer.state.deployed_release import find_deployed, whole_releases
from deployer.state.history import UNREADABLE, HistoryRecord
from deployer.state.names import make_key
from deployer.state.state_store import StateStore
from deployer.text import one_line


@dataclass(frozen=True)
class Retention:
    """What is kept: of each tenant the newest `records` and the last `releases` to roll back to; all that is young."""

    records: int = 100
    releases: int = 10
    age: timedelta = timedelta(days=90)


@dataclass
class Prunable:
    """What can go, as keys of objects; each is deleted before what it leads to."""

    records: list[str] = field(default_factory=list)
    journals: list[str] = field(default_factory=list)
    snapshots: list[str] = field(default_factory=list)
    releases: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    """Tenants of which nothing is deleted, since what they have is known by their history alone."""

    def counts(self) -> dict[str, int]:
        """Count the objects of each kind."""
        return {name: len(getattr(self, name)) for name in ("records", "journals", "snapshots", "releases")}


def find_prunable(state: StateStore, retention: Retention, now: datetime | None = None) -> Prunable:
    """Find what this state can do without, of all its tenants: they share releases and snapshots.

    Raises:
        RefusedError: where an apply was interrupted: what it needs is not known before it is recovered.
    """
    found = Prunable()
    latest = (now or datetime.now(UTC)) - retention.age
    tenants = set(state.history.tenants()) | _tenants(state, "journals")
    releases: set[str] = set()
    snapshots: set[str] = set()
    for tenant in sorted(tenants):
        _refuse_open(state, tenant)
        records = list(state.history.newest_first(tenant))
        going = _old(records, retention, latest)
        if going and state.objects.get(make_key("inventory", f"{tenant}.json")) is None:
            found.kept.append(tenant)
            going = []
        gone = {record.id for record in going}
        staying = [record for record in records if record.id not in gone]
        found.records += [make_key("history", tenant, f"{record.id}.json") for record in going]
        releases |= _releases(staying)
        needed = {record.journal for record in staying}
        for id in state.journals.list(tenant):
            keys = state.objects.list(make_key("journals", tenant, id))
            if id in needed or tenant in found.kept or not _all_old(state, make_key("journals", tenant, id), latest):
                snapshot = state.journals.read(tenant, id).snapshot
                snapshots |= {snapshot} if snapshot else set()
            else:
                found.journals += keys
    found.snapshots = _unneeded(state, "snapshots", snapshots, latest)
    found.releases = _unneeded(state, "releases", releases, latest)
    return found


def delete(state: StateStore, found: Prunable) -> None:
    """Delete what was found. A kill in between leaves what nothing leads to any more, which the next run finds."""
    for key in [*found.records, *found.journals, *found.snapshots, *found.releases]:
        state.objects.delete(key)


def _old(records: list[HistoryRecord], retention: Retention, latest: datetime) -> list[HistoryRecord]:
    """Choose the records that nothing needs: beyond the newest, and beyond the last releases given whole."""
    whole: set[str] = set()
    needed = 0
    for number in range(len(records)):
        before = len(whole)
        whole |= set(whole_releases(records[number : number + 1]))
        if len(whole) > before and before < retention.releases + 1:
            needed = number + 1
        if len(whole) > retention.releases:
            break
    first = max(retention.records, needed)
    return [record for record in records[first:] if record.at < latest and record.result != UNREADABLE]


def _releases(records: list[HistoryRecord]) -> set[str]:
    """Collect every release that these records name, and what the tenant runs by them."""
    running = find_deployed(records)
    named = {release for record in records for release in (record.release_from, record.release_to) if release}
    return named | set(running.parts.values()) | ({running.release} if running.release else set())


def _refuse_open(state: StateStore, tenant: str) -> None:
    if state.journals.open_journals(tenant):
        raise RefusedError(
            "an apply was interrupted, and what it needs must stay",
            where=f"tenant {one_line(tenant)}",
            hint=f"Nothing was deleted. Run `deployer recover {one_line(tenant)}` first.",
        )


def _tenants(state: StateStore, folder: str) -> set[str]:
    return {key.split("/")[1] for key in state.objects.list(make_key(folder))}


def _all_old(state: StateStore, prefix: str, latest: datetime) -> bool:
    return all(at < latest for at in state.objects.ages(prefix).values())


def _unneeded(state: StateStore, folder: str, needed: Iterable[str], latest: datetime) -> list[str]:
    names = {digest.removeprefix("sha256:") for digest in needed}
    ages = state.objects.ages(make_key(folder))
    return [key for key, at in ages.items() if at < latest and not any(name in key.split("/")[-1] for name in names)]
