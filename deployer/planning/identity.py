"""Says by what a resource that was deployed before is found again: by its noted id, where its name can change."""

from dataclasses import replace

from deployer.planning.model import Action, Plan
from deployer.resources.model import Desired
from deployer.resources.registry import KINDS
from deployer.state.inventory import Identity, Known


def identified(desired: Desired, known: Known) -> Desired:
    """Return the resource with the noted ids by which its kind finds it."""
    noted = KINDS[desired.kind].noted_ids(desired)
    found = {key: value for key, address in noted.items() if (value := known.id_of(address)) is not None}
    return replace(desired, lookup={**desired.lookup, **found}) if found else desired


def identities_of(plan: Plan, *, deployed: bool = False) -> dict[str, Identity]:
    """Tell for whom a plan deploys its resources, and their ids as far as they keep the one that they have.

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
