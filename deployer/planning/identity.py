"""Says by what a resource that was deployed before is found again: by the id that is noted, where its name can change.

A grant has no name at all, and those of an API and of an application are anybody's to change or to use again.
"""

from dataclasses import replace

from deployer.planning.model import Action, Plan
from deployer.resources import client_grant_kind, client_kind, resource_server_kind
from deployer.resources.model import Desired
from deployer.state.inventory import Identity, Known

_BY_ID = frozenset({client_kind.KIND, client_grant_kind.KIND, resource_server_kind.KIND})


def identified(wanted: Desired, known: Known) -> Desired:
    """The resource with what is noted of its id, and, of a grant, of its client's."""
    if wanted.kind not in _BY_ID:
        return wanted
    noted = {"id": known.id_of(wanted.address)}
    if wanted.kind == client_grant_kind.KIND:
        noted["client_id"] = known.id_of(f"{client_kind.KIND}.{wanted.name}")
    found = {key: value for key, value in noted.items() if value is not None}
    return replace(wanted, lookup={**wanted.lookup, **found}) if found else wanted


def identities_of(plan: Plan, *, deployed: bool = False) -> dict[str, Identity]:
    """For whom a plan deploys its resources, and their ids as far as they keep the one that they have.

    Once it is `deployed`, also what they are made of: until then the tenant has what was deployed before.
    """
    return {
        change.address: Identity(
            owners=change.owners,
            id=None if change.action is Action.DELETE else change.id,
            # What is written says anew by which tenant file.
            taken_from=change.taken_from if change.action is Action.NO_OP else None,
            made_of=plan.made_of.get(change.address) if deployed else None,
        )
        for change in plan.changes
    }
