"""Applies a plan to its tenant: the one door through which a tenant is changed.

Order: lock, look for an apply that was interrupted, read the tenant again, refuse what is stale or unnamed, snapshot,
journal, write, history.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Mapping

from deployer.applying.allowance import check_allowed
from deployer.applying.apply import Run
from deployer.applying.completion import close_completed
from deployer.applying.conclusion import end, given_by, record_unchanged
from deployer.applying.disclosure import check_disclosed
from deployer.applying.final_state import touched
from deployer.applying.interrupted import Interrupted, find_interrupted, refuse_unfinished
from deployer.applying.locking import locked, take_lock
from deployer.applying.outcome import Observer, Outcome
from deployer.applying.renoting import note_anew
from deployer.applying.request import Request
from deployer.applying.snapshot import Snapshot
from deployer.applying.staleness import check_fresh
from deployer.concurrency import in_thread
from deployer.errors import DeployerError
from deployer.management.gateway import Gateway
from deployer.planning.compute import Values
from deployer.planning.former_keys import noted_apart
from deployer.planning.identity import identities_of
from deployer.planning.leftovers import forget_gone, written_options
from deployer.planning.model import Plan
from deployer.planning.plan_file import plan_digest
from deployer.planning.resolve import ResolvedTenant, tenant_ingredients
from deployer.planning.sign_in import check_hands_off
from deployer.resources.live_state import read_live
from deployer.resources.marker import DigestKey
from deployer.resources.model import Desired
from deployer.resources.outputs import merge_values, read_outputs
from deployer.resources.rekeying import under_key
from deployer.resources.sign_in import SignIn
from deployer.state.state_store import StateStore


async def apply_plan(
    resolved: ResolvedTenant, gateway: Gateway, store: StateStore, plan: Plan, request: Request, observer: Observer
) -> Outcome:
    """Apply a plan to its tenant, whole or not at all.

    Raises:
        RefusedError: where the tenant is locked, an earlier apply is unfinished, the plan is stale or has concerns
            that are not allowed; nothing was changed then.
    """
    name = plan.tenant.name
    async with locked(lambda: store.lock(name, f"{request.command} {name}")):
        await close_completed(resolved, gateway, store)
        await refuse_unfinished(store, name)
        check_allowed(plan, request.allowed | frozenset(plan.accepted))
        resources = [change.to_desired() for change in plan.changes]
        read = await read_live(gateway, resources)
        check_hands_off(SignIn.of(resolved.access), read.values())
        values = merge_values(resolved.values, await read_outputs(gateway, _sources(resolved, plan), read))
        live = under_key(read, values, resolved.key)
        check_fresh(plan, live, _digests(values, resolved.key))
        check_disclosed(plan, live, resolved.tenant)
        if not plan.effective:
            return Outcome(notes=await note_anew(resolved, gateway, plan, live))
        new = await in_thread(
            store.inventory.add, name, given_by(plan), touched(plan), _options(resolved, plan), identities_of(plan)
        )
        snapshot = Snapshot.of(plan, secrets.token_hex(4), live)
        reference = await in_thread(store.snapshots.put, snapshot.as_json())
        described = [{"address": one.address, "action": one.action.value} for one in plan.effective]
        digest = plan_digest(plan)
        journal = await in_thread(store.journal, name, request.command, digest, described, reference)
        run = Run.of(gateway, resolved, snapshot, journal, live, observer)
        outcome = await run.forward()
        await end(store, run, plan, outcome, request, digest, new)
        if outcome.complete:
            # Everything is done and written down: neither an error nor an interruption changes that.
            with contextlib.suppress(DeployerError, asyncio.CancelledError):
                outcome.notes += await note_anew(resolved, gateway, plan, live)
                if not plan.targets:
                    await forget_gone(gateway, store, plan)
        return outcome


async def conclude_unchanged(
    resolved: ResolvedTenant, gateway: Gateway, store: StateStore, plan: Plan, request: Request, *, saved: bool = False
) -> tuple[list[str], Interrupted | None]:
    """End an apply that has nothing to change: note what the tenant runs, and see to what was interrupted before.

    A plan that was `saved` says itself what its resources are made of; of one that was made now, the definitions do.

    Returns:
        In words, what an earlier run had begun and is as it was to be, which is closed as done, and what could not be
        noted; and what is still open otherwise, or None.

    Raises:
        RefusedError: where the plan is about what another tenant file has deployed, and that is not allowed.
    """
    check_allowed(plan, request.allowed)
    name = plan.tenant.name
    closed: list[str] = []
    if found := await store.read(find_interrupted, store, name):
        if found.holder is None and found.is_readable:
            async with locked(lambda: take_lock(store, name, f"{request.command} {name}")):
                closed = await close_completed(resolved, gateway, store)
        found = await store.read(find_interrupted, store, name)
    if noted_apart(plan) and found is None:
        closed += await _note_anew(resolved, gateway, store, plan, request)
    if not saved:
        made_of = await in_thread(tenant_ingredients, resolved)
        plan = plan.model_copy(update={"made_of": made_of})
    await in_thread(record_unchanged, store, plan, request)
    return closed, found


async def _note_anew(
    resolved: ResolvedTenant, gateway: Gateway, store: StateStore, plan: Plan, request: Request
) -> list[str]:
    name = plan.tenant.name
    async with locked(lambda: store.lock(name, f"{request.command} {name}")):
        live = await read_live(gateway, [change.to_desired() for change in plan.changes])
        return await note_anew(resolved, gateway, plan, live)


def _sources(resolved: ResolvedTenant, plan: Plan) -> list[Desired]:
    """Find where the secrets come from whose values are needed: of what is written, and of what is to be compared."""
    defined = {one.address: one for one in resolved.desired}
    found = []
    for change in plan.changes:
        if change.wanted is not None:
            found.append(change.to_desired())
        elif change.secrets or change.address in plan.former_key:
            found += [defined[change.address]] if change.address in defined else []
    return found


def _digests(values: Values, key: DigestKey) -> Mapping[str, Mapping[str, str]]:
    return {
        address: {name: key.of(address, name, value) for name, value in named.items()}
        for address, named in values.items()
    }


def _options(resolved: ResolvedTenant, plan: Plan) -> dict[str, list[tuple[str, ...]]]:
    """Find the options to be remembered as written from here: those that are desired, and those left over."""
    found = written_options(resolved.desired)
    for one in plan.leftovers:
        if one.option:
            found.setdefault(one.address, []).append(tuple(one.option))
    return found
