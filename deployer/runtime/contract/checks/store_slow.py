"""Checks that the store being slow ends in an error within the limit, never in a hang or a success."""

from deployer.runtime.contract.check import Check
from deployer.runtime.contract.checks.faults import call_all
from deployer.runtime.contract.harness import Harness
from deployer.runtime.stores.proxy import FaultProxy, Mode


async def run(harness: Harness) -> list[str]:
    """Find faults of every script while the store takes connections and answers nothing."""

    async def go_silent(proxy: FaultProxy) -> None:
        await proxy.set_mode(Mode.BLACKHOLE)

    return await call_all(harness, "the store does not answer", go_silent, containers=4)


CHECK = Check("store-slow", "the store being slow ends in an error within the limit", run, known_user=True)
