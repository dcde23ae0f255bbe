"""A prepared tenant and its plan in, the outcome out; the one door through which a tenant is changed.

Order: lock, look for an apply that was interrupted, read the tenant again, refuse what is stale or unnamed, snapshot,
journal, write, history.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from deployer.applying.allowance import check_allowed
from deployer.applying.apply import make_run
from deployer.applying.outcome import Observer, Outcome, Step
from deployer.applying.saved import Snapshot
from deployer.applying.staleness import check_fresh
from deployer.errors import RefusedError
from deployer.management.gateway import Gateway
from deployer.planning.model import Action, Plan
from deployer.planning.plan_file import plan_digest
from deployer.planning.preparation import Prepared
from deployer.resources.model import Desired
from deployer.resources.reading import read_live
from deployer.store.replay import JournalState
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
    lock = await in_thread(store.lock, name, f"{request.command} {name}")
    try:
        await refuse_unfinished(store, name)
        check_allowed(plan, request.allowed)
        resources = [Desired(change.kind, change.name, dict.fromkeys(change.read)) for change in plan.changes]
        live = await read_live(gateway, resources)
        check_fresh(plan, live, _digests(prepared))
        if not plan.effective:
            return Outcome()
        run = secrets.token_hex(4)
        snapshot = Snapshot.of(plan, run, live)
        reference = await in_thread(store.snapshots.put, snapshot.as_json())
        steps = [Step(change) for change in plan.effective]
        described = [{"address": step.change.address, "action": step.change.action.value} for step in steps]
        digest = plan_digest(plan)
        journal = await in_thread(store.journal, name, request.command, digest, described, reference)
        outcome = await make_run(
            gateway=gateway,
            key=prepared.key,
            journal=journal,
            steps=steps,
            values=prepared.values,
            before=snapshot.before,
            live=live,
            observer=observer,
            release=plan.release,
            run=run,
        ).forward()
        await in_thread(record, store, plan, outcome, request, digest, journal.id)
        return outcome
    finally:
        await in_thread(lock.release)


def record_unchanged(store: Store, plan: Plan, request: Request) -> None:
    """Note which release a tenant runs where a plan changed nothing; nothing where that is known already."""
    if plan.release is not None and plan.release != request.release_from and not plan.targets:
        record(store, plan, Outcome(), request, plan_digest(plan), None)


async def refuse_unfinished(store: Store, tenant: str) -> None:
    """Raise RefusedError where an earlier apply of the tenant was interrupted."""
    if unfinished := await in_thread(store.journals.open_journals, tenant):
        raise RefusedError(unfinished_text(unfinished[0]), where=f"tenant {tenant}", hint=recover_hint(tenant))


def unfinished_text(state: JournalState) -> str:
    """What an interrupted apply left behind, in words."""
    done = sum(step.status == "done" for step in state.steps)
    return (
        f"the {state.command} that {state.who} began at {state.began_at:%Y-%m-%d %H:%M:%S} UTC was interrupted after "
        f"{done} of {len(state.steps)} changes"
    )


def recover_hint(tenant: str) -> str:
    """What to do about an interrupted apply."""
    return f"`deployer recover {tenant}` takes it back, `deployer recover {tenant} --finish` finishes it."


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
        reason=request.reason or (messages[0] if messages else None),
        journal=journal,
    )


def _digests(prepared: Prepared) -> Mapping[str, Mapping[str, str]]:
    return {
        address: {name: prepared.key.of(address, name, value) for name, value in values.items()}
        for address, values in prepared.values.items()
    }
