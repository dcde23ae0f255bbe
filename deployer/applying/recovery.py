"""The journal of an interrupted apply in, the tenant as it was or as it was to be out."""

from deployer.applying.apply import Run
from deployer.applying.left import touched
from deployer.applying.outcome import Observer, Outcome
from deployer.applying.saved import Snapshot
from deployer.applying.session import Request, end, locked
from deployer.applying.staleness import StaleError
from deployer.applying.undo import same_state
from deployer.applying.verification import mismatches
from deployer.applying.wanted import desired_of
from deployer.applying.write import find
from deployer.errors import DeployerError
from deployer.management.gateway import Gateway
from deployer.planning.model import Action, Plan
from deployer.planning.preparation import Prepared
from deployer.resources.reading import read_live
from deployer.resources.registry import KINDS
from deployer.store.journal import Journal
from deployer.store.locks import Lock
from deployer.store.replay import JournalState
from deployer.store.store import Store
from deployer.store.threads import in_thread


async def recover_all(
    prepared: Prepared, gateway: Gateway, store: Store, observer: Observer, *, finish: bool
) -> list[tuple[Plan, Outcome]]:
    """Every interrupted apply of the tenant, oldest last, finished or taken back, under the tenant's lock.

    The lock of a process of this machine that no longer runs is taken away; any other lock must be given back first.
    """
    name = prepared.tenant.name
    async with locked(lambda: take_lock(store, name)):
        found = await in_thread(store.journals.open_journals, name)
        return [await recover(prepared, gateway, store, one, observer, finish=finish) for one in reversed(found)]


def take_lock(store: Store, tenant: str) -> Lock:
    """The tenant's lock, taken from a holder that was killed on this machine. Raises LockedError for any other."""
    holder = store.locks.holder(tenant)
    if holder is not None and holder.is_abandoned:
        store.locks.unlock(tenant, holder.id)
    return store.lock(tenant, f"recover {tenant}")


async def recover(
    prepared: Prepared, gateway: Gateway, store: Store, state: JournalState, observer: Observer, *, finish: bool
) -> tuple[Plan, Outcome]:
    """Finish or take back an interrupted apply. The tenant's lock must be held.

    Raises:
        StaleError: where it cannot be finished since the tenant or a secret has changed; nothing was changed then.
        DeployerError: where the snapshot cannot be read.
    """
    if state.snapshot is None:
        raise DeployerError("the journal has no snapshot", where=f"journal {state.id}")
    kept = await in_thread(store.snapshots.get, state.snapshot)
    snapshot = Snapshot.from_json(kept, f"snapshot {state.snapshot}")
    await in_thread(store.inventory.add, state.tenant, [], touched(snapshot.plan))
    journal = await in_thread(store.journals.resume, state.tenant, state.id)
    live = await read_live(gateway, [desired_of(change) for change in snapshot.plan.changes])
    run = Run.of(gateway, prepared, snapshot, journal, live, observer)
    if finish and state.phase == "applying":
        outcome = await _finish(prepared, run, snapshot, journal)
    else:
        for number, step in enumerate(run.steps):
            step.status = "applied" if state.steps[number].status != "pending" else "not-started"
        interrupted = await run.backward("taken back by `recover`")
        outcome = Outcome(run.steps, interrupted=interrupted, undone=True)
    request = Request(command="recover")
    await end(store, run, snapshot.plan, outcome, request, state.plan_digest)
    return snapshot.plan, outcome


async def _finish(prepared: Prepared, run: Run, snapshot: Snapshot, journal: Journal) -> Outcome:
    """Make every change that is not there yet. A resource that is neither as before nor as planned stops this."""
    states = journal.state.steps
    for number, step in enumerate(run.steps):
        change = step.change
        before = snapshot.before.get(change.address)
        wanted = desired_of(change)
        digests = change.wanted.secret_digests if change.wanted else {}
        values = await run.values_now(change)
        if any(prepared.key.of(change.address, name, values.get(name, "")) != d for name, d in digests.items()):
            raise StaleError(
                "a secret has another value now", where=change.address, hint="Take the apply back instead."
            )
        now = await find(run.gateway, KINDS[change.kind], wanted, before.id if before else None)
        if now is not None:
            run.live[change.address] = now
        if now is None and change.action is Action.DELETE:
            continue
        was = before is None if now is None else before is not None and same_state(before, now)
        ours = now is not None and KINDS[change.kind].made_by(now, snapshot.run)
        if ours and states[number].status == "done":
            # A step that was only begun may have made some of its requests: it is made again.
            ours = now is not None and not mismatches(wanted, now)
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
