"""A prepared tenant and its plan in, the outcome out; the one door through which a tenant is changed.

Order: lock, look for an apply that was interrupted, read the tenant again, refuse what is stale or unnamed, snapshot,
journal, write, history.
"""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field

from deployer.applying.allowance import check_allowed
from deployer.applying.apply import Run
from deployer.applying.left import left_by, touched, unchanged
from deployer.applying.outcome import Observer, Outcome
from deployer.applying.saved import Snapshot
from deployer.applying.staleness import check_fresh
from deployer.applying.unbroken import unbroken
from deployer.applying.unfinished import recover_hint, refuse_unfinished
from deployer.applying.wanted import desired_of
from deployer.errors import DeployerError
from deployer.management.gateway import Gateway
from deployer.planning.compute import Values
from deployer.planning.leftovers import forget_gone
from deployer.planning.model import Action, Plan
from deployer.planning.plan_file import plan_digest
from deployer.planning.preparation import Prepared
from deployer.resources.notes import DigestKey
from deployer.resources.outputs import merged, read_outputs
from deployer.resources.reading import read_live
from deployer.store.errors import StoreError
from deployer.store.locks import Lock
from deployer.store.running import running_of
from deployer.store.store import Store
from deployer.store.threads import in_thread


@dataclass(frozen=True)
class Request:
    """How a plan is to be applied.

    `command` is the word for the history (`apply`, `rollback`, `promote`), `allowed` are the names of the concerns
    that the user accepts, `reason` why rules were broken, where they were.
    """

    command: str = "apply"
    allowed: frozenset[str] = field(default_factory=frozenset)
    release_from: str | None = None
    reason: str | None = None


async def apply_plan(
    prepared: Prepared, gateway: Gateway, store: Store, plan: Plan, request: Request, observer: Observer
) -> Outcome:
    """Apply a plan to its tenant, whole or not at all.

    Raises:
        RefusedError: where the tenant is locked, an earlier apply is unfinished, the plan is stale or has concerns
            that are not allowed; nothing was changed then.
    """
    name = plan.tenant.name
    async with locked(lambda: store.lock(name, f"{request.command} {name}")):
        await refuse_unfinished(store, name)
        check_allowed(plan, request.allowed)
        resources = [desired_of(change) for change in plan.changes]
        live = await read_live(gateway, resources)
        values = merged(prepared.values, await read_outputs(gateway, resources, live))
        check_fresh(plan, live, _digests(values, prepared.key))
        if not plan.effective:
            return Outcome()
        new = await in_thread(store.inventory.add, name, _given(plan), touched(plan))
        snapshot = Snapshot.of(plan, secrets.token_hex(4), live)
        reference = await in_thread(store.snapshots.put, snapshot.as_json())
        described = [{"address": one.address, "action": one.action.value} for one in plan.effective]
        digest = plan_digest(plan)
        journal = await in_thread(store.journal, name, request.command, digest, described, reference)
        run = Run.of(gateway, prepared, snapshot, journal, live, observer)
        outcome = await run.forward()
        await end(store, run, plan, outcome, request, digest, new)
        if outcome.complete and not plan.targets:
            # Everything is done and written down: neither an error nor an interruption changes that.
            with contextlib.suppress(DeployerError, asyncio.CancelledError):
                await forget_gone(gateway, store, plan)
        return outcome


async def end(
    store: Store,
    run: Run,
    plan: Plan,
    outcome: Outcome,
    request: Request,
    digest: str,
    new: frozenset[str] = frozenset(),
) -> None:
    """Write the history and end the journal, in this order: a kill in between leaves an open journal to be found.

    An interruption comes too late: what it would take back is done, or taken back already. `new` are the addresses that
    the tenant was not given before, where that is known: only they are forgotten where they were not made.

    Raises:
        DeployerError: where the store fails: the tenant is as the outcome says, and the journal stays open.
    """
    await unbroken(_end(store, run, plan, outcome, request, digest, new))


