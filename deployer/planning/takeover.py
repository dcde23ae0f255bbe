"""Finds what a plan would take over from another tenant file, by what is noted in the tenant and in the store.

A copied tenant file reaches the same tenant as the one that it was copied from, without what that one says of
protection and promotion, and with a history of its own. What it finds there is not its own until somebody says so.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from deployer.planning.model import Plan, PlannedTenant
from deployer.resources.concerns import Concern, ConcernCode
from deployer.resources.marker import NOTE_KEY, OwnershipMarker
from deployer.resources.model import Live
from deployer.resources.registry import KINDS
from deployer.state.inventory import Known
from deployer.text import one_line

if TYPE_CHECKING:
    from deployer.state.state_store import StateStore

_SHOWN = 3


async def noted_elsewhere(
    live: Mapping[str, Live], known: Known, store: "StateStore", tenant: PlannedTenant
) -> dict[str, str]:
    """Find the other tenant file that deployed each of these, by address, where nobody has taken it over.

    Args:
        live: what the tenant has.
        known: what this tenant file has deployed.
        store: where other tenant files may have noted what they deployed.
        tenant: the tenant.
    """
    by_note = {address: noted for address, one in live.items() if (noted := _noted(one)) is not None}
    taken = {address: one.taken_from for address, one in known.identities.items()}
    found = {one: file for one, file in by_note.items() if file not in (tenant.name, taken.get(one))}
    unknown = {
        address: one.id
        for address, one in live.items()
        if NOTE_KEY in one.notes and address not in by_note and address not in known.addresses
        if not KINDS[one.kind].id_is_name
    }
    return {**found, **(await store.read(_in_the_store, store, tenant, unknown) if unknown else {})}


def name_takeovers(plan: Plan, elsewhere: Mapping[str, str]) -> Plan:
    """Make each tenant file a concern of the plan from which it takes resources over. Pure.

    Args:
        plan: the plan.
        elsewhere: the tenant file that deployed a resource, by address, where it is another one.
    """
    changes = [
        change.model_copy(update={"taken_from": elsewhere[change.address]}) if change.address in elsewhere else change
        for change in plan.changes
    ]
    files: dict[str, list[str]] = {}
    for change in changes:
        if change.taken_from is not None:
            files.setdefault(change.taken_from, []).append(change.address)
    concerns = [_concern(plan.tenant.name, file, addresses) for file, addresses in files.items()]
    return plan.model_copy(update={"changes": changes, "wide": [*plan.wide, *concerns]}) if files else plan


def _concern(tenant: str, file: str, addresses: Sequence[str]) -> Concern:
    more = f" and {len(addresses) - _SHOWN} more" if len(addresses) > _SHOWN else ""
    named = ", ".join(one_line(address, 100) for address in addresses[:_SHOWN]) + more
    what = "it was" if len(addresses) == 1 else "they were"
    why = f"{named}: {what} deployed by the tenant file {one_line(file, 100)}, and would be {tenant}'s from then on"
    return Concern(code=ConcernCode.TAKE_OVER, address=f"tenant.{one_line(file, 100)}", why=why)


def _noted(live: Live) -> str | None:
    notes = OwnershipMarker.read(live.notes)
    return notes.tenant if notes is not None else None


def _in_the_store(store: "StateStore", tenant: PlannedTenant, ids: Mapping[str, str]) -> dict[str, str]:
    """Find the tenant files of the same store that have deployed one of these into the same tenant."""
    found = {}
    given: set[tuple[str, str]] | None = None
    for other in store.inventory.tenants():
        if other == tenant.name:
            continue
        known = store.inventory.known(other)
        for address in ids.keys() & known.addresses:
            noted = known.id_of(address)
            if noted is None and given is None:
                given = set(_given_to(store, tenant.domain))
            if noted == ids[address] or (noted is None and (other, address) in (given or ())):
                found[address] = other
    return found


def _given_to(store: "StateStore", domain: str) -> Iterator[tuple[str, str]]:
    """Find what was deployed to a domain, by the snapshots of every apply: the tenant file and the address."""
    for reference in store.snapshots.list():
        plan = store.snapshots.get(reference).get("plan") or {}
        named = plan.get("tenant") or {}
        if named.get("domain") == domain:
            for change in plan.get("changes") or ():
                yield str(named.get("name")), f"{change.get('kind')}.{change.get('name')}"
