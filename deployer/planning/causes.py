"""Says of each change of a plan why it happens, by what was noted at the last deployment. Pure."""

from collections.abc import Iterable, Iterator, Mapping

from deployer.planning.model import Action, Cause, Change, Plan
from deployer.resources.marker import SecretState
from deployer.state.inventory import Ingredients, Known

_SET_BACK = (SecretState.CHANGED_OUTSIDE, SecretState.CHANGED_BOTH)
_NEW_VALUE = (SecretState.CHANGED, SecretState.CHANGED_BOTH, SecretState.ROTATED)


def name_causes(plan: Plan, known: Known, made_of: Mapping[str, Ingredients]) -> Plan:
    """Add to a plan the causes of each change, as far as the last deployment has noted what tells them.

    Args:
        plan: the plan.
        known: what the store notes of the tenant.
        made_of: what connections and Actions are made of now, by address.
    """
    changes = [
        change.model_copy(update={"causes": list(_causes(change, known, made_of))})
        if change.action is Action.UPDATE
        else change
        for change in plan.changes
    ]
    return plan.model_copy(update={"changes": changes, "made_of": dict(made_of)})


def is_noted(known: Known, owners: Iterable[str]) -> bool:
    """Return whether the store knows of each of these connections and Actions, by address, what it was made of."""
    return all((one := known.identities.get(address)) and one.made_of is not None for address in owners)


def _causes(change: Change, known: Known, made_of: Mapping[str, Ingredients]) -> Iterator[Cause]:
    owners = [owner for owner in change.owners if owner in made_of]
    noted = {owner: one.made_of for owner in owners if (one := known.identities.get(owner)) and one.made_of}
    others = {
        field
        for owner, before in noted.items()
        for field in Ingredients.model_fields
        if getattr(before, field) != getattr(made_of[owner], field)
    }
    yield from (cause for cause in (Cause.TEMPLATE, Cause.VARIABLE, Cause.DEFINITION) if cause.value in others)
    states = {secret.state for secret in change.secrets}
    if states.intersection(_NEW_VALUE):
        yield Cause.SECRET
    is_as_left = _is_as_left(change, known)
    if is_as_left is False or states.intersection(_SET_BACK):
        yield Cause.DRIFT
    elif is_as_left and owners and len(noted) == len(owners) and not others and change.attributes:
        yield Cause.VERSION


def _is_as_left(change: Change, known: Known) -> bool | None:
    """Return whether the resource is as the last deployment left it; None where that is not noted, or not of all."""
    left = known.final_states.get(change.address)
    return None if left is None or left.read != change.read else left.digest == change.live_digest
