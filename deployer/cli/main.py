"""The `deployer` command: options that every command has, and one module per command."""

import typer

from deployer import __version__
from deployer.cli.sandbox import sandbox

app = typer.Typer(
    name="deployer",
    help="Declarative deployments of Auth0 custom database connections and their action scripts.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"deployer {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: bool = typer.Option(False, "--version", callback=_print_version, is_eager=True, help="Show the version."),
) -> None:
    """Declarative deployments of Auth0 custom database connections and their action scripts."""


app.command("sandbox")(sandbox)


def run() -> None:
    """The console script."""
    app()
