"""Implements `deployer import`: definitions and scripts for what a tenant already has."""

from typing import Annotated

import typer

from deployer.cli import common


def import_(
    tenant: common.TenantName,
    connections: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CONNECTION...]", help="These; without any, every custom database not yet defined."),
    ] = None,
    as_json: common.AsJson = False,
) -> None:
    """Write definitions and scripts for what a tenant already has.

    The tenant's file must be there, with its domain and credentials: connections are added at its end if it has none,
    else written to TENANT.imported.yaml, for you to merge. No file is overwritten. Values of `configuration` cannot be
    read back: each becomes a variable to set. A plan afterwards shows these variables and nothing else.
    """
    from deployer.operations.import_connections import import_connections
    from deployer.planning.next_commands import from_the_beginning
    from deployer.reporting.imported import print_imported

    context = common.context(tenant)
    result = common.run(import_connections(context, connections or []))
    deploying = from_the_beginning(context.load(), context.project.tenant)
    print_imported(result, deploying, "json" if as_json else "text")
