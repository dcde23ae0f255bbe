"""Notes the digests of secrets under the present key where a former one made them, once nothing else is to be done."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from deployer.errors import DeployerError
from deployer.planning.former_keys import noted_apart
from deployer.planning.model import Plan
from deployer.planning.resolve import ResolvedTenant
from deployer.resources.kinds.base import Update
from deployer.resources.marker import OwnershipMarker
from deployer.resources.model import Live
from deployer.resources.outputs import merge_values, read_outputs
from deployer.resources.registry import KINDS
from deployer.resources.rekeying import is_certain, under_key

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway


async def note_anew(resolved: ResolvedTenant, gateway: "Gateway", plan: Plan, live: Mapping[str, Live]) -> list[str]:
    """Write the notes, and they alone, of what a plan leaves as it is. The tenant's lock must be held.

    Args:
        resolved: the tenant.
        gateway: how it is reached.
        plan: names the resources whose notes are under a former key.
        live: what the tenant has, by address.

    Returns:
        In words, what could not be noted: its digests stay under the former key.
    """
    addresses = noted_apart(plan)
    if not addresses:
        return []
    outputs = await read_outputs(gateway, [one for one in resolved.desired if one.address in addresses], live)
    values, failed = merge_values(resolved.values, outputs), []
    for change in plan.changes:
        if change.address not in addresses or change.id is None:
            continue
        desired = change.to_desired()
        try:
            have = await KINDS[change.kind].refresh(gateway, desired, change.id)
            if have is not None and (notes := _notes(resolved, have, values)) is not None:
                await KINDS[change.kind].note(gateway, Update(desired, {}, notes, have))
        except DeployerError as error:
            failed.append(f"{change.address}: the digests of its secrets stay under the former key: {error.brief}")
    return failed


def _notes(resolved: ResolvedTenant, have: Live, values: Mapping[str, Mapping[str, str]]) -> OwnershipMarker | None:
    """Find what is to be noted; None where that is noted already, or a secret turns out to be another one."""
    now = under_key({have.address: have}, values, resolved.key)[have.address]
    return OwnershipMarker.read(now.notes) if now is not have and is_certain(now) else None
