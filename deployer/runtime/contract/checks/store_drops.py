"""Checks that dropped connections end in an error, never in a hang or a success, and break no container."""

from deployer.runtime.contract.check import Check
from deployer.runtime.contract.checks.faults import call_all
from deployer.runtime.contract.harness import Harness
from deployer.runtime.stores.proxy import FaultProxy, Mode


async def run(harness: Harness) -> list[str]:
    """Find faults of every script while the store closes connections: at once, and those that a pool holds open."""

    async def drop(proxy: FaultProxy) -> None:
        await proxy.set_mode(Mode.DROP)

    cold = await call_all(harness, "the store drops the connection", drop)
    warm = await call_all(harness, "the store drops a connection that was open", drop, warm=True)
    return list(dict.fromkeys([*cold, *warm]))


CHECK = Check("store-drops", "the store dropping the connection ends in an error", run, known_user=True)
