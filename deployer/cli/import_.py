"""`deployer import`: definitions and scripts for what a tenant already has."""

import asyncio
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
    from deployer.importing.importing import import_connections
    from deployer.planning.next_commands import from_the_beginning
    from deployer.planning.resolve import connect
    from deployer.reporting.imported import imported_json, imported_text
    from deployer.reporting.waiting import waiting

    project = common.project()
    loaded = project.tenant(tenant)
    access, _ = connect(project, loaded)

    async def run() -> None:
        async with common.gateway(access) as gateway:
            with waiting(f"Reading {tenant}"):
                result = await import_connections(project, loaded, gateway, connections or [])
        if as_json:
            common.print_json(imported_json(result))
        else:
            typer.echo(imported_text(result, from_the_beginning(loaded, project.tenant)), nl=False)

    asyncio.run(run())
