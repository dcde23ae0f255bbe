"""`deployer drift`: what changed in the tenant behind our back; exits with 2 where something did."""

import asyncio

from deployer.cli import common
from deployer.cli.fleet import FleetCommand, Selection, run_command
from deployer.errors import ExitCode


def drift(
    tenant: common.OptionalTenant = None,
    every: common.Every = False,
    tenants: common.Tenants = None,
    tags: common.Tags = None,
    engine: common.Engine = None,
    without_secrets: common.WithoutSecrets = False,
    as_json: common.AsJson = False,
) -> None:
    """Show what in the tenant is no longer as deployed. Exits with 2 on drift."""
    from deployer.planning.resolve import make_plan
    from deployer.releases.baseline import baseline
    from deployer.reporting.drift import drift_json, drift_lines
    from deployer.reporting.terminal import print_lines
    from deployer.reporting.waiting import waiting

    common.SETTINGS.without_secrets = without_secrets
    selection = Selection(tenant, every, tenants or (), tags or (), engine)
    if selection.is_fleet:
        run_command(
            selection,
            FleetCommand(
                "drift", {"without_secrets": without_secrets}, as_json, ExitCode.CHANGES, drift_lines, drift_json
            ),
        )
        return
    name = selection.names()[0]
    project = common.project()
    loaded = project.tenant(name)
    common.warn_interrupted(loaded)

    async def run() -> None:
        store = common.store(loaded)
        base = baseline(project, store, loaded)
        with waiting(f"Reading {name}"):
            async with common.gateway(base.ready.access) as gateway:
                found = base.drift(await make_plan(base.ready, gateway, store=store, left_out=base.left_out))
        if as_json:
            common.print_json({"tenant": name, **drift_json(found)})
        else:
            print_lines(drift_lines(found))
        if found.found:
            common.leave(ExitCode.CHANGES)

    asyncio.run(run())
