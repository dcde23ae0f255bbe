"""Reads what the tenant has of the desired resources, all kinds at once."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from deployer.concurrency import gather_or_cancel
from deployer.resources.model import Desired, Live
from deployer.resources.registry import KINDS

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway


async def read_live(gateway: "Gateway", desired: Sequence[Desired]) -> dict[str, Live]:
    """Read the live state of every resource that exists, by address.

    Raises:
        DeployerError: the gateway's errors; a state that cannot be read whole is never returned in part.
    """
    groups = {name: [r for r in desired if r.kind == name] for name in KINDS}
    found = await gather_or_cancel(*(KINDS[name].read(gateway, wanted) for name, wanted in groups.items() if wanted))
    return {live.address: live for lives in found for live in lives}
