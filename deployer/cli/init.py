"""Implements `deployer init`: the files of a new project, from flags or from answers to questions."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deployer.cli import common
from deployer.cli.interruption import begin_changes, confirmed
from deployer.errors import DeployerError, ExitCode

if TYPE_CHECKING:
    from deployer.rendering.manifest import Manifest
    from deployer.rendering.templates import Templates
    from deployer.scaffolding.files import NewTenant, ScaffoldOptions

NO_STORE = "none"
_MIGRATIONS = ("off", "trickle", "complete")


def init(
    directory: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="The project's folder; here by default.")
    ] = None,
    store: Annotated[
        str | None, typer.Option(metavar="STORE", help="The legacy user store; none, where `import` is to come first.")
    ] = None,
    tenants: Annotated[
        list[str] | None, typer.Option("--tenant", metavar="NAME=DOMAIN", help="A tenant; in the order of promotion.")
    ] = None,
    connection: Annotated[str | None, typer.Option(metavar="NAME", help="The connection's name: legacy-users.")] = None,
    migration: Annotated[str | None, typer.Option(metavar="KIND", help="off, trickle or complete: trickle.")] = None,
    variables: Annotated[
        list[str] | None, typer.Option("--variable", metavar="NAME=VALUE", help="A variable of the store's templates.")
    ] = None,
    copy_templates: Annotated[
        bool, typer.Option("--copy-templates", help="Copy the store's templates, to change them.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing: take the defaults.")] = False,
) -> None:
    """Write the files of a new project.

    Tenants, a connection to a store, and what git is to ignore.

    What the flags do not say is asked for on a terminal. No file that is there is changed, but for .gitignore, which
    is added to.
    """
    from deployer.cli import init_questions as questions
    from deployer.rendering.templates import Templates
    from deployer.scaffolding.files import ScaffoldOptions, check_options, scaffold, write_scaffold

    root = common.SETTINGS.root / (directory or Path())
    templates = Templates(root / "templates")
    asking = sys.stdin.isatty() and not yes
    # What the flags say is looked at before anything is asked: no answer is given in vain.
    given = ScaffoldOptions(None, connection or "legacy-users", _migration(migration), _tenants(tenants or []))
    if asking:
        check_options(given, templates)
    chosen = _store(store, templates, asking)
    manifest = templates.manifest(chosen) if chosen is not None else None
    values = _variables(variables or [], manifest)
    if chosen is None and (values or copy_templates):
        check_options(replace(given, variables=values, copy_templates=copy_templates), templates)
    if asking and manifest is not None:
        _check_given(values, manifest, chosen or "")
        if connection is None:
            given = replace(given, connection=questions.ask_connection(templates, given.connection))
        if migration is None:
            question = "Migration (off, trickle: users move as they log in, complete)"
            given = replace(given, migration=questions.choose(question, _MIGRATIONS, given.migration))
    if asking and tenants is None:
        given = replace(given, tenants=questions.ask_tenants(templates))
    if asking and manifest is not None:
        values |= questions.ask_variables(manifest, values)
    wanted = replace(given, store=chosen, variables=values, copy_templates=copy_templates)
    files = scaffold(wanted, templates)
    if asking:
        typer.echo("".join(f"  {name}\n" for name in files), nl=False)
        if not confirmed(f"Write these files into {root.absolute()}?", default=True):
            typer.echo("Nothing was written.")
            common.leave(ExitCode.ERROR)
    begin_changes()
    written, kept = write_scaffold(root, files)
    for name in written:
        typer.echo(f"wrote {name}")
    for name in kept:
        typer.echo(f"left alone: {name} is there already")
    _report(root, directory, wanted)


def _store(given: str | None, templates: "Templates", asking: bool) -> str | None:
    from deployer.cli.init_questions import choose

    stores = templates.stores()
    if given is None:
        if not asking:
            raise DeployerError(
                "no store was given", where="--store", hint=f"One of: {', '.join([*stores, NO_STORE])}."
            )
        typer.echo("Where are the users today?")
        for name in stores:
            typer.echo(f"  {name}: {templates.manifest(name).description}")
        typer.echo(f"  {NO_STORE}: no connection yet; `deployer import` writes down what a tenant has")
        given = choose("Store", [*stores, NO_STORE])
    if given == NO_STORE:
        return None
    templates.manifest(given)
    return given


def _migration(given: str | None) -> str:
    if given is not None and given not in _MIGRATIONS:
        raise DeployerError(
            f"there is no migration '{given}'", where="--migration", hint="Write off, trickle or complete."
        )
    return given or "trickle"


def _tenants(given: list[str]) -> "list[NewTenant]":
    from deployer.scaffolding.files import NewTenant

    found = []
    for text in given:
        name, sign, domain = text.partition("=")
        if not sign:
            raise DeployerError(f"--tenant {text} names no domain", hint="Write NAME=DOMAIN.")
        found.append(NewTenant(name.strip(), domain.strip().lower()))
    return found


def _variables(given: list[str], manifest: "Manifest | None") -> dict[str, Any]:
    """Read the variables that were given, as YAML does."""
    from deployer.cli.init_questions import value_of

    found: dict[str, Any] = {}
    for each in given:
        name, sign, text = each.partition("=")
        if not sign:
            raise DeployerError(f"--variable {each} has no value", hint="Write NAME=VALUE.")
        variable = manifest.variables.get(name) if manifest is not None else None
        found[name] = value_of(text, variable, f"--variable {name}")
    return found


def _check_given(values: dict[str, Any], manifest: "Manifest", store: str) -> None:
    """Refuse variables that are wrong, with VariablesError; what is missing will be asked for."""
    from deployer.config.tree import KEEP

    missing = {name: KEEP for name, variable in manifest.variables.items() if variable.required}
    manifest.values({**missing, **values}, store=store)


def _report(root: Path, directory: Path | None, wanted: "ScaffoldOptions") -> None:
    """Say what is wrong with the files as they are, if anything, and what to do next."""
    from deployer.planning.validation import validate_tenant
    from deployer.project import Project
    from deployer.reporting.terminal import print_warning
    from deployer.scaffolding.files import LOCAL

    project = Project(root)
    for name in (LOCAL, *(tenant.name for tenant in wanted.tenants)):
        for error in validate_tenant(project, name).errors:
            print_warning(error)
    typer.echo("\nNext:")
    if directory is not None:
        typer.echo(f"  cd {directory}")
    typer.echo("  deployer validate --all")
    typer.echo(
        "  deployer sandbox --port 4010   # in another terminal: a local tenant; it prints the variables for this one"
    )
    typer.echo("  deployer plan local            # with the variables of .env.example set")
    for tenant in wanted.tenants[:1]:
        typer.echo(f"  deployer {'plan' if wanted.store else 'import'} {tenant.name}")
