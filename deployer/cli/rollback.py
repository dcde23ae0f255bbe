"""`deployer rollback`: an earlier release of a tenant, through the same plan and apply."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from deployer.cli import common
from deployer.cli.applying import apply_options, deploy, saved_plan
from deployer.errors import DeployerError


def rollback(
    tenant: common.TenantName,
    release: Annotated[
        str | None, typer.Argument(metavar="RELEASE", help="A release by its digest; without one, the previous.")
    ] = None,
    planfile: Annotated[
        Path | None,
        typer.Option("--plan-file", metavar="FILE", help="A saved plan of a rollback: exactly this, or nothing."),
    ] = None,
    auto_approve: Annotated[bool, typer.Option("--auto-approve", help="Do not ask.")] = False,
    allow: common.Allow = None,
    plan_only: common.PlanOnly = False,
    out: common.Out = None,
    report: common.Reports = None,
    as_format: common.Form = common.PlanFormat.TEXT,
    as_json: common.AsJson = False,
) -> None:
    """Go back to the previous release of a tenant, or to any other."""
    from deployer.applying.request import Request
    from deployer.planning.plan_checks import check_plan, check_protected
    from deployer.releases.provenance import running_release
    from deployer.releases.rollback import plan_rollback, rollback_target
    from deployer.reporting.waiting import waiting

    how = common.ApplyOptions(
        auto_approve, as_json, plan_only=plan_only, form=as_format, out=out, reports=tuple(report or ())
    )
    how = apply_options(how, planfile)
    if planfile is not None and release is not None:
        raise DeployerError("a release and --plan-file were given", hint="A plan file has its release in it.")
    saved = saved_plan(planfile, "rollback")
    project = common.project()
    store = common.store(project.tenant(tenant))
    wanted = release if saved is None else saved.plan.release
    request = Request(command="rollback", allowed=frozenset(allow or ()), release_from=running_release(store, tenant))

    async def run() -> None:
        with rollback_target(project, store, tenant, wanted) as back:
            ready = back.ready
            if saved is not None:
                check_plan(saved, ready)
            common.warn_uncompiled(ready)
            async with common.gateway(ready.access) as gateway:
                with waiting(f"Reading {tenant}"):
                    plan = saved.plan if saved else await plan_rollback(back, gateway, store)
                if not (how.saved or how.plan_only):
                    check_protected(ready.tenant, plan, request.allowed)
                await deploy(ready, gateway, store, plan, request, how)

    asyncio.run(run())
