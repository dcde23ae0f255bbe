"""A tenant and its rendered scripts in, subjects out."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from deployer.config.models import Connection, Tenant
from deployer.config.tree import REMOVE
from deployer.linting.definitions import literal_secrets
from deployer.linting.linter import LintReport, lint
from deployer.linting.subject import ConnectionSubject, ScriptSubject
from deployer.rendering.guards import api_keys
from deployer.rendering.project import Project
from deployer.rendering.scripts import RenderedConnection, has_usernames
from deployer.text import one_line

_CLOSES_AUDIENCE = "restrict-audience"


def lint_tenant(project: Project, name: str, severities: Mapping[str, str] | None = None) -> LintReport:
    """Load, render and lint one tenant, with the severities of its file; those given here go before them."""
    tenant = project.tenant(name)
    return lint_rendered(tenant, project.render(tenant), project.root, severities)


def lint_rendered(
    tenant: Tenant,
    rendered: Mapping[str, RenderedConnection],
    root: Path | None = None,
    severities: Mapping[str, str] | None = None,
) -> LintReport:
    """`lint_tenant` of a tenant that is loaded and rendered already; `root` is the project's folder, for labels."""
    subjects = [connection_subject(tenant, rendered[name], root) for name in tenant.connections]
    return lint(subjects, severities={**tenant.lint.severity, **(severities or {})})


def merged(reports: Sequence[LintReport]) -> LintReport:
    """Several reports as one. What two tenants share is shown once: findings that are equal are one finding."""
    findings = sorted({finding for report in reports for finding in report.findings}, key=lambda each: each.sort_key)
    return LintReport(
        tuple(findings),
        sum(report.silenced for report in reports),
        sum(report.connections for report in reports),
        sum(report.scripts for report in reports),
        tuple(name for report in reports for name in report.skipped),
    )


def connection_subject(tenant: Tenant, rendered: RenderedConnection, root: Path | None = None) -> ConnectionSubject:
    """One connection of a tenant with its rendered scripts."""
    definition = tenant.connections[rendered.name]
    address = f"connection.{rendered.name}"
    label, line, column = _place(tenant, root, rendered.name)
    secrets = dict(literal_secrets(definition))
    return ConnectionSubject(
        name=rendered.name,
        scripts={
            kind: ScriptSubject(
                script.source,
                kind,
                definition.enable_script_context,
                f"{address}/{kind}",
                template=f"templates/{script.template}",
            )
            for kind, script in rendered.scripts.items()
        },
        address=address,
        label=label,
        line=line,
        column=column,
        places={_dotted(path): _place(tenant, root, rendered.name, *path) for path in secrets},
        literal_secrets={_dotted(path): what for path, what in secrets.items()},
        migration=definition.migration,
        import_mode=definition.import_mode,
        enable_script_context=definition.enable_script_context,
        requires_username=has_usernames(definition),
        access=tuple(definition.access),
        guards=tuple(definition.guards),
        configuration=_configuration(definition, rendered),
        modules=rendered.modules,
        audience=definition.api.identifier if definition.api is not None else None,
        restricted_audiences=_restricted(tenant),
        direct_database=rendered.manifest.direct_database,
        custom_databases=len(tenant.connections),
    )


def _place(tenant: Tenant, root: Path | None, name: str, *path: str | int) -> tuple[str, int, int]:
    """The file, line and column of a connection, or of a part of it; line 0 where they are not known."""
    position = tenant.position("connections", name, *path)
    if position is None:
        return _relative(tenant.path, root), 0, 0
    return position.file, position.line, position.column


def _dotted(path: Sequence[str | int]) -> str:
    return one_line(".".join(map(str, path)))


def _configuration(definition: Connection, rendered: RenderedConnection) -> frozenset[str]:
    """The keys that scripts can read: those that are given, and those that a client of the API is given through."""
    keys = {key for key, value in definition.configuration.items() if value is not REMOVE}
    return frozenset({*keys, *api_keys(definition, rendered.manifest.configuration).values()})


def _restricted(tenant: Tenant) -> frozenset[str]:
    return frozenset(
        connection.api.identifier
        for connection in tenant.connections.values()
        if connection.api is not None and _CLOSES_AUDIENCE in connection.guards
    )


def _relative(path: str, root: Path | None) -> str:
    given = Path(path)
    if root is not None and given.is_absolute() and given.is_relative_to(root):
        return given.relative_to(root).as_posix()
    return path
