"""`deployer recover`: finish or take back an apply that was interrupted."""

import asyncio
from typing import Annotated

import typer

from deployer.cli import common
from deployer.errors import ExitCode


def recover(
    tenant: common.TenantName,
    finish: Annotated[bool, typer.Option("--finish", help="Make the changes that are missing.")] = False,
    dismiss: Annotated[
        str | None, typer.Option(metavar="ID", help="Stop reporting a journal that cannot be read.")
    ] = None,
    as_json: common.AsJson = False,
) -> None:
    """Take back an apply that was interrupted, or finish it."""
    from deployer.applying.recovery import recover_all
    from deployer.reporting.outcomes import Progress, outcome_json, show_outcome

    ready = common.prepared(tenant)
    store = common.store(ready.tenant, needed=True)
    if dismiss is not None:
        store.journals.dismiss(tenant, dismiss)
        typer.echo(f"The journal {dismiss} is no longer reported.")
        return

    async def run() -> None:
        async with common.gateway(ready.access) as gateway:
            with Progress(f"Recovering {tenant}", silent=as_json) as progress:
                found = await recover_all(ready, gateway, store, progress, finish=finish)
        if as_json:
            common.print_json([outcome_json(plan, outcome) for plan, outcome in found])
        elif not found:
            typer.echo("Nothing was interrupted.")
        else:
            for plan, outcome in found:
                show_outcome(outcome, plan.tenant.name, wanted="finish" if finish else "undo")
        if any(outcome.torn or (finish and not outcome.complete) for _, outcome in found):
            common.leave(ExitCode.ERROR)

    asyncio.run(run())
