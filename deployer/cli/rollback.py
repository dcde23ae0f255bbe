"""Implements `deployer rollback`: an earlier release of a tenant, through the same plan and apply."""

from pathlib import Path
from typing import Annotated

import typer

from deployer.cli import common
from deployer.cli.applying import approval, observer, presentation, saved_plan, show_applied, show_planned
from deployer.errors import DeployerError
from deployer.reporting.plan import PlanFormat


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
    as_format: common.Form = PlanFormat.TEXT,
    as_json: common.AsJson = False,
) -> None:
    """Go back to the previous release of a tenant, or to any other."""
    from deployer.operations import rollback as operation

    shown = presentation(
        common.Presentation(as_json, plan_only, as_format, out, tuple(report or ()), auto_approve), planfile
    )
    if planfile is not None and release is not None:
        raise DeployerError("a release and --plan-file were given", hint="A plan file has its release in it.")
    saved = saved_plan(planfile, "rollback")
    place = None if out is None else common.place(out)
    options = operation.RollbackOptions(release, frozenset(allow or ()), place, saved, approval(shown))
    context = common.context(tenant, observer(shown))
    if shown.plan_only:
        show_planned(common.run(operation.plan_rollback(context, options)), shown.plan_form, shown.reports, out)
    else:
        show_applied(common.run(operation.rollback(context, options)), shown)
