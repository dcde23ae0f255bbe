"""`deployer apply`: make the tenant what the definitions say, after a look at the plan and a yes."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deployer.cli import common
from deployer.errors import DeployerError, ExitCode

if TYPE_CHECKING:
    from deployer.planning.model import Plan
    from deployer.planning.preparation import Prepared


def apply(
    tenant: common.TenantName,
    planfile: Annotated[
        Path | None, typer.Argument(metavar="[PLANFILE]", help="A saved plan: exactly this, or nothing.")
    ] = None,
    auto_approve: Annotated[bool, typer.Option("--auto-approve", help="Do not ask.")] = False,
    target: Annotated[
        list[str] | None, typer.Option(metavar="ADDRESS", help="Only this resource and what it depends on.")
    ] = None,
    allow: Annotated[
        list[str] | None, typer.Option(metavar="CODE:ADDRESS", help="Accept a change that must be named.")
    ] = None,
    as_json: common.AsJson = False,
) -> None:
    """Change the tenant so that it is as defined: every script together, or nothing."""
    from deployer.planning.plan_file import read_plan

    if planfile is not None and target:
        raise DeployerError("a plan file and --target were given", hint="A plan file has its targets in it.")
    saved = read_plan(planfile) if planfile is not None else None
    ready = common.prepared(tenant)
    asyncio.run(_run(ready, saved, target or [], frozenset(allow or ()), auto_approve=auto_approve, as_json=as_json))


async def _run(
    ready: "Prepared",
    saved: "Plan | None",
    target: list[str],
    allowed: frozenset[str],
    *,
    auto_approve: bool,
    as_json: bool,
) -> None:
    from deployer.applying.session import Request, apply_plan
    from deployer.planning.preparation import check_plan, make_plan
    from deployer.reporting.outcomes import Progress, outcome_json, show_outcome
    from deployer.reporting.plans import show_plan

    async with common.gateway(ready.access) as gateway:
        if saved is not None:
            check_plan(saved, ready)
        plan = saved or await make_plan(ready, gateway, target)
        if not as_json:
            typer.echo(show_plan(plan, "text", verbose=common.SETTINGS.verbosity > 0), nl=False)
        if not plan.effective:
            if as_json:
                common.print_json(outcome_json(plan, None))
            return
        if not (auto_approve or saved is not None):
            _ask(plan.tenant.name)
        store = common.store(ready.tenant)
        outcome = await apply_plan(ready, gateway, store, plan, Request(allowed=allowed), Progress(silent=as_json))
    if as_json:
        common.print_json(outcome_json(plan, outcome))
    else:
        show_outcome(outcome, plan.tenant.name)
    if outcome.interrupted:
        common.leave(ExitCode.INTERRUPTED)
    if not outcome.complete:
        common.leave(ExitCode.ERROR)


def _ask(tenant: str) -> None:
    import sys

    if not sys.stdin.isatty():
        raise DeployerError(
            "there is nobody to ask", hint="Add --auto-approve, or save a plan with `plan --out` and apply that file."
        )
    if not typer.confirm(f"\nApply these changes to {tenant}?"):
        typer.echo("Nothing was changed.")
        common.leave(ExitCode.ERROR)
