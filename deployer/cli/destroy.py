"""`deployer destroy`: delete one resource that this tool has made, after its address was typed in full."""

import asyncio
import shlex
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from deployer.cli import common
from deployer.cli.interruption import answered
from deployer.errors import DeployerError, ExitCode, RefusedError
from deployer.text import one_line

if TYPE_CHECKING:
    from deployer.planning.model import Plan
    from deployer.planning.resolve import ResolvedTenant


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
    from deployer.applying.request import Request
    from deployer.cli.applying import deploy
    from deployer.planning.destruction import make_destruction
    from deployer.reporting.waiting import waiting

    if confirm is not None:
        _check(address, confirm, "--confirm names")
    elif as_json:
        raise DeployerError("--json asks nothing", hint=_not_asked(address))
    ready = common.prepared(tenant)
    store = common.store(ready.tenant)
    common.warn_interrupted(ready.tenant)

    def ask(_: "Plan") -> None:
        _warn(ready, address)
        _ask(address)

    async def run() -> None:
        async with common.gateway(ready.access) as gateway:
            with waiting(f"Reading {tenant}"):
                plan = await make_destruction(ready, gateway, address, store)
            request = Request(command="destroy", allowed=frozenset(allow or ()))
            check_allowed(plan, request.allowed)
            if plan.effective and confirm is not None:
                _warn(ready, address)
            how = common.ApplyOptions(auto_approve=confirm is not None, as_json=as_json)
            await deploy(ready, gateway, store, plan, request, how, ask)

    asyncio.run(run())


def _warn(ready: "ResolvedTenant", address: str) -> None:
    """Say on standard error what else this means, where the definitions tell."""
    from deployer.planning.destruction import dependents, is_defined
    from deployer.planning.next_commands import deploying, in_words

    if needed := dependents(ready, address):
        typer.echo(f"warning: {one_line(', '.join(needed), 400)} needs it.", err=True)
    if is_defined(ready, address):
        again = f"the next {in_words(deploying(ready.tenant))} makes it again"
        typer.echo(f"warning: the definitions still name it: {again}.", err=True)


def _ask(address: str) -> None:
    """Go on only when the address was typed in full."""
    if not sys.stdin.isatty():
        raise DeployerError("there is nobody to ask", hint=_not_asked(address))
    typed = answered("\nType the address in full to delete it: ")
    if typed == "":
        typer.echo("Nothing was changed.")
        common.leave(ExitCode.ERROR)
    _check(address, typed, "what was typed is")


def _check(address: str, given: str, words: str) -> None:
    """Refuse any other address than the one that is to be deleted.

    Raises:
        RefusedError: nothing was changed.
    """
    if given != address:
        raise RefusedError(
            f"{words} '{one_line(given)}', and the address to delete is '{one_line(address)}'",
            hint="Nothing was changed.",
        )


def _not_asked(address: str) -> str:
    return f"Name it once more: --confirm {shlex.quote(one_line(address))}"
