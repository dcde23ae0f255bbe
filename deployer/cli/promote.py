"""`deployer promote`: the release that one tenant runs, applied to the next."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from deployer.cli import common
from deployer.cli.applying import apply_options, deploy, saved_plan
from deployer.cli.completion import complete_tenants
from deployer.cli.fleet import FleetCommand, Selection, one_or_fleet, plan_many
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
            help="The tenant that gets it; or several, by --all, --tenant and --tag.",
            autocompletion=complete_tenants,
        ),
    ] = None,
    planfile: Annotated[
        Path | None,
        typer.Argument(metavar="PLANFILE", help="Its saved plan: exactly this, or nothing."),
    ] = None,
    auto_approve: Annotated[bool, typer.Option("--auto-approve", help="Do not ask.")] = False,
    allow: common.Allow = None,
    break_glass: common.BreakGlass = None,
    every: Annotated[bool, typer.Option("--all", help="Every tenant that has `promote_from: FROM`.")] = False,
    tenants: common.Tenants = None,
    tags: common.Tags = None,
    engine: common.Engine = None,
    canary: common.Canary = 0,
    batch: common.Batch = 0,
    max_failures: common.MaxFailures = None,
    without_secrets: common.WithoutSecrets = False,
    plan_only: common.PlanOnly = False,
    out: common.Out = None,
    report: common.Reports = None,
    as_format: common.Form = common.PlanFormat.TEXT,
    as_json: common.AsJson = False,
) -> None:
    """Apply the release that FROM runs to TO. Byte for byte, with TO's values."""
    from deployer.applying.request import Request
    from deployer.planning.plan_checks import check_plan, check_protected, rotating
    from deployer.releases.promotion import check_source, check_way, plan_target, promotion
    from deployer.releases.provenance import running_release
    from deployer.reporting.waiting import waiting

    selection = Selection(target, every, tenants or (), tags or (), engine, canary, batch, max_failures, source)
    options = {"source": source, "allow": list(allow or ()), "break_glass": break_glass}
    command = FleetCommand("promote", options, as_json)
    how = common.ApplyOptions(
        auto_approve, as_json, plan_only=plan_only, form=as_format, out=out, reports=tuple(report or ())
    )
    how = apply_options(how, planfile)
    if without_secrets and not how.plan_only:
        raise DeployerError("--without-secrets is for a plan that is not applied", hint="Add --plan or --out FILE.")
    common.SETTINGS.without_secrets = without_secrets
    if selection.is_fleet and how.plan_only:
        if how.reports:
            raise DeployerError("--report is for one tenant", hint="Name the tenant.")
        form = common.PlanFormat.JSON if as_json else as_format
        plan_many(selection, "promote", {**options, "without_secrets": without_secrets}, form, out)
        return
    target = one_or_fleet(selection, command, {}, auto_approve)
    if target is None:
        return
    if target == source:
        raise DeployerError(f"{source} would be promoted to itself", hint="Name the tenant that gets the release: TO.")
    saved = saved_plan(planfile, "promote", source)
    project = common.project()
    stores = (common.store(project.tenant(source)), common.store(project.tenant(target)))
    request = Request(
        command="promote",
        allowed=frozenset(allow or ()),
        release_from=running_release(stores[1], target),
        reason=break_glass,
    )

    async def run() -> None:
        with promotion(project, stores, source, target, saved.plan if saved else None) as ready:
            if saved is not None:
                check_plan(saved, ready.target)
            check_way(source, ready.target.tenant, break_glass)
            async with common.gateway(ready.source.access) as gateway:
                with waiting(f"Reading {source}"):
                    await check_source(ready, stores[0], gateway)
            async with common.gateway(ready.target.access) as gateway:
                with waiting(f"Reading {target}"):
                    plan = saved.plan if saved else await plan_target(ready, gateway, stores[1], rotating(allow or ()))
                if not (how.saved or how.plan_only):
                    check_protected(ready.target.tenant, plan, request.allowed)
                await deploy(ready.target, gateway, stores[1], plan, request, how)

    asyncio.run(run())
