"""`deployer plan`: what an apply would change, shown and optionally saved."""

import asyncio
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from deployer.cli import common
from deployer.errors import ExitCode


class PlanFormat(StrEnum):
    """How a plan is shown."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"


def plan(
    tenant: common.TenantName,
    out: Annotated[Path | None, typer.Option(dir_okay=False, help="Save the plan, to be applied exactly.")] = None,
    as_format: Annotated[PlanFormat, typer.Option("--format", help="How to show it.")] = PlanFormat.TEXT,
    as_json: common.AsJson = False,
    target: Annotated[
        list[str] | None, typer.Option(metavar="ADDRESS", help="Only this resource and what it depends on.")
    ] = None,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit with 2 where there are changes.")
    ] = False,
) -> None:
    """Show what an apply would change."""
    from deployer.planning.plan_file import write_plan
    from deployer.planning.preparation import make_plan
    from deployer.reporting.plans import show_plan

    ready = common.prepared(tenant)
    common.warn_unfinished(ready.tenant)

    async def run() -> None:
        async with common.gateway(ready.access) as gateway:
            made = await make_plan(ready, gateway, target or [])
        if out is not None:
            write_plan(made, out)
        typer.echo(
            show_plan(made, "json" if as_json else as_format.value, verbose=common.SETTINGS.verbosity > 0), nl=False
        )
        if detailed_exitcode and made.effective:
            common.leave(ExitCode.CHANGES)

    asyncio.run(run())
