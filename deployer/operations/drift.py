"""Finds what in a tenant is no longer as it was deployed."""

from functools import partial

from deployer.config.secrets import asks_providers
from deployer.operations.context import Context
from deployer.planning.drift import Drift
from deployer.planning.resolve import make_plan
from deployer.releases.baseline import baseline


async def drift(context: Context) -> Drift:
    """Compare the tenant with what it was last given. Nothing is changed.

    Raises:
        ConfigError: for mistakes in the files and secrets that cannot be read.
        DeployerError: where the tenant or the state cannot be read.
    """
    tenant = await context.do(context.load)
    state = context.state(tenant)
    waits = asks_providers(tenant) or not state.is_local
    base = await context.do(partial(baseline, context.project, state, tenant), waits=waits)
    async with context.reading(state), context.gateway(base.ready.access) as gateway:
        plan = await make_plan(base.ready, gateway, store=state, left_out=base.left_out)
    return base.drift(plan)
