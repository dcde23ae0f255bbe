"""Tells what `recover` would do to a tenant, as a plan, before anything is done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from deployer import __version__
from deployer.applying.snapshot import Snapshot
from deployer.applying.verification import mismatches
from deployer.applying.write import find
from deployer.concurrency import in_thread
from deployer.digests import digest
from deployer.errors import DeployerError, RefusedError
from deployer.planning.differences import all_differences
from deployer.planning.model import Action, Change, Plan
from deployer.planning.resolve import ResolvedTenant
from deployer.resources.model import Live, Saved
from deployer.resources.registry import KINDS
from deployer.state.replay import JournalState, StepState
from deployer.state.state_store import StateStore
from deployer.text import count, one_line

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway


@dataclass(frozen=True)
class RecoveryPlan:
    """What one interrupted apply is to become.

    Attributes:
        state: what its journal tells.
        plan: the changes that `recover` makes, in the order in which it makes them.
        kept: by address, why something that the run created is not deleted again.
    """

    state: JournalState
    plan: Plan
    kept: Mapping[str, str] = field(default_factory=dict)

    @property
    def deleted_connections(self) -> list[str]:
        """The addresses of the connections that are deleted with their users."""
        changes = self.plan.changes
        return [one.address for one in changes if KINDS[one.kind].holds_users and one.action is Action.DELETE]


async def plan_recovery(
    resolved: ResolvedTenant, gateway: "Gateway", store: StateStore, state: JournalState, *, finish: bool
) -> RecoveryPlan:
    """Tell what taking back, or finishing, an interrupted apply does to the tenant as it is now. Changes nothing.

    Raises:
        DeployerError: where the journal's snapshot cannot be read.
    """
    snapshot = await read_snapshot(store, state)
    changes: list[Change] = []
    kept: dict[str, str] = {}
    forward = finish and state.phase == "applying"
    steps = state.steps if forward else state.to_undo
    for step in steps:
        change = snapshot.plan.effective[step.number]
        before = snapshot.before.get(change.address)
        now = await find(gateway, KINDS[change.kind], change.to_desired(), before.id if before else None)
        if forward:
            found = _ahead(change, now, snapshot.run)
        elif before is None:
            why = kept_since(change, step, now, snapshot.run)
            if why is not None:
                kept[change.address] = why
                continue
            found = await _deletion(gateway, change, now)
        else:
            found = _restoration(change, before, now)
        if found is not None:
            changes.append(found)
    plan = Plan(
        tenant=resolved.planned,
        created_at=datetime.now(UTC),
        created_by=f"deployer {__version__}",
        key_id=resolved.key.id,
        targets=[],
        changes=changes,
    )
    return RecoveryPlan(state, plan, kept)


async def read_snapshot(store: StateStore, state: JournalState) -> Snapshot:
    """Read the plan of an interrupted apply and the tenant before it.

    Raises:
        DeployerError: where there is none, or it cannot be read.
    """
    if state.snapshot is None:
        raise DeployerError("the journal has no snapshot", where=f"journal {state.id}")
    kept = await in_thread(store.snapshots.get, state.snapshot)
    return Snapshot.from_json(kept, f"snapshot {state.snapshot}")


def kept_since(change: Change, step: StepState, now: Live | None, run: str) -> str | None:
    """Say why something that an interrupted run created must not be deleted by taking the run back.

    It is the run's own only as long as it is the very thing that the run created, in the state in which it left it.

    Returns:
        None where it may be deleted, or is not there.
    """
    if now is None:
        return None
    made = step.result.get("id") if isinstance(step.result, Mapping) else None
    if (made is not None and made != now.id) or not KINDS[change.kind].made_by(now, run):
        return "somebody else created it, or wrote it since; it is left alone"
    if step.status == "done" and (changed := mismatches(change.to_desired(), now)):
        return f"somebody else has changed it since ({one_line(', '.join(changed), 200)}); it is left alone"
    return None


def check_confirmed(plans: list[RecoveryPlan], confirmed: frozenset[str]) -> None:
    """Refuse to delete a connection that was not named.

    Raises:
        RefusedError: naming each with how many users it has; nothing was changed.
    """
    changes = {
        change.address: change
        for one in plans
        for change in one.plan.changes
        if change.address in one.deleted_connections and change.address not in confirmed
    }
    if changes:
        told = "; ".join(f"{address} ({change.irreversible[0]})" for address, change in changes.items())
        options = " ".join(f"--confirm {one_line(address)}" for address in changes)
        raise RefusedError(
            f"taking this back deletes {count(len(changes), 'connection')} with every user: {one_line(told, 600)}",
            hint=f"Nothing was changed. Add {options} to delete, or keep what was made with --finish.",
        )


def _ahead(change: Change, now: Live | None, run: str) -> Change | None:
    """Find what of a change is still to be made."""
    if change.action is Action.DELETE:
        return change if now is not None else None
    kind = KINDS[change.kind]
    there = (
        now is not None
        and kind.made_by(now, run)
        and not kind.cannot_detect_writes
        and not mismatches(change.to_desired(), now)
    )
    return None if there else change


async def _deletion(gateway: "Gateway", change: Change, now: Live | None) -> Change | None:
    """Describe the deletion of what the run created, with what goes with it."""
    if now is None:
        return None
    loses = await KINDS[change.kind].deletion_details(gateway, now)
    return _changed(change, Action.DELETE, now, irreversible=[loses] if loses else [])


def _restoration(change: Change, before: Saved, now: Live | None) -> Change | None:
    """Describe what sets a resource back to what it was; None where it is, or where nothing is made again."""
    if now is None:
        return _changed(change, Action.CREATE, None) if change.action is Action.DELETE else None
    differences = all_differences(dict(now.attributes), dict(before.attributes))
    if not differences and now.secret_digests == before.secret_digests:
        return None
    found = _changed(change, Action.UPDATE, now)
    return found.model_copy(update={"attributes": differences})


def _changed(change: Change, action: Action, now: Live | None, irreversible: list[str] | None = None) -> Change:
    return Change(
        kind=change.kind,
        name=change.name,
        action=action,
        irreversible=irreversible or [],
        lookup=dict(change.lookup),
        before=now.comparable() if now else None,
        live_digest=digest(now.comparable()) if now else None,
        read=change.read,
    )
