"""Renders the scripts of a tenant, for looking at them or into a folder."""

from pathlib import Path

from deployer.config.models import Tenant
from deployer.errors import DeployerError
from deployer.project import Project
from deployer.rendering.scripts import RenderedScript
from deployer.text import did_you_mean, one_line

Scripts = dict[tuple[str, str], RenderedScript]
"""Scripts by connection and kind."""


def select_scripts(project: Project, tenant: Tenant, what: str | None) -> Scripts:
    """Render the scripts named by `CONNECTION` or `CONNECTION/SCRIPT`, all of the tenant's without a name."""
    connection, _, kind = (what or "").partition("/")
    if connection:
        _check(connection, tenant.connections, f"tenant {tenant.name} has no connection")
    rendered = project.render(tenant, [connection] if connection else None)
    if kind:
        _check(kind, rendered[connection].scripts, f"connection {connection} has no script")
    return {
        (name, script.name): script
        for name, one in rendered.items()
        for script in one.scripts.values()
        if not kind or script.name == kind
    }


def write_scripts(scripts: Scripts, folder: Path) -> list[Path]:
    """Write `CONNECTION/SCRIPT.js` below the folder; the files written."""
    written: list[Path] = []
    by_folded: dict[str, str] = {}
    for name, _ in scripts:
        # Many file systems take Users and users for one folder, and the second would replace the first.
        if (other := by_folded.setdefault(name.casefold(), name)) != name:
            raise DeployerError(
                f"the connections {other} and {name} would be written into one folder",
                hint="Write one of them at a time: deployer render TENANT CONNECTION --out DIR.",
            )
    for (name, kind), script in scripts.items():
        # Both parts are checked names: letters, digits and hyphens, and a known kind.
        path = folder / name / f"{kind}.js"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(script.source, encoding="utf-8", newline="\n")
        except OSError as error:
            raise DeployerError(f"the script cannot be written: {error.strerror}", where=str(path)) from error
        written.append(path)
    return written


def _check(name: str, known: object, what: str) -> None:
    names = list(known)  # type: ignore[call-overload]
    if name not in names:
        near = did_you_mean(name, names) or f"There are: {', '.join(names) or 'none'}."
        raise DeployerError(f"{what} '{one_line(name)}'", hint=near)
