"""`deployer apply`: make the tenant what the definitions say, after a look at the plan and a yes."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from deployer.cli import common
from deployer.cli.applying import deploy, saved_plan
from deployer.cli.fleet import FleetCommand, Selection, one_or_fleet
from deployer.errors import DeployerError


def apply(
    tenant: common.OptionalTenant = None,
    planfile: Annotated[
        Path | None, typer.Argument(metavar="PLANFILE", help="A saved plan: exactly this, or nothing.")
    ] = None,
    auto_approve: Annotated[bool, typer.Option("--auto-approve", help="Do not ask.")] = False,
    target: common.Target = None,
    allow: common.Allow = None,
    no_lint: common.NoLint = False,
    break_glass: common.BreakGlass = None,
    every: common.Every = False,
    tenants: common.Tenants = None,
    tags: common.Tags = None,
    engine: common.Engine = None,
    canary: common.Canary = 0,
    batch: common.Batch = 0,
    max_failures: common.MaxFailures = None,
    as_json: common.AsJson = False,
) -> None:
    """Make the tenant as it is defined. Every script together, or nothing."""
    from deployer.applying.request import Request
    from deployer.planning.plan_checks import check_plan, check_protected
    from deployer.planning.resolve import make_plan
    from deployer.releases.promotion import check_working_tree
    from deployer.releases.provenance import keep_release, running_release
    from deployer.releases.test_status import with_tests
    from deployer.reporting.waiting import waiting

    selection = Selection(tenant, every, tenants or (), tags or (), engine, canary, batch, max_failures)
    options = {"allow": list(allow or ()), "no_lint": no_lint, "break_glass": break_glass}
    command = FleetCommand("apply", options, as_json)
    tenant = one_or_fleet(selection, command, {"--target": target}, auto_approve)
    if tenant is None:
        return
    if planfile is not None and target:
        raise DeployerError("a plan file and --target were given", hint="A plan file has its targets in it.")
    saved = saved_plan(planfile, "apply")
    project = common.project()
    ready = common.prepared(tenant)
    store = common.store(ready.tenant)
    check_working_tree(ready.tenant, break_glass)
    if saved is not None:
        check_plan(saved, ready)
    common.refuse_findings(ready, compiled_only=no_lint or saved is not None)

    request = Request(allowed=frozenset(allow or ()), release_from=running_release(store, tenant), reason=break_glass)
    how = common.ApplyOptions(auto_approve=auto_approve, as_json=as_json, saved=saved is not None)

    async def run() -> None:
        async with common.gateway(ready.access) as gateway:
            plan = saved.plan if saved else None
            if plan is None:
                release = keep_release(project, ready.tenant, ready.rendered, store)
                with waiting(f"Reading {tenant}"):
                    plan = await make_plan(ready, gateway, target or [], release=release, store=store, to_apply=True)
                plan = with_tests(plan, ready, store)
                check_protected(ready.tenant, plan, request.allowed)
            await deploy(ready, gateway, store, plan, request, how)

    asyncio.run(run())
