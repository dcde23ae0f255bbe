"""`deployer promote`: the release that one tenant runs, applied to the next."""

import asyncio
from typing import Annotated

import typer

from deployer.cli import common
from deployer.cli.applying import deploy
from deployer.cli.completion import complete_tenants
from deployer.cli.fleet import FleetCommand, Selection, run_command
from deployer.errors import DeployerError


def promote(
    source: Annotated[
        str,
        typer.Argument(metavar="FROM", help="The tenant that runs the release.", autocompletion=complete_tenants),
    ],
    target: Annotated[
        str | None,
        typer.Argument(
            metavar="TO",
            help="The tenant that gets it; or several, by --tenant and --tag.",
            autocompletion=complete_tenants,
        ),
    ] = None,
    auto_approve: Annotated[bool, typer.Option("--auto-approve", help="Do not ask.")] = False,
    allow: common.Allow = None,
    break_glass: common.BreakGlass = None,
    tenants: common.Tenants = None,
    tags: common.Tags = None,
    engine: common.Engine = None,
    canary: common.Canary = 0,
    batch: common.Batch = 0,
    max_failures: common.MaxFailures = None,
    plan_only: Annotated[bool, typer.Option("--plan", help="Only show what would change.")] = False,
    as_json: common.AsJson = False,
) -> None:
    """Apply the release that FROM runs to TO. Byte for byte, with TO's values."""
    from deployer.applying.session import Request
    from deployer.promotion.promote import check_source, check_way, plan_target, promotion
    from deployer.promotion.recording import running_release
    from deployer.reporting.values_text import print_value_differences

    selection = Selection(target, False, tenants or (), tags or (), engine, canary, batch, max_failures)
    if selection.is_fleet:
        if plan_only or not auto_approve:
            raise DeployerError(
                "a promotion to many tenants takes no --plan and needs --auto-approve",
                hint=f"Look at `deployer promote {source} TENANT --plan` for one of them first.",
            )
        options = {"source": source, "allow": list(allow or ()), "break_glass": break_glass}
        run_command(selection, FleetCommand("promote", options, as_json))
        return
    target = selection.names()[0]
    if target == source:
        raise DeployerError(f"{source} would be promoted to itself", hint="Name the tenant that gets the release: TO.")
    project = common.project()
    stores = (common.store(project.tenant(source)), common.store(project.tenant(target)))

    async def run() -> None:
        with promotion(project, stores, source, target) as ready:
            check_way(source, ready.target.tenant, break_glass)
            async with common.gateway(ready.source.access) as gateway:
                await check_source(ready.source, stores[0], gateway)
            if not as_json:
                print_value_differences(source, target, ready.release, ready.values, ready.untested)
            async with common.gateway(ready.target.access) as gateway:
                plan = await plan_target(ready, gateway)
                request = Request(
                    command="promote",
                    allowed=frozenset(allow or ()),
                    release_from=running_release(stores[1], target),
                    reason=break_glass,
                )
                how = common.Manner(auto_approve=auto_approve, as_json=as_json, plan_only=plan_only)
                await deploy(ready.target, gateway, stores[1], plan, request, how)

    asyncio.run(run())
