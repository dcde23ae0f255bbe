"""Imports what a tenant already has: reads all, decides on all, then writes the files."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deployer.config.models import Tenant
from deployer.errors import DeployerError
from deployer.importing.files import ImportFiles, import_files, referenced_variables, write_files
from deployer.project import Project
from deployer.resources.importable import Candidate, Imported, ImportRequest
from deployer.resources.kinds.base import BaseKind
from deployer.resources.registry import KINDS
from deployer.text import did_you_mean, one_line

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway


@dataclass(frozen=True)
class ImportResult:
    """What was imported, the files that were written, and what was left out, by name, with the reason."""

    tenant: str
    imported: list[Imported]
    files: ImportFiles | None
    left_out: dict[str, str]


async def import_connections(
    project: Project, tenant: Tenant, gateway: "Gateway", names: Sequence[str]
) -> ImportResult:
    """Import the resources named, or all that are not yet defined, of every kind that can be imported: all or none.

    Raises:
        DeployerError: for a name that the tenant does not have; where a resource cannot be read or written down.
            Nothing is skipped silently, and nothing was written.
    """
    found = {
        kind: {one.name: one for one in await kind.candidates(gateway, tenant)}
        for kind in KINDS.values()
        if kind.importable
    }
    _check_there(names, found)
    everything = [one for by_name in found.values() for one in by_name.values()]
    left_out = {} if names else {one.name: one.left_out for one in everything if one.left_out is not None}
    used = referenced_variables(project, tenant)
    imported: list[Imported] = []
    for kind, by_name in found.items():
        chosen = [one for name, one in sorted(by_name.items()) if (name in names if names else one.left_out is None)]
        if chosen:
            described = await kind.describe(gateway, chosen, ImportRequest(tenant, frozenset(used)))
            imported += described
            used.update(*(one.variables for one in described))
    if not imported:
        return ImportResult(tenant.name, [], None, left_out)
    files = import_files(project, tenant, imported)
    write_files(project.root, files)
    return ImportResult(tenant.name, imported, files, left_out)


def _check_there(names: Sequence[str], found: dict[BaseKind, dict[str, Candidate]]) -> None:
    known = sorted({name for by_name in found.values() for name in by_name})
    for name in names:
        if name not in known:
            titles = " or ".join(kind.title for kind in found)
            near = did_you_mean(name, known) or f"There are: {', '.join(map(one_line, known)) or 'none'}."
            raise DeployerError(f"the tenant has no {titles} '{one_line(name)}'", hint=near)