async def _end(
    store: Store, run: Run, plan: Plan, outcome: Outcome, request: Request, digest: str, new: frozenset[str]
) -> None:
    try:
        await in_thread(record, store, plan, outcome, request, digest, run.journal.id)
        await in_thread(store.inventory.remove, plan.tenant.name, _gone(outcome, new))
        await run.close(outcome)
    except StoreError as error:
        how = "every change was made" if outcome.complete else "what was begun was taken back"
        name = plan.tenant.name
        raise DeployerError(
            f"{how}, but the store fails, and this cannot be written down: {error}",
            where=f"tenant {name}",
            hint=f"As soon as the store can be reached: {recover_hint(name)}",
        ) from error
    if outcome.complete and plan.release is not None:  # a destruction leaves less than the release says
        with contextlib.suppress(StoreError):  # everything is written down that must be
            await in_thread(store.inventory.leave, plan.tenant.name, left_by(run, plan))


@contextlib.asynccontextmanager
async def locked(take: Callable[[], Lock]) -> AsyncIterator[None]:
    """Hold a lock; it is given back whatever happens, also when the interruption comes while it is taken."""
    taken: list[Lock] = []
    try:
        await in_thread(lambda: taken.append(take()))
        yield
    except BaseException:
        for lock in taken:
            # What went wrong first is what the user has to know.
            with contextlib.suppress(DeployerError):
                await in_thread(lock.release)
        raise
    try:
        await unbroken(in_thread(taken[0].release))
    except StoreError as error:
        tenant = taken[0].record.tenant
        raise DeployerError(
            f"everything is done, but the lock cannot be given back: {error}",
            where=f"tenant {tenant}",
            hint=f"Once the store can be reached: deployer unlock {tenant} --id {taken[0].id}",
        ) from error


def record_unchanged(store: Store, plan: Plan, request: Request) -> None:
    """Note which release a tenant runs where a plan changed nothing, and how it was left, where it is not known yet."""
    if plan.release is None or plan.targets:
        return
    if plan.release != request.release_from or running_of(store.history.newest_first(plan.tenant.name)).parts:
        store.inventory.add(plan.tenant.name, _given(plan))
        record(store, plan, Outcome(), request, plan_digest(plan), None)
    with contextlib.suppress(StoreError):  # nothing that must be known
        # No lock is held: what is noted already was noted by whoever held it.
        store.inventory.leave(plan.tenant.name, unchanged(plan), gaps_only=True)


def record(store: Store, plan: Plan, outcome: Outcome, request: Request, digest: str, journal: str | None) -> None:
    """Write the history."""
    actions = [step.change.action for step in outcome.steps]
    messages = [step.message for step in outcome.steps if step.message]
    store.history.record(
        plan.tenant.name,
        request.command,
        outcome.result,
        release_from=request.release_from,
        release_to=plan.release,
        plan_digest=digest,
        changes={action.value: actions.count(action) for action in Action if action in actions},
        addresses=[step.change.address for step in outcome.steps],
        targets=plan.targets,
        given=[change.address for change in plan.changes] if plan.targets else [],
        reason=request.reason or (messages[0] if messages else None),
        journal=journal,
    )


def _given(plan: Plan) -> list[str]:
    """What the tenant has by this plan, changed by it or not."""
    return [change.address for change in plan.changes if change.action is not Action.DELETE]


def _gone(outcome: Outcome, new: frozenset[str]) -> list[str]:
    """What the tenant no longer has: what was deleted, and what is new and was not made, or was taken back.

    What it had been given before, and somebody has deleted, stays known as missing where it could not be made again.
    """
    return [
        step.change.address
        for step in outcome.steps
        if (step.change.action is Action.DELETE and step.status == "applied")
        or (
            step.change.action is Action.CREATE
            and step.status not in ("applied", "unknown")
            and step.change.address in new
        )
    ]


def _digests(values: Values, key: DigestKey) -> Mapping[str, Mapping[str, str]]:
    return {
        address: {name: key.of(address, name, value) for name, value in named.items()}
        for address, named in values.items()
    }
