"""Writes definitions and scripts for what a tenant already has."""

from collections.abc import Sequence

from deployer.importing import importing
from deployer.importing.importing import ImportResult
from deployer.operations.context import Context
from deployer.planning.resolve import connect


async def import_connections(context: Context, names: Sequence[str] = ()) -> ImportResult:
    """Import these connections, or every custom database that is not defined yet. No file is overwritten.

    Raises:
        DeployerError: where one cannot be read or written down; nothing is skipped silently, and nothing was written.
    """
    tenant = await context.do(context.load)
    access, _ = await context.do(lambda: connect(context.project, tenant), waits=True)
    with context.observer.reading(context.tenant):
        async with context.gateway(access) as gateway:
            return await importing.import_connections(context.project, tenant, gateway, names)
