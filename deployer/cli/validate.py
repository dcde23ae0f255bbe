"""`deployer validate`: files, references, templates and their JavaScript are checked, without a tenant."""

from typing import Annotated

import typer

from deployer.cli import common
from deployer.errors import DeployerError


def validate(
    tenant: Annotated[str | None, typer.Argument(metavar="[TENANT]", help="A tenant; all without one.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every tenant.")] = False,
    as_json: common.AsJson = False,
) -> None:
    """Check files, references, templates and JavaScript, offline."""
    from deployer.planning.validation import validate_tenant
    from deployer.reporting.validation import print_validation

    if tenant and every:
        raise DeployerError("a tenant and --all were given", hint="Give one of the two.")
    project = common.project()
    names = [tenant] if tenant else project.tenants.names()
    results = [validate_tenant(project, name) for name in names]
    if as_json:
        common.print_json([result.as_json() for result in results])
    else:
        print_validation(results)
    if any(not result.valid for result in results):
        raise typer.Exit(1)
