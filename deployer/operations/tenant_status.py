"""Describes how tenants and their connections stand. Plain data, free of secrets."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from deployer.planning.model import Leftover
from deployer.text import count


class State(StrEnum):
    """How a connection stands, or a tenant: then it is the most serious state of its connections."""

    IN_SYNC = "in_sync"
    BEHIND = "behind"
    DRIFTED = "drifted"
    UNKNOWN = "unknown"
    FAILED = "failed"


SEVERITY = {state: rank for rank, state in enumerate(State)}
"""The higher, the more serious."""

WORDS = {
    State.IN_SYNC: "in sync",
    State.BEHIND: "behind",
    State.DRIFTED: "drifted",
    State.UNKNOWN: "unknown",
    State.FAILED: "failed",
}


@dataclass(frozen=True, slots=True)
class ConnectionStatus:
    """One connection of one tenant.

    `behind` counts the releases between the one that it runs and the one that the tenant before it in the pipeline
    runs. `release`, `applied_at` (with a zone) and `applied_by` are said where they may differ from the tenant's.
    `message` says in one sentence what is the matter.
    """

    name: str
    state: State
    behind: int = 0
    release: str | None = None
    applied_at: datetime | None = None
    applied_by: str | None = None
    message: str | None = None

    @property
    def words(self) -> str:
        """`in sync`, `3 releases behind`."""
        return behind_words(self.state, self.behind)


@dataclass(frozen=True, slots=True)
class TenantStatus:
    """One tenant. `own_state` is what is known of the tenant itself: failed where it could not be asked, say.

    `leftovers` are in it though nothing defines them any more, which is no matter of its state.
    """

    name: str
    domain: str
    connections: tuple[ConnectionStatus, ...] = ()
    promote_from: str | None = None
    tags: tuple[str, ...] = ()
    release: str | None = None
    applied_at: datetime | None = None
    applied_by: str | None = None
    message: str | None = None
    own_state: State | None = None
    leftovers: tuple[Leftover, ...] = ()

    @property
    def state(self) -> State:
        """The most serious of the connections' states and the tenant's own; unknown where there are none."""
        states = [connection.state for connection in self.connections]
        states += [self.own_state] if self.own_state else []
        return max(states, key=SEVERITY.__getitem__, default=State.UNKNOWN)

    @property
    def behind(self) -> int:
        """By how many releases the connection that is furthest behind is behind."""
        return max((connection.behind for connection in self.connections), default=0)

    @property
    def words(self) -> str:
        """The state in words: `drifted`, `3 releases behind`."""
        return behind_words(self.state, self.behind)


@dataclass(frozen=True, slots=True)
class FleetStatus:
    """All tenants that were looked at, and when (with a zone)."""

    tenants: tuple[TenantStatus, ...]
    looked_at: datetime

    def counts(self) -> dict[State, int]:
        """Count the tenants in each state, the most serious first."""
        counter = Counter(tenant.state for tenant in self.tenants)
        return {state: counter[state] for state in reversed(State)}

    def connection_names(self) -> list[str]:
        """List the names of all connections, those of most tenants first."""
        counter = Counter(connection.name for tenant in self.tenants for connection in tenant.connections)
        return sorted(counter, key=lambda name: (-counter[name], name))

    def tags(self) -> list[str]:
        """List every tag, in order."""
        return sorted({tag for tenant in self.tenants for tag in tenant.tags})


def behind_words(state: State, behind: int) -> str:
    """Name a state, with the number of releases where it is behind."""
    return f"{count(behind, 'release')} behind" if state is State.BEHIND and behind else WORDS[state]


def problems_first(tenants: Iterable[TenantStatus]) -> list[TenantStatus]:
    """Sort tenants: the most serious first, by name among equals."""
    return sorted(tenants, key=lambda tenant: (-SEVERITY[tenant.state], tenant.name))
