"""Implements `deployer try`: one script of a connection, run once, as the Dashboard's Try button does."""

import sys
from typing import Annotated

import typer

from deployer.cli import common
from deployer.errors import DeployerError, ExitCode


def try_(
    tenant: common.TenantName,
    connection: Annotated[str, typer.Argument(metavar="CONNECTION", help="One of its connections.")],
    login: Annotated[
        str | None, typer.Option(metavar="EMAIL", help="Log this user in; the password is asked for or piped in.")
    ] = None,
    get_user: Annotated[str | None, typer.Option("--get-user", metavar="EMAIL", help="Look this user up.")] = None,
    test_store: Annotated[
        bool, typer.Option("--test-store", help="Use the store of the connection's `tests:`, not its own.")
    ] = False,
    as_json: common.AsJson = False,
) -> None:
    """Run one script and print the profile, the time and the log."""
    from deployer.operations.try_script import try_script as operation
    from deployer.reporting.call import print_call
    from deployer.reporting.waiting import waiting

    if (login is None) == (get_user is None):
        raise DeployerError("it is not said what to try", hint="Give either --login EMAIL or --get-user EMAIL.")
    kind = "login" if login is not None else "get_user"
    arguments = (login, _password()) if login is not None else (get_user or "",)
    with waiting(f"Running {kind} of {connection}"):
        trial = operation(common.context(tenant), connection, kind, arguments, test_store=test_store)
        result = common.run(trial)
    print_call(kind, result, "json" if as_json else "text")
    if result.outcome == "error" or result.problems:
        common.leave(ExitCode.ERROR)


def _password() -> str:
    """Read the password from the terminal, unseen, or from the first line of standard input."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")
