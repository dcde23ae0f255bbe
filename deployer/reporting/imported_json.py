"""Writes what an import did as JSON."""

from collections.abc import Sequence
from typing import Any

from deployer.importing.importing import ImportResult
from deployer.reporting.views import dump_json


def imported_json(result: ImportResult, _deploying: Sequence[str] = ()) -> str:
    """Write connections, the files written and extended, and what is left out as one JSON object."""
    files = result.files
    values = {
        "tenant": result.tenant,
        "connections": [
            {
                "name": one.name,
                "store": files.stores[one.name] if files else None,
                "scripts": list(one.scripts),
                "variables": one.variables,
                "notes": one.notes,
            }
            for one in result.imported
            if one.section == "connections"
        ],
        **_other_sections(result),
        "written": sorted(files.new) if files else [],
        "extended": files.tenant_file if files and files.added is not None else None,
        "to_merge": files.to_merge if files else None,
        "left_out": result.left_out,
    }
    return dump_json(values)


def _other_sections(result: ImportResult) -> dict[str, Any]:
    """List what was imported beside connections, by the section of the tenant file."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in result.imported:
        if one.section != "connections":
            found.setdefault(one.section, []).append({"name": one.name, "notes": one.notes})
    return found
