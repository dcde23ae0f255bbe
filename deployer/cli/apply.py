"""Implements `deployer apply`: make the tenant what the definitions say, after a look at the plan and a yes."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from deployer.cli import common
from deployer.cli.applying import approval, observer, saved_plan, show_applied
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
    from deployer.operations import apply as operation

    selection = Selection(tenant, every, tenants or (), tags or (), engine, canary, batch, max_failures)
    options = operation.ApplyOptions(tuple(target or ()), frozenset(allow or ()), not no_lint, break_glass)
    command = FleetCommand("apply", options, as_json)
    tenant = one_or_fleet(selection, command, {"--target": target}, auto_approve)
    if tenant is None:
        return
    if planfile is not None and target:
        raise DeployerError("a plan file and --target were given", hint="A plan file has its targets in it.")
    saved = saved_plan(planfile, "apply")
    shown = common.Presentation(as_json, approved=auto_approve or saved is not None)
    options = replace(options, saved=saved, approve=approval(shown))
    show_applied(common.run(operation.apply(common.context(tenant, observer(shown)), options)), shown)
