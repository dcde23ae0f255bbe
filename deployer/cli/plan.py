"""Implements `deployer plan`: what an apply would change, shown and optionally saved."""

from typing import Annotated

import typer

from deployer.cli import common
from deployer.cli.applying import show_planned
from deployer.cli.fleet import Selection, plan_many
from deployer.errors import DeployerError, ExitCode
from deployer.reporting.plan import PlanFormat


def plan(
    tenant: common.OptionalTenant = None,
    out: common.Out = None,
    report: common.Reports = None,
    as_format: Annotated[PlanFormat, typer.Option("--format", help="How to show it.")] = PlanFormat.TEXT,
    as_json: common.AsJson = False,
    target: common.Target = None,
    allow: common.Allow = None,
    without_secrets: common.WithoutSecrets = False,
    no_lint: common.NoLint = False,
    every: common.Every = False,
    tenants: common.Tenants = None,
    tags: common.Tags = None,
    engine: common.Engine = None,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit with 2 where there are changes.")
    ] = False,
) -> None:
    """Show what an apply would change."""
    from deployer.operations import plan as operation

    common.SETTINGS.without_secrets = without_secrets
    selection = Selection(tenant, every, tenants or (), tags or (), engine)
    place = None if out is None else common.place(out)
    options = operation.PlanOptions(tuple(target or ()), frozenset(allow or ()), place, lint=not no_lint)
    form = "json" if as_json else as_format.value
    if selection.is_fleet:
        if report or target:
            raise DeployerError("--report and --target are for one tenant", hint="Name the tenant.")
        code = ExitCode.CHANGES if detailed_exitcode else ExitCode.DONE
        plan_many(selection, "plan", options, form, out, code)
        return
    result = common.run(operation.plan(common.context(selection.names()[0]), options))
    show_planned(result, form, report or (), out)
    if detailed_exitcode and result.plan.effective:
        common.leave(ExitCode.CHANGES)
