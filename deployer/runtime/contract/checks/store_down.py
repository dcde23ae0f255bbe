"""Checks that the store being down ends in an error, never in a hang or a success."""

from deployer.runtime.contract.check import Check
from deployer.runtime.contract.checks.faults import call_all
from deployer.runtime.contract.harness import Harness
from deployer.runtime.stores.proxy import FaultProxy, Mode


async def run(harness: Harness) -> list[str]:
    """Find faults of every script while the store refuses connections."""

    async def refuse(proxy: FaultProxy) -> None:
        await proxy.set_mode(Mode.REFUSE)

    return await call_all(harness, "the store refuses connections", refuse)


CHECK = Check("store-down", "the store being down ends in an error", run, known_user=True)
