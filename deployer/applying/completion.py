"""Closes the journal of an interrupted apply whose every change is there after all, so that nobody takes it back."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from deployer.applying.apply import Run
from deployer.applying.conclusion import end
from deployer.applying.final_state import touched
from deployer.applying.interrupted import Interrupted, close_untouched, is_untouched
from deployer.applying.outcome import Outcome, Silent
from deployer.applying.request import Request
from deployer.applying.snapshot import Snapshot
from deployer.applying.verification import mismatches
from deployer.applying.write import find
from deployer.concurrency import in_thread
from deployer.errors import DeployerError
from deployer.planning.model import Action, Change
from deployer.planning.resolve import ResolvedTenant
from deployer.resources.marker import DigestKey, OwnershipMarker, SecretState
from deployer.resources.model import Live
from deployer.resources.registry import KINDS
from deployer.state.replay import JournalState
from deployer.state.state_store import StateStore

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway


async def close_completed(resolved: ResolvedTenant, gateway: "Gateway", store: StateStore) -> list[str]:
    """Close every open journal of a tenant that has all of what the journal's plan wanted. The lock must be held.

    What was interrupted before its first change is closed as well; everything else is left for `recover`.

    Returns:
        For each that was closed as done, what it was, in words.
    """
    tenant = resolved.tenant.name
    closed = []
    for state in await in_thread(store.journals.open_journals, tenant):
        if is_untouched(state):
            await close_untouched(store, state)
        elif (found := await _as_planned(resolved, gateway, store, state)) is not None:
            await _close(resolved, gateway, store, state, *found)
            closed.append(f"{Interrupted.of(state).words}; every change of it is there, and it is closed as done")
    return closed


async def find_completed(
    resolved: ResolvedTenant, gateway: "Gateway", store: StateStore, states: Iterable[JournalState]
) -> tuple[list[str], list[JournalState]]:
    """Tell which journals `close_completed` would close, and close none.

    Returns:
        In words, those of which every change is there; and the journals that are left for `recover`. What was
        interrupted before its first change is in neither: there is nothing to say of it.
    """
    done, rest = [], []
    for state in states:
        if is_untouched(state):
            continue
        if await _as_planned(resolved, gateway, store, state) is None:
            rest.append(state)
            continue
        closes = f"`deployer recover {state.tenant}` closes it as done"
        done.append(f"{Interrupted.of(state).words}; every change of it is there: {closes}")
    return done, rest


_Found = tuple[Snapshot, dict[str, Live]]


async def _as_planned(
    resolved: ResolvedTenant, gateway: "Gateway", store: StateStore, state: JournalState
) -> _Found | None:
    """Read the plan of a journal and what the tenant has of it, where that is all of it; else None."""
    if state.phase != "applying" or state.snapshot is None:
        return None
    try:
        kept = await in_thread(store.snapshots.get, state.snapshot)
        snapshot = Snapshot.from_json(kept, f"snapshot {state.snapshot}")
    except DeployerError:
        return None  # `recover` says why
    live: dict[str, Live] = {}
    for change in snapshot.plan.effective:
        before = snapshot.before.get(change.address)
        now = await find(gateway, KINDS[change.kind], change.to_desired(), before.id if before else None)
        if not _is_as_planned(change, now, snapshot.run, resolved.key):
            return None
        if now is not None:
            live[change.address] = now
    return snapshot, live


def _is_as_planned(change: Change, now: Live | None, run: str, key: DigestKey) -> bool:
    """Return whether a resource is what a change wanted, its secrets included. What cannot be known is not."""
    if change.action is Action.DELETE:
        return now is None
    kind = KINDS[change.kind]
    if now is None or kind.cannot_detect_writes or mismatches(change.to_desired(), now) or not kind.made_by(now, run):
        return False
    notes = OwnershipMarker.read(now.notes)
    digests = change.wanted.secret_digests if change.wanted else {}
    return all(
        notes is not None and notes.state(name, value, key.id, now.ciphertexts.get(name)) is SecretState.SAME
        for name, value in digests.items()
    )


async def _close(
    resolved: ResolvedTenant,
    gateway: "Gateway",
    store: StateStore,
    state: JournalState,
    snapshot: Snapshot,
    live: dict[str, Live],
) -> None:
    journal = await in_thread(store.journals.resume, state.tenant, state.id)
    await in_thread(store.inventory.add, state.tenant, [], touched(snapshot.plan))
    run = Run.of(gateway, resolved, snapshot, journal, live, Silent())
    for number, step in enumerate(run.steps):
        if state.steps[number].status == "pending":
            await in_thread(journal.step_started, number)
        if state.steps[number].status != "done":
            there = live.get(step.change.address)
            result: Any = {"id": there.id} if there else None
            await in_thread(journal.step_done, number, result)
        step.status = "applied"
    request = Request(command=state.command, reason="found as planned after it was interrupted")
    await end(store, run, snapshot.plan, Outcome(run.steps), request, state.plan_digest)
