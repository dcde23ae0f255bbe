"""`deployer init`: the files of a new project, from flags or from answers to questions."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deployer.cli import common
from deployer.errors import DeployerError, ExitCode

if TYPE_CHECKING:
    from deployer.rendering.manifest import Manifest
    from deployer.rendering.scaffold import NewTenant, Wanted
    from deployer.rendering.templates import Templates

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
    from deployer.rendering.scaffold import Wanted, scaffold, write_scaffold
    from deployer.rendering.templates import Templates

    root = common.SETTINGS.root / (directory or Path())
    templates = Templates(root / "templates")
    asking = sys.stdin.isatty() and not yes
    chosen = _store(store, templates, asking)
    manifest = templates.manifest(chosen) if chosen is not None else None
    wanted = Wanted(
        store=chosen,
        connection=connection or (_ask("The connection's name", "legacy-users", asking and manifest is not None)),
        migration=_migration(migration, asking and manifest is not None),
        tenants=_tenants(tenants, asking),
        variables=_variables(variables or [], manifest, asking),
        copy_templates=copy_templates,
    )
    files = scaffold(wanted, templates)
    if asking:
        typer.echo("".join(f"  {name}\n" for name in files), nl=False)
        if not typer.confirm(f"Write these files into {root.absolute()}?", default=True):
            typer.echo("Nothing was written.")
            common.leave(ExitCode.ERROR)
    written, kept = write_scaffold(root, files)
    for name in written:
        typer.echo(f"wrote {name}")
    for name in kept:
        typer.echo(f"left alone: {name} is there already")
    _report(root, directory, wanted)


def _store(given: str | None, templates: "Templates", asking: bool) -> str | None:
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
        given = _choose("Store", [*stores, NO_STORE], None)
    if given == NO_STORE:
        return None
    templates.manifest(given)
    return given


def _migration(given: str | None, asking: bool) -> str:
    if given is None:
        return _choose("Migration (off, trickle: users move as they log in, complete)", _MIGRATIONS, "trickle", asking)
    if given not in _MIGRATIONS:
        raise DeployerError(f"there is no migration '{given}'", where="--migration", hint="off, trickle or complete.")
    return given


def _tenants(given: list[str] | None, asking: bool) -> "list[NewTenant]":
    from deployer.rendering.scaffold import NewTenant

    texts = list(given or [])
    if given is None and asking:
        typer.echo("Your tenants besides the local one, such as dev=acme-dev.eu.auth0.com; an empty line ends.")
        while text := typer.prompt("Tenant", default="", show_default=False).strip():
            texts.append(text)
    found = []
    for text in texts:
        name, sign, domain = text.partition("=")
        if not sign:
            raise DeployerError(f"--tenant {text} names no domain", hint="Write NAME=DOMAIN.")
        found.append(NewTenant(name.strip(), domain.strip().lower()))
    return found


def _variables(given: list[str], manifest: "Manifest | None", asking: bool) -> dict[str, Any]:
    """The variables given, as YAML reads them, and those without a default, asked for."""
    from deployer.config.tree import plain
    from deployer.config.yaml_source import parse

    texts: dict[str, str] = {}
    for each in given:
        name, sign, text = each.partition("=")
        if not sign:
            raise DeployerError(f"--variable {each} has no value", hint="Write NAME=VALUE.")
        texts[name] = text
    for name, variable in manifest.variables.items() if manifest is not None and asking else ():
        if variable.required and name not in texts:
            texts[name] = typer.prompt(f"{name} ({variable.description})")
    text_types = ("identifier", "string", "choice")
    return {
        name: text
        if manifest is not None and name in manifest.variables and manifest.variables[name].type in text_types
        else plain(parse(text, f"--variable {name}"))
        for name, text in texts.items()
    }


def _choose(question: str, choices: "tuple[str, ...] | list[str]", default: str | None, asking: bool = True) -> str:
    while asking:
        answer = str(typer.prompt(question, default=default)).strip()
        if answer in choices:
            return answer
        typer.echo(f"One of: {', '.join(choices)}.")
    return default or ""


def _ask(question: str, default: str, asking: bool) -> str:
    return str(typer.prompt(question, default=default)).strip() if asking else default


def _report(root: Path, directory: Path | None, wanted: "Wanted") -> None:
    """What is wrong with the files as they now are, if anything, and what to do next."""
    from deployer.planning.validation import validate_tenant
    from deployer.rendering.project import Project
    from deployer.rendering.scaffold import LOCAL
    from deployer.text import visible

    project = Project(root)
    for name in (LOCAL, *(tenant.name for tenant in wanted.tenants)):
        for error in validate_tenant(project, name).errors:
            typer.echo(f"warning: {visible(error)}", err=True)
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
