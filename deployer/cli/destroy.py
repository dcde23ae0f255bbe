"""`deployer destroy`: delete one resource that this tool has made, after its address was typed in full."""

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from deployer.cli import common
from deployer.errors import DeployerError, ExitCode, RefusedError

if TYPE_CHECKING:
    from deployer.planning.model import Plan
    from deployer.planning.preparation import Prepared


def destroy(
    tenant: common.TenantName,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="The resource, such as connection.legacy-users.")],
    confirm: Annotated[
        str | None,
        typer.Option("--confirm", metavar="ADDRESS", help="The address again, where nobody can type it."),
    ] = None,
    allow: common.Allow = None,
    as_json: common.AsJson = False,
) -> None:
    """Delete one resource, named in full. Of a connection, every user goes with it."""
    from deployer.applying.allowance import check_allowed
    from deployer.applying.session import Request
    from deployer.cli.applying import deploy
    from deployer.planning.destruction import make_destruction
    from deployer.reporting.plans import show_plan

    ready = common.prepared(tenant)
    store = common.store(ready.tenant)
    common.warn_unfinished(ready.tenant)

    async def run() -> None:
        async with common.gateway(ready.access) as gateway:
            plan = await make_destruction(ready, gateway, address)
            request = Request(command="destroy", allowed=frozenset(allow or ()))
            check_allowed(plan, request.allowed)
            if plan.effective:
                if not as_json and confirm is None:
                    typer.echo(show_plan(plan, "text"), nl=False)
                _warn(ready, plan, address)
                _confirm(address, confirm)
            how = common.Manner(auto_approve=True, as_json=as_json)
            await deploy(ready, gateway, store, plan, request, how)

    asyncio.run(run())


def _warn(ready: "Prepared", plan: "Plan", address: str) -> None:
    """Say on standard error what else this means, where the definitions tell."""
    from deployer.planning.destruction import dependents, is_defined
    from deployer.text import one_line

    if needed := dependents(ready, address):
        typer.echo(f"warning: {one_line(', '.join(needed), 400)} needs it.", err=True)
    if is_defined(ready, address):
        again = f"the next `deployer apply {plan.tenant.name}` makes it again"
        typer.echo(f"warning: the definitions still name it: {again}.", err=True)


def _confirm(address: str, given: str | None) -> None:
    """Go on only with the address in full.

    Raises:
        RefusedError: for another one; nothing was changed.
    """
    if given is None:
        if not sys.stdin.isatty():
            raise DeployerError("there is nobody to ask", hint=f"Name it once more: --confirm {address}")
        given = str(typer.prompt("\nType the address in full to delete it", default="", show_default=False))
    if given == address:
        return
    if given == "":
        typer.echo("Nothing was changed.")
        common.leave(ExitCode.ERROR)
    raise RefusedError("that is another address; nothing was changed", where=address)
