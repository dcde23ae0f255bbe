"""What is defined and what was ever deployed in, out what no definition names any more and the tenant still has.

Nothing is asked of the tenant unless something that was deployed is no longer defined; then only that is read. It is
information: where it cannot be read, that is said, and nothing fails.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deployer.config.option_checks import unlisted
from deployer.errors import DeployerError
from deployer.management.errors import ManagementError
from deployer.management.together import together
from deployer.planning.model import Leftover, Plan
from deployer.resources.model import Desired, Live
from deployer.resources.notes import NOTE_KEY
from deployer.resources.registry import KINDS
from deployer.store.inventory import OptionPath
from deployer.store.threads import in_thread, reading
from deployer.text import one_line

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway
    from deployer.store.store import Store

GONE = {
    "connection": "every user of the connection is deleted with it, and nothing brings them back",
    "client": "its id, its secret and its grants go with it; another one gets another id and another secret",
    "resource-server": "every grant for it goes with it, those of other applications included",
    "client-grant": "tokens already given stay good until they expire",
    "action": "its versions go with it, and its place in the flow; the other Actions keep theirs",
    "rule-config": "its value goes with it, and Auth0 lets nobody read it before",
}
"""What the deletion of a resource means besides, by kind."""

_ORDER = ("connection", "rule", "rule-config", "action", "client-grant", "client", "resource-server")
"""In which order they can be deleted. A flow is everybody's: what is left over in it is the Action."""


@dataclass(frozen=True, slots=True)
class Found:
    """A leftover, and the resource as the tenant has it, where that could be read."""

    leftover: Leftover
    live: Live | None = None


async def find_leftovers(
    gateway: "Gateway",
    store: "Store",
    tenant: str,
    desired: Iterable[Desired],
    *,
    left_out: Collection[str] = (),
    kind: str | None = None,
) -> list[Found]:
    """What this tool has put into the tenant and nothing in `desired` names, in the order in which it can be deleted.

    Args:
        gateway: how the tenant is reached.
        store: knows what was deployed.
        tenant: the tenant's name.
        desired: everything that is defined.
        left_out: addresses that are defined, though not in `desired`: neither they nor what stands around them count.
        kind: the only kind of resources that is looked for; every kind without it.

    Raises:
        StoreError: where the store cannot be read.
    """
    given = await reading(store, store.inventory.read, tenant)
    undefined = given - {resource.address for resource in desired}
    addresses = [address for address in undefined if kind in (None, address.partition(".")[0])]
    return await _still_there(gateway, [address for address in addresses if not belongs_to(address, left_out)])


def belongs_to(address: str, owners: Collection[str]) -> bool:
    """Whether a resource is one of these, or one that stands around a connection among them, by its name."""
    name = address.partition(".")[2].removeprefix("deployer_")
    connections = [owner.partition(".")[2] for owner in owners if owner.startswith("connection.")]
    return address in owners or any(name == one or name.startswith((f"{one}-", f"{one}_")) for one in connections)


def written_options(desired: Iterable[Desired]) -> dict[str, list[OptionPath]]:
    """The options of connections, by address, that are wanted under names which Auth0 is not known to have."""
    connections = [one for one in desired if one.kind == "connection"]
    return {one.address: list(unlisted(one.attributes.get("options", {}))) for one in connections}


def left_options(
    desired: Iterable[Desired], live: Mapping[str, Live], noted: Callable[[], Mapping[str, Collection[OptionPath]]]
) -> list[Leftover]:
    """The options that this tool has written into connections that it still has, and no definition names any more.

    Only names that Auth0 is not known to have are looked at, as a corrected one is; others have a value in any case.

    Args:
        desired: what is defined.
        live: the tenant's resources by address.
        noted: tells which options were written, by address; asked only where the tenant has such options.
    """
    strange: dict[str, list[OptionPath]] = {}
    for one in desired:
        have = live.get(one.address) if one.kind == "connection" else None
        if have is not None:
            named = set(unlisted(one.attributes.get("options", {})))
            strange[one.address] = [path for path in unlisted(have.attributes.get("options", {})) if path not in named]
    if not any(strange.values()):
        return []
    ours = noted()
    return [
        Leftover(address=address, option=list(path))
        for address, paths in strange.items()
        for path in sorted(paths)
        if path in ours.get(address, ())
    ]


def noted_options(store: "Store", tenant: str) -> Mapping[str, Collection[OptionPath]]:
    """The options that were written from here under names that Auth0 is not known to have, by address.

    A store from before they were noted tells it by the snapshots of what was applied.
    """
    known = store.inventory.known(tenant).options
    return _by_snapshots(store, tenant) if known is None else known


def _by_snapshots(store: "Store", tenant: str) -> dict[str, set[OptionPath]]:
    found: dict[str, set[OptionPath]] = {}
    for reference in store.snapshots.list():
        plan = store.snapshots.get(reference).get("plan") or {}
        if (plan.get("tenant") or {}).get("name") != tenant:
            continue
        for change in plan.get("changes") or ():
            wanted = (change.get("wanted") or {}).get("attributes") or {}
            if change.get("kind") == "connection":
                found.setdefault(f"connection.{change.get('name')}", set()).update(
                    unlisted(wanted.get("options") or {})
                )
    return found


async def forget_gone(gateway: "Gateway", store: "Store", plan: Plan) -> None:
    """Keep in the inventory, after a whole plan was applied, nothing that the tenant no longer has, or not from here.

    What somebody deleted by hand would otherwise be looked for by every plan to come. The tenant's lock must be held.
    """
    named = {*(change.address for change in plan.changes), *(one.address for one in plan.leftovers)}
    others = await in_thread(store.inventory.read, plan.tenant.name) - named
    there = {one.leftover.address for one in await _still_there(gateway, others)}
    await in_thread(store.inventory.remove, plan.tenant.name, others - there)


async def _still_there(gateway: "Gateway", addresses: Collection[str]) -> list[Found]:
    """Those of the addresses whose resources the tenant still has, marked as made by this tool."""
    by_kind: dict[str, list[Desired]] = {kind: [] for kind in _ORDER}
    for address in sorted(addresses):
        kind, _, name = address.partition(".")
        if kind in by_kind and name:
            by_kind[kind].append(Desired(kind, name, {}))
    found = await together(*(_of_kind(gateway, wanted) for wanted in by_kind.values() if wanted))
    return [one for group in found for one in group]


async def _of_kind(gateway: "Gateway", wanted: list[Desired]) -> list[Found]:
    kind = wanted[0].kind
    try:
        lives = await KINDS[kind].read(gateway, wanted)
    except DeployerError as error:
        if len(wanted) > 1 and not isinstance(error, ManagementError):
            # One of them cannot be told from others of its name: which one it is, they tell one by one.
            return [each for one in wanted for each in await _of_kind(gateway, [one])]
        return [Found(Leftover(address=one.address, unknown=one_line(error.what, 200))) for one in wanted]
    ours = {live.address: live for live in lives if NOTE_KEY in live.notes}
    return [
        Found(Leftover(address=one.address, loses=GONE.get(kind)), ours[one.address])
        for one in wanted
        if one.address in ours
    ]
