"""Implements `deployer destroy`: delete one resource that this tool has made, after its address was typed in full."""

import shlex
import sys
from typing import Annotated

import typer

from deployer.cli import common
from deployer.cli.interruption import answered
from deployer.errors import DeployerError, ExitCode, RefusedError
from deployer.text import one_line


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
    from deployer.cli.applying import observer, show_applied
    from deployer.operations import destroy as operation

    if confirm is not None:
        _check(address, confirm, "--confirm names")
    elif as_json:
        raise DeployerError("--json asks nothing", hint=_not_asked(address))
    shown = common.Presentation(as_json, approved=confirm is not None)
    approve = None if confirm is not None else lambda _: _ask(address)
    options = operation.DestroyOptions(address, frozenset(allow or ()), approve)
    show_applied(common.run(operation.destroy(common.context(tenant, observer(shown)), options)), shown)


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
