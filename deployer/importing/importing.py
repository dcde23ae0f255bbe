"""A tenant and the names of connections in, their files written out: read all, decide on all, then write."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deployer.config.models import Tenant
from deployer.importing.definition import Imported, define
from deployer.importing.files import ImportFiles, import_files, referenced_variables, write_files
from deployer.importing.reading import read_connections
from deployer.project import Project

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway


@dataclass(frozen=True)
class ImportResult:
    """What was imported, the files that were written, and the connections that were left out, with the reason."""

    tenant: str
    imported: list[Imported]
    files: ImportFiles | None
    left_out: dict[str, str]


async def import_connections(
    project: Project, tenant: Tenant, gateway: "Gateway", names: Sequence[str]
) -> ImportResult:
    """Import connections, all or none.

    Raises:
        DeployerError: where one cannot be read or written down; nothing is skipped silently, and nothing was written.
    """
    live, left_out = await read_connections(gateway, names, tenant.connections)
    used = referenced_variables(project, tenant)
    imported = []
    for one in live:
        imported.append(define(one, tenant.name, used))
        used |= imported[-1].variables.keys()
    if not imported:
        return ImportResult(tenant.name, [], None, left_out)
    files = import_files(project, tenant, imported)
    write_files(project.root, files)
    return ImportResult(tenant.name, imported, files, left_out)
