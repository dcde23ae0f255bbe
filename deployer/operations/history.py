"""Lists what was done to a tenant."""

from dataclasses import dataclass
from datetime import datetime

from deployer.operations.context import Context
from deployer.state.history import HistoryRecord


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """Which records are wanted: those after `since` and before `until` (with a zone), with this result, from or to this
    release (the beginning of its digest)."""

    since: datetime | None = None
    until: datetime | None = None
    result: str | None = None
    release: str | None = None


@dataclass(frozen=True, slots=True)
class History:
    """The records that were found, the newest first, and whether there are more than were asked for."""

    records: tuple[HistoryRecord, ...]
    more: bool


def history(context: Context, limit: int, wanted: HistoryFilter | None = None) -> History:
    """List at most `limit` records of the tenant, the newest first.

    Raises:
        DeployerError: where the state cannot be read, or the folder that is named for it is not there.
    """
    wanted = wanted or HistoryFilter()
    state = context.state(context.load(), needed=True)
    found = state.history.list(
        context.tenant,
        since=wanted.since,
        until=wanted.until,
        result=wanted.result,
        release=wanted.release,
        limit=limit + 1,
    )
    return History(tuple(found[:limit]), len(found) > limit)
