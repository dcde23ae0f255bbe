"""Writes down how an apply ended: the history first, then what the tenant has, then the end of the journal."""

import contextlib

from deployer.applying.apply import Run
from deployer.applying.final_state import identified_by, states_after, unchanged
from deployer.applying.interrupted import recover_hint
from deployer.applying.outcome import Outcome
from deployer.applying.request import Request
from deployer.concurrency import finish_despite_cancel, in_thread
from deployer.errors import DeployerError
from deployer.planning.identity import identities_of
from deployer.planning.model import Action, Plan
from deployer.planning.plan_file import plan_digest
from deployer.state.deployed_release import find_deployed
from deployer.state.errors import StateError
from deployer.state.state_store import StateStore


async def end(
    store: StateStore,
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
    await finish_despite_cancel(_end(store, run, plan, outcome, request, digest, new))


async def _end(
    store: StateStore, run: Run, plan: Plan, outcome: Outcome, request: Request, digest: str, new: frozenset[str]
) -> None:
    try:
        await in_thread(record, store, plan, outcome, request, digest, run.journal.id)
        await in_thread(store.inventory.remove, plan.tenant.name, _gone(outcome, new))
        await run.close(outcome)
    except StateError as error:
        how = "every change was made" if outcome.complete else "what was begun was taken back"
        name = plan.tenant.name
        raise DeployerError(
            f"{how}, but the store fails, and this cannot be written down: {error}",
            where=f"tenant {name}",
            hint=f"As soon as the store can be reached: {recover_hint(name)}",
        ) from error
    if outcome.complete and plan.release is not None:  # a destruction leaves less than the release says
        with contextlib.suppress(StateError):  # everything is written down that must be
            await in_thread(
                store.inventory.note_final_states, plan.tenant.name, states_after(run, plan), identified_by(run, plan)
            )


def record_unchanged(store: StateStore, plan: Plan, request: Request) -> None:
    """Note which release a tenant runs where a plan changed nothing, and how it was left, where it is not known yet."""
    if plan.release is None or plan.targets:
        return
    if plan.release != request.release_from or find_deployed(store.history.newest_first(plan.tenant.name)).parts:
        store.inventory.add(plan.tenant.name, given_by(plan))
        record(store, plan, Outcome(), request, plan_digest(plan), None)
    with contextlib.suppress(StateError):  # nothing that must be known
        # No lock is held: what is noted already was noted by whoever held it.
        store.inventory.note_final_states(
            plan.tenant.name, unchanged(plan), identities_of(plan, deployed=True), gaps_only=True
        )


def record(store: StateStore, plan: Plan, outcome: Outcome, request: Request, digest: str, journal: str | None) -> None:
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


def given_by(plan: Plan) -> list[str]:
    """Find what the tenant has by this plan, changed by it or not."""
    return [change.address for change in plan.changes if change.action is not Action.DELETE]


def _gone(outcome: Outcome, new: frozenset[str]) -> list[str]:
    """Find what the tenant no longer has: what was deleted, and what is new and was not made, or was taken back.

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
