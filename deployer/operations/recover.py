"""Finishes or takes back what interrupted applies have left in a tenant."""

from dataclasses import dataclass

from deployer.applying.recovery import Agree, Recovered, recover_all
from deployer.operations.context import Context
from deployer.operations.definitions import load, resolved


@dataclass(frozen=True, slots=True)
class RecoverOptions:
    """How an interrupted apply is ended: taken back, or with `finish` made complete.

    `look`: nothing is done, `agree` is only told of what would be. `agree` raises, or leaves, where that is not wanted.
    """

    agree: Agree
    finish: bool = False
    look: bool = False


async def recover(context: Context, options: RecoverOptions) -> Recovered:
    """End every interrupted apply of the tenant, the latest first.

    Raises:
        RefusedError: where the tenant is locked, or has changed so that an apply cannot be finished.
        DeployerError: where the tenant or the state cannot be read.
    """
    ready = await resolved(context, await load(context))
    state = context.state(ready.tenant, needed=True)
    async with context.gateway(ready.access) as gateway:
        with context.observer.applying(context.tenant, "recover") as steps:
            return await recover_all(
                ready, gateway, state, steps, options.agree, finish=options.finish, look=options.look
            )
