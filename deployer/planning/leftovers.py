"""Finds what was deployed from here, no definition names any more, and the tenant still has.

Nothing is asked of the tenant unless something that was deployed is no longer defined; then only that is read. It is
information: where it cannot be read, that is said, and nothing fails.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deployer.concurrency import gather_or_cancel, in_thread
from deployer.errors import DeployerError
from deployer.management.errors import ManagementError
from deployer.planning.identity import identified
from deployer.planning.model import Leftover, Plan
from deployer.resources.marker import NOTE_KEY
from deployer.resources.model import Desired, Live
from deployer.resources.registry import KINDS
from deployer.state.inventory import Known, OptionPath
from deployer.text import one_line

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway
    from deployer.state.state_store import StateStore


@dataclass(frozen=True, slots=True)
class Found:
    """A leftover, and the resource as the tenant has it, where that could be read."""

    leftover: Leftover
    live: Live | None = None


async def find_leftovers(
    gateway: "Gateway",
    known: Known,
    desired: Iterable[Desired],
    *,
    left_out: Collection[str] = (),
    kind: str | None = None,
) -> list[Found]:
    """Find what this tool has put into the tenant and nothing in `desired` names, in an order of deletion.

    Args:
        gateway: how the tenant is reached.
        known: what was deployed, and for whom.
        desired: everything that is defined.
        left_out: addresses that are defined, though not in `desired`; what was deployed for them does not count either.
        kind: the only kind of resources that is looked for; every kind without it.
    """
    undefined = known.addresses - {resource.address for resource in desired}
    addresses = [address for address in undefined if kind in (None, address.partition(".")[0])]
    found = await _still_there(gateway, addresses, known)
    return [one for one in found if not belongs_to(one.leftover.address, _owners(one, known), left_out)]


def belongs_to(address: str, noted: Collection[str], owners: Collection[str]) -> bool:
    """Return whether a resource is one of these owners, or was deployed for them alone.

    Args:
        address: the resource.
        noted: for which connections and Actions it was deployed; empty where that is not known.
        owners: addresses of connections and Actions.
    """
    return address in owners or (bool(noted) and set(noted) <= set(owners))


def _owners(found: Found, known: Known) -> list[str]:
    """Tell for whom a leftover was deployed: as it is noted, or, of one from before that, as it says itself."""
    if noted := known.owners_of(found.leftover.address):
        return noted
    return KINDS[found.live.kind].owners_of(found.live) if found.live is not None else []


def written_options(desired: Iterable[Desired]) -> dict[str, list[OptionPath]]:
    """Find the options, by address, that are desired under names which Auth0 is not known to have."""
    found = {one.address: list(KINDS[one.kind].unknown_options(one.attributes)) for one in desired}
    return {address: paths for address, paths in found.items() if paths}


def leftover_options(
    desired: Iterable[Desired], live: Mapping[str, Live], noted: Callable[[], Mapping[str, Collection[OptionPath]]]
) -> list[Leftover]:
    """Find the options that this tool has written into what it still has, and no definition names any more.

    Only names that Auth0 is not known to have are looked at, as a corrected one is; others have a value in any case.

    Args:
        desired: what is defined.
        live: the tenant's resources by address.
        noted: tells which options were written, by address; asked only where the tenant has such options.
    """
    unknown: dict[str, list[OptionPath]] = {}
    for one in desired:
        kind, have = KINDS[one.kind], live.get(one.address)
        if have is not None:
            named = set(kind.unknown_options(one.attributes))
            unknown[one.address] = [path for path in kind.unknown_options(have.attributes) if path not in named]
    if not any(unknown.values()):
        return []
    ours = noted()
    return [
        Leftover(address=address, option=list(path))
        for address, paths in unknown.items()
        for path in sorted(paths)
        if path in ours.get(address, ())
    ]


def noted_options(store: "StateStore", tenant: str) -> Mapping[str, Collection[OptionPath]]:
    """Find the options that were written from here under names that Auth0 is not known to have, by address.

    A store from before they were noted tells it by the snapshots of what was applied.
    """
    known = store.inventory.known(tenant).options
    return _by_snapshots(store, tenant) if known is None else known


def _by_snapshots(store: "StateStore", tenant: str) -> dict[str, set[OptionPath]]:
    found: dict[str, set[OptionPath]] = {}
    for reference in store.snapshots.list():
        plan = store.snapshots.get(reference).get("plan") or {}
        if (plan.get("tenant") or {}).get("name") != tenant:
            continue
        for change in plan.get("changes") or ():
            kind, attributes = KINDS.get(change.get("kind")), (change.get("wanted") or {}).get("attributes") or {}
            if kind is not None and (paths := set(kind.unknown_options(attributes))):
                found.setdefault(f"{kind.name}.{change.get('name')}", set()).update(paths)
    return found


async def forget_gone(gateway: "Gateway", store: "StateStore", plan: Plan) -> None:
    """Keep in the inventory, after a whole plan was applied, nothing that the tenant no longer has, or not from here.

    What somebody deleted by hand would otherwise be looked for by every plan to come. The tenant's lock must be held.
    """
    named = {*(change.address for change in plan.changes), *(one.address for one in plan.leftovers)}
    known = await in_thread(store.inventory.known, plan.tenant.name)
    others = known.addresses - named
    there = {one.leftover.address for one in await _still_there(gateway, others, known)}
    await in_thread(store.inventory.remove, plan.tenant.name, others - there)


async def _still_there(gateway: "Gateway", addresses: Collection[str], known: Known) -> list[Found]:
    """Find those of the addresses whose resources the tenant still has, marked as made by this tool.

    What was created last comes first, so that it can be deleted in this order. What belongs to everybody is no
    leftover.
    """
    by_kind: dict[str, list[Desired]] = {name: [] for name in reversed(KINDS) if not KINDS[name].shared}
    for address in sorted(addresses):
        kind, _, name = address.partition(".")
        if kind in by_kind and name:
            by_kind[kind].append(identified(Desired(kind, name, {}), known))
    found = await gather_or_cancel(*(_of_kind(gateway, desired) for desired in by_kind.values() if desired))
    return [one for group in found for one in group]


async def _of_kind(gateway: "Gateway", desired: list[Desired]) -> list[Found]:
    kind = desired[0].kind
    try:
        lives = await KINDS[kind].read(gateway, desired)
    except DeployerError as error:
        if len(desired) > 1 and not isinstance(error, ManagementError):
            # One of them cannot be told from others of its name: which one it is, they tell one by one.
            return [each for one in desired for each in await _of_kind(gateway, [one])]
        return [Found(Leftover(address=one.address, unknown=one_line(error.what, 200))) for one in desired]
    ours = {live.address: live for live in lives if NOTE_KEY in live.notes}
    return [
        Found(Leftover(address=one.address, loses=KINDS[kind].deletion_note), ours[one.address])
        for one in desired
        if one.address in ours
    ]
