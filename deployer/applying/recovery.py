"""Finishes an interrupted apply, or takes it back, by its journal."""

from collections.abc import Callable
from dataclasses import dataclass

from deployer.applying.apply import Run
from deployer.applying.completion import close_completed, find_completed
from deployer.applying.conclusion import end
from deployer.applying.final_state import touched
from deployer.applying.locking import locked, take_lock
from deployer.applying.outcome import Observer, Outcome
from deployer.applying.recovery_plan import RecoveryPlan, kept_since, plan_recovery, read_snapshot
from deployer.applying.request import Request
from deployer.applying.snapshot import Snapshot
from deployer.applying.staleness import StaleError
from deployer.applying.verification import mismatches
from deployer.applying.write import find
from deployer.concurrency import in_thread
from deployer.management.gateway import Gateway
from deployer.planning.model import Action, Plan
from deployer.planning.resolve import ResolvedTenant
from deployer.resources.live_state import read_live
from deployer.resources.registry import KINDS
from deployer.state.journal import Journal
from deployer.state.replay import JournalState
from deployer.state.state_store import StateStore


@dataclass(frozen=True)
class Recovered:
    """What became of the interrupted applies of a tenant: those closed as done, in words, and the others.

    `plans` are what was to be done about the others, `outcomes` what was; there are none where it was only to be seen.
    """

    closed: list[str]
    plans: list[RecoveryPlan]
    outcomes: list[tuple[Plan, Outcome]]


Agree = Callable[[list[RecoveryPlan]], None]
"""Told what is to be done before anything is; raises, or leaves, where that is not wanted."""


async def recover_all(
    resolved: ResolvedTenant,
    gateway: Gateway,
    store: StateStore,
    observer: Observer,
    agree: Agree,
    *,
    finish: bool,
    look: bool = False,
) -> Recovered:
    """Finish or take back every interrupted apply of a tenant, the latest first, under the tenant's lock.

    One whose every change is there is closed as done and not taken back. The lock of a process of this machine that no
    longer runs is taken away; any other lock must be given back first. With `look`, nothing is closed, made or taken
    back: `agree` is told of all that would be.
    """
    name = resolved.tenant.name
    async with locked(lambda: take_lock(store, name, f"recover {name}")):
        closed = [] if look else await close_completed(resolved, gateway, store)
        found = await in_thread(store.journals.open_journals, name)
        if look:
            closed, found = await find_completed(resolved, gateway, store, found)
        plans = [await plan_recovery(resolved, gateway, store, one, finish=finish) for one in reversed(found)]
        if plans:
            agree(plans)
        if look:
            return Recovered(closed, plans, [])
        outcomes = [await recover(resolved, gateway, store, one.state, observer, finish=finish) for one in plans]
        return Recovered(closed, plans, outcomes)


async def recover(
    resolved: ResolvedTenant,
    gateway: Gateway,
    store: StateStore,
    state: JournalState,
    observer: Observer,
    *,
    finish: bool,
) -> tuple[Plan, Outcome]:
    """Finish or take back an interrupted apply. The tenant's lock must be held.

    Raises:
        StaleError: where it cannot be finished since the tenant or a secret has changed; nothing was changed then.
        DeployerError: where the snapshot cannot be read.
    """
    snapshot = await read_snapshot(store, state)
    await in_thread(store.inventory.add, state.tenant, [], touched(snapshot.plan))
    journal = await in_thread(store.journals.resume, state.tenant, state.id)
    live = await read_live(gateway, [change.to_desired() for change in snapshot.plan.changes])
    run = Run.of(gateway, resolved, snapshot, journal, live, observer)
    if finish and state.phase == "applying":
        outcome = await _finish(resolved, run, snapshot, journal)
    else:
        for number, step in enumerate(run.steps):
            step.status = "applied" if state.steps[number].status != "pending" else "not-started"
        await _keep_used(run, snapshot, state)
        interrupted = await run.backward("taken back by `recover`")
        outcome = Outcome(run.steps, interrupted=interrupted, undone=True)
    request = Request(command="recover")
    await end(store, run, snapshot.plan, outcome, request, state.plan_digest)
    return snapshot.plan, outcome


async def _keep_used(run: Run, snapshot: Snapshot, state: JournalState) -> None:
    """Leave alone what the run created and somebody has changed since: to undo such a step is to delete their work."""
    for step in state.to_undo:
        change = run.steps[step.number].change
        if change.address in snapshot.before:
            continue
        now = await find(run.gateway, KINDS[change.kind], change.to_desired(), None)
        if (why := kept_since(change, step, now, snapshot.run)) is not None:
            run.kept[change.address] = why


async def _finish(resolved: ResolvedTenant, run: Run, snapshot: Snapshot, journal: Journal) -> Outcome:
    """Make every change that is not there yet. A resource that is neither as before nor as planned stops this."""
    states = journal.state.steps
    for number, step in enumerate(run.steps):
        change = step.change
        before = snapshot.before.get(change.address)
        desired = change.to_desired()
        digests = change.wanted.secret_digests if change.wanted else {}
        values = await run.values_now(change)
        if any(resolved.key.of(change.address, name, values.get(name, "")) != d for name, d in digests.items()):
            raise StaleError(
                "a secret has another value now", where=change.address, hint="Take the apply back instead."
            )
        now = await find(run.gateway, KINDS[change.kind], desired, before.id if before else None)
        if now is not None:
            run.live[change.address] = now
        if now is None and change.action is Action.DELETE:
            continue
        was = before is None if now is None else before is not None and run.is_as_before(before, now)
        ours = now is not None and KINDS[change.kind].made_by(now, snapshot.run)
        if ours and states[number].status == "done":
            # A step that was only begun may have made some of its requests: it is made again.
            ours = now is not None and not mismatches(desired, now)
        if not was and not ours:
            raise StaleError(
                "it is neither as it was nor as it was to be",
                where=change.address,
                hint="Somebody else has changed it since. Take the apply back, or look at the tenant.",
            )
    for number, step in enumerate(run.steps):
        if states[number].status == "done":
            step.status = "applied"
    return await run.forward()
