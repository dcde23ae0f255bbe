"""Implements `deployer lint`: what is wrong with scripts and definitions, before anything is deployed."""

from pathlib import Path
from typing import Annotated

import typer

from deployer.cli import common
from deployer.cli.completion import complete_tenants
from deployer.cli.fleet import Selection
from deployer.errors import DeployerError, ExitCode
from deployer.reporting.findings import FindingsFormat, show_findings


def lint(
    tenant: Annotated[
        str | None,
        typer.Argument(metavar="TENANT", help="A tenant; all without one.", autocompletion=complete_tenants),
    ] = None,
    every: common.Every = False,
    tenants: common.Tenants = None,
    tags: common.Tags = None,
    path: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A folder of plain .js files, or one file, instead of a tenant.")
    ] = None,
    as_format: Annotated[FindingsFormat, typer.Option("--format", help="How to show findings.")] = FindingsFormat.TEXT,
    severity: Annotated[
        list[str] | None, typer.Option(metavar="CODE=SEVERITY", help="Change a rule: error, warning or off.")
    ] = None,
    as_json: common.AsJson = False,
) -> None:
    """Check scripts and definitions against the rules. Exits with 1 on errors."""
    import sys

    from deployer.operations.lint import lint_folder, lint_tenants
    from deployer.reporting.terminal import colored

    several = every or bool(tenants) or bool(tags)
    if path is not None and (several or tenant is not None):
        raise DeployerError("a tenant and --path exclude each other", hint="Give one of them.")
    changed = _changes(severity or [])
    selection = Selection(tenant, several or tenant is None, tenants or (), tags or ())
    if path is not None:
        report = lint_folder(common.place(path), changed)
    else:
        report = lint_tenants(common.project(), selection.names(), changed)
    form = "json" if as_json else as_format.value
    typer.echo(show_findings(report, form, color=colored(sys.stdout)), nl=False)
    if report.errors:
        common.leave(ExitCode.ERROR)


def _changes(given: list[str]) -> dict[str, str]:
    changed = {}
    for each in given:
        code, sign, severity = each.partition("=")
        if not sign:
            raise DeployerError(
                f"--severity {each} names no severity", hint="Write, for example, --severity DB204=off."
            )
        changed[code.strip()] = severity.strip().lower()
    return changed
