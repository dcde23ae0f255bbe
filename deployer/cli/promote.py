"""Implements `deployer promote`: the release that one tenant runs, applied to the next."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from deployer.cli import common
from deployer.cli.applying import approval, observer, presentation, saved_plan, show_applied, show_planned
from deployer.cli.completion import complete_tenants
from deployer.cli.fleet import FleetCommand, Selection, one_or_fleet, plan_many
from deployer.errors import DeployerError
from deployer.reporting.plan import PlanFormat


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
    as_format: common.Form = PlanFormat.TEXT,
    as_json: common.AsJson = False,
) -> None:
    """Apply the release that FROM runs to TO. Byte for byte, with TO's values."""
    from deployer.operations import promote as operation

    selection = Selection(target, every, tenants or (), tags or (), engine, canary, batch, max_failures, source)
    shown = presentation(
        common.Presentation(as_json, plan_only, as_format, out, tuple(report or ()), auto_approve), planfile
    )
    if without_secrets and not shown.plan_only:
        raise DeployerError("--without-secrets is for a plan that is not applied", hint="Add --plan or --out FILE.")
    common.SETTINGS.without_secrets = without_secrets
    place = None if out is None else common.place(out)
    options = operation.PromoteOptions(source, frozenset(allow or ()), break_glass, place)
    if selection.is_fleet and shown.plan_only:
        if shown.reports:
            raise DeployerError("--report is for one tenant", hint="Name the tenant.")
        plan_many(selection, "plan promotion", options, shown.plan_form, out)
        return
    target = one_or_fleet(selection, FleetCommand("promote", options, as_json), {}, auto_approve)
    if target is None:
        return
    options = replace(options, saved=saved_plan(planfile, "promote", source), approve=approval(shown))
    context = common.context(target, observer(shown))
    if shown.plan_only:
        show_planned(common.run(operation.plan_promotion(context, options)), shown.plan_form, shown.reports, out)
    else:
        show_applied(common.run(operation.promote(context, options)), shown)
