"""Prepares the deletion of one resource: only of what this tool has made, and only of what was named."""

from dataclasses import replace
from datetime import UTC, datetime

from deployer import __version__
from deployer.digests import digest
from deployer.errors import DeployerError, RefusedError
from deployer.management.gateway import Gateway
from deployer.planning.compute import change_of
from deployer.planning.identity import identified
from deployer.planning.model import Action, Change, Plan
from deployer.planning.resolve import ResolvedTenant
from deployer.planning.sign_in import check_hands_off
from deployer.planning.takeover import name_takeovers, noted_elsewhere
from deployer.resources.concerns import Concern, ConcernCode
from deployer.resources.live_state import read_live
from deployer.resources.marker import NOTE_KEY
from deployer.resources.model import Desired, Live
from deployer.resources.registry import KINDS
from deployer.resources.sign_in import SignIn
from deployer.state.inventory import Known
from deployer.state.state_store import StateStore
from deployer.text import did_you_mean, one_line

_SHOWN = 20
"""Addresses that are listed for somebody who has named another."""


async def make_destruction(resolved: ResolvedTenant, gateway: Gateway, address: str, store: StateStore) -> Plan:
    """Make the plan that deletes the resource at an address, or takes ours out of what belongs to everybody.

    The store knows what was deployed: who names something else is told what there is.

    Raises:
        DeployerError: where there is no such resource.
        RefusedError: where it was not made by this tool, or is what deployer signs in with.
    """
    known = await store.read(store.inventory.known, resolved.tenant.name)
    desired = _lookup(resolved, address, known)
    if desired is None:
        raise DeployerError(
            f"'{one_line(address)}' is no address: it is KIND.NAME",
            where="ADDRESS",
            hint=_others(resolved, address, known),
        )
    live = (await read_live(gateway, [desired])).get(address)
    if live is None:
        raise DeployerError(
            f"the tenant has no {one_line(address)}",
            where=f"tenant {resolved.tenant.name}",
            hint=_others(resolved, address, known),
        )
    check_hands_off(SignIn.of(resolved.access), [live])
    if NOTE_KEY not in live.notes:
        raise RefusedError(
            f"{one_line(address)} was not made by this tool, and nothing else is ever deleted",
            where=f"tenant {resolved.tenant.name}",
            hint="Delete it in the Auth0 Dashboard, if nobody needs it.",
        )
    remaining = await KINDS[live.kind].without_ours(gateway, live)
    change = _deletion(desired, live) if remaining is None else change_of(remaining, live, {}, resolved.key)
    if resolved.tenant.protect and change.action is not Action.NO_OP:
        why = f"{resolved.tenant.name} is protected, and this deletes something"
        change = change.model_copy(
            update={"concerns": [*change.concerns, Concern(code=ConcernCode.DELETE, address=address, why=why)]}
        )
    plan = Plan(
        tenant=resolved.planned,
        created_at=datetime.now(UTC),
        created_by=f"deployer {__version__}",
        key_id=resolved.key.id,
        targets=[address],
        changes=[change],
    )
    return name_takeovers(plan, await noted_elsewhere({address: live}, known, store, resolved.planned))


def dependents(resolved: ResolvedTenant, address: str) -> list[str]:
    """Find what needs this resource, by the definitions."""
    return [resource.address for resource in resolved.desired if address in resource.depends_on]


def is_defined(resolved: ResolvedTenant, address: str) -> bool:
    """Return whether the files still name it, so that the next apply makes it again."""
    return any(resource.address == address for resource in resolved.desired)


def _lookup(resolved: ResolvedTenant, address: str, known: Known) -> Desired | None:
    """Say how to look for it; None for what is no address."""
    defined = next((resource for resource in resolved.desired if resource.address == address), None)
    if defined is not None:
        return identified(replace(defined, secrets={}), known)
    kind, _, name = address.partition(".")
    return identified(Desired(kind, name, {}), known) if kind in KINDS and name else None


def _others(resolved: ResolvedTenant, address: str, known: Known) -> str:
    """List the addresses of the definitions and of what was deployed, the nearest one first."""
    addresses = sorted(({resource.address for resource in resolved.desired} | known.addresses) - {address})
    if not addresses:
        return f"Nothing is defined and nothing was deployed from here. Kinds are: {', '.join(sorted(KINDS))}."
    named = next((one for one in addresses if one.partition(".")[2] == address), None)
    kind = address.partition(".")[0]
    near = f"did you mean '{named}'?" if named else did_you_mean(address, addresses) or did_you_mean(kind, KINDS)
    more = f" and {len(addresses) - _SHOWN} more" if len(addresses) > _SHOWN else ""
    there = f"Defined or deployed from here: {', '.join(one_line(one) for one in addresses[:_SHOWN])}{more}."
    return f"{one_line(near)} {there}" if near else there


def _deletion(desired: Desired, live: Live) -> Change:
    return Change(
        kind=live.kind,
        name=live.name,
        action=Action.DELETE,
        irreversible=[note] if (note := KINDS[live.kind].deletion_note) else [],
        lookup=dict(desired.lookup),
        before=live.comparable(),
        live_digest=digest(live.comparable()),
        read=sorted(desired.attributes),
        owners=list(desired.owners),
        id=live.id,
    )
