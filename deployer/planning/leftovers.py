"""What is defined and what was ever deployed in, out what no definition names any more and the tenant still has.

Nothing is asked of the tenant unless something that was deployed is no longer defined; then only that is read. It is
information: where it cannot be read, that is said, and nothing fails.
"""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from deployer.errors import DeployerError
from deployer.management.errors import ManagementError
from deployer.management.together import together
from deployer.planning.model import Leftover, Plan
from deployer.resources.model import Desired
from deployer.resources.notes import NOTE_KEY
from deployer.resources.registry import KINDS
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


async def find_leftovers(gateway: "Gateway", store: "Store", tenant: str, desired: Iterable[Desired]) -> list[Leftover]:
    """What this tool has put into the tenant and nothing in `desired` names, in the order in which it can be deleted.

    Raises:
        StoreError: where the store cannot be read.
    """
    given = await reading(store, store.inventory.read, tenant)
    return await still_there(gateway, given - {resource.address for resource in desired})


async def forget_gone(gateway: "Gateway", store: "Store", plan: Plan) -> None:
    """Keep in the inventory, after a whole plan was applied, nothing that the tenant no longer has, or not from here.

    What somebody deleted by hand would otherwise be looked for by every plan to come. The tenant's lock must be held.
    """
    named = {*(change.address for change in plan.changes), *(one.address for one in plan.leftovers)}
    others = await in_thread(store.inventory.read, plan.tenant.name) - named
    there = {one.address for one in await still_there(gateway, others)}
    await in_thread(store.inventory.remove, plan.tenant.name, others - there)


async def still_there(gateway: "Gateway", addresses: Collection[str]) -> list[Leftover]:
    """Those of the addresses whose resources the tenant still has, marked as made by this tool."""
    by_kind: dict[str, list[Desired]] = {kind: [] for kind in _ORDER}
    for address in sorted(addresses):
        kind, _, name = address.partition(".")
        if kind in by_kind and name:
            by_kind[kind].append(Desired(kind, name, {}))
    found = await together(*(_of_kind(gateway, wanted) for wanted in by_kind.values() if wanted))
    return [one for leftovers in found for one in leftovers]


async def _of_kind(gateway: "Gateway", wanted: list[Desired]) -> list[Leftover]:
    kind = wanted[0].kind
    try:
        lives = await KINDS[kind].read(gateway, wanted)
    except DeployerError as error:
        if len(wanted) > 1 and not isinstance(error, ManagementError):
            # One of them cannot be told from others of its name: which one it is, they tell one by one.
            return [each for one in wanted for each in await _of_kind(gateway, [one])]
        return [Leftover(address=one.address, unknown=one_line(error.what, 200)) for one in wanted]
    ours = {live.address for live in lives if NOTE_KEY in live.notes}
    return [Leftover(address=one.address, loses=GONE.get(kind)) for one in wanted if one.address in ours]
