"""`deployer drift`: what changed in the tenant behind our back; exits with 2 where something did."""

import asyncio

from deployer.cli import common
from deployer.errors import ExitCode


def drift(tenant: common.TenantName, as_json: common.AsJson = False) -> None:
    """Show what in the tenant is no longer as deployed; exit with 2 on drift."""
    from deployer.planning.drift import drift_of
    from deployer.planning.preparation import make_plan
    from deployer.reporting.drift import print_drift

    ready = common.prepared(tenant)
    common.warn_unfinished(ready.tenant)

    async def run() -> None:
        async with common.gateway(ready.access) as gateway:
            plan = await make_plan(ready, gateway)
        found = drift_of(plan)
        if as_json:
            common.print_json({"tenant": tenant, "drift": [one.as_json() for one in found]})
        else:
            print_drift(plan, found)
        if found:
            common.leave(ExitCode.CHANGES)

    asyncio.run(run())
