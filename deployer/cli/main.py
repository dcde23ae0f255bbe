"""Builds the `deployer` command: the options that every command has, and the commands."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from deployer import __version__
from deployer.cli import common
from deployer.cli.apply import apply
from deployer.cli.ci import ci
from deployer.cli.command import Command
from deployer.cli.demo import demo
from deployer.cli.destroy import destroy
from deployer.cli.drift import drift
from deployer.cli.explain import explain
from deployer.cli.history import history
from deployer.cli.history_prune import history_prune
from deployer.cli.import_ import import_
from deployer.cli.init import init
from deployer.cli.lint import lint
from deployer.cli.plan import plan
from deployer.cli.promote import promote
from deployer.cli.recover import recover
from deployer.cli.render import render
from deployer.cli.rollback import rollback
from deployer.cli.sandbox import sandbox
from deployer.cli.schema import schema
from deployer.cli.status import status
from deployer.cli.test import contract_tests
from deployer.cli.try_ import try_
from deployer.cli.unlock import unlock
from deployer.cli.validate import validate

app = typer.Typer(
    name="deployer",
    help="Declarative deployments of Auth0 custom database connections and their action scripts.",
    epilog="--chdir, -v and --no-token-cache may stand before or after the command. --install-completion teaches your "
    "shell to complete commands, options and the names of tenants.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"deployer {__version__}")
        raise typer.Exit


@app.callback()
def options(
    chdir: Annotated[
        Path | None, typer.Option(metavar="DIR", exists=True, file_okay=False, help="Work in this folder.")
    ] = None,
    verbose: Annotated[
        int, typer.Option("--verbose", "-v", count=True, help="Say more; twice for requests and tracebacks.")
    ] = 0,
    no_token_cache: Annotated[bool, typer.Option("--no-token-cache", help="Keep no access token on disk.")] = False,
    version: Annotated[  # noqa: ARG001
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Declarative deployments of Auth0 custom database connections and their action scripts."""
    common.configure(chdir, verbose, token_cache=not no_token_cache)


HISTORY_PRUNE = "history-prune"
"""What `history prune` is called inside: the word after `history` is a tenant else."""

# In the order of a day's work.
COMMANDS: dict[str, Callable[..., None]] = {
    "init": init,
    "validate": validate,
    "render": render,
    "lint": lint,
    "explain": explain,
    "test": contract_tests,
    "try": try_,
    "plan": plan,
    "apply": apply,
    "drift": drift,
    "promote": promote,
    "status": status,
    "history": history,
    HISTORY_PRUNE: history_prune,
    "rollback": rollback,
    "recover": recover,
    "destroy": destroy,
    "unlock": unlock,
    "sandbox": sandbox,
    "import": import_,
    "schema": schema,
    "demo": demo,
}

for name, command in COMMANDS.items():
    app.command(name, cls=Command, hidden=name == HISTORY_PRUNE)(command)
app.add_typer(ci, name="ci")
