"""Lints a tenant: turns its definitions and rendered scripts into what rules look at."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from deployer.config.models import Connection, Tenant
from deployer.config.tree import REMOVE
from deployer.linting.definitions import literal_secrets
from deployer.linting.engine import LintReport, lint
from deployer.linting.inputs import ConnectionInput, ScriptInput
from deployer.project import Project
from deployer.rendering.guards import RenderedAction, api_keys
from deployer.rendering.scripts import RenderedConnection, has_usernames
from deployer.rendering.source_lines import SourceLine, find_source_line
from deployer.rendering.templates import Templates
from deployer.runtime.compile import Form
from deployer.runtime.node import Node, find_node
from deployer.text import one_line

_CLOSES_AUDIENCE = "restrict-audience"
_POINTED_AT: tuple[tuple[str | int, ...], ...] = (("guard_type",), ("options",))
"""Parts of a connection that rules point at."""


def lint_tenant(project: Project, name: str, severities: Mapping[str, str] | None = None) -> LintReport:
    """Load, render and lint one tenant, with the severities of its file; those given here go before them."""
    tenant = project.tenant(name)
    rendered, actions = project.render(tenant), project.render_actions(tenant)
    return lint_rendered(tenant, rendered, project.root, severities, actions, project.templates)


def lint_rendered(
    tenant: Tenant,
    rendered: Mapping[str, RenderedConnection],
    root: Path | None = None,
    severities: Mapping[str, str] | None = None,
    actions: Mapping[str, RenderedAction] | None = None,
    templates: Templates | None = None,
) -> LintReport:
    """Lint, as `lint_tenant`, a tenant that is loaded and rendered; `root` is the project's folder, for labels."""
    node, source = find_node(version=tenant.node), templates or project_templates(root)
    subjects = [
        connection_input(tenant, rendered[name], root, templates=source, node=node) for name in tenant.connections
    ]
    code = [action_input(action, source, node) for action in (actions or {}).values()]
    return lint(subjects, code, severities={**tenant.lint.severity, **(severities or {})})


def merge_reports(reports: Sequence[LintReport]) -> LintReport:
    """Merge several reports. What two tenants share is shown once: findings that are equal are one finding."""
    findings = sorted({finding for report in reports for finding in report.findings}, key=lambda each: each.sort_key)
    return LintReport(
        tuple(findings),
        sum(report.silenced for report in reports),
        sum(report.connections for report in reports),
        sum(report.scripts for report in reports),
        tuple(name for report in reports for name in report.skipped),
    )


def action_input(action: RenderedAction, templates: Templates, node: Node | None = None) -> ScriptInput:
    """Describe the code of an Action that the tenant declares, which is compiled and not linted."""
    return _code(action.source, action.template, f"action.{one_line(action.name)}", "module", templates, node)


def connection_input(
    tenant: Tenant,
    rendered: RenderedConnection,
    root: Path | None = None,
    *,
    templates: Templates | None = None,
    node: Node | None = None,
) -> ConnectionInput:
    """Describe one connection of a tenant with its rendered scripts.

    Args:
        tenant: the tenant.
        rendered: the connection.
        root: the project's folder, for labels.
        templates: what it was rendered from, to name places in templates; by default those of that folder.
        node: the engine that judges whether the scripts compile; by default the one that Auth0 runs.
    """
    templates = templates or project_templates(root)
    definition = tenant.connections[rendered.name]
    address = f"connection.{rendered.name}"
    label, line, column = _place(tenant, root, rendered.name)
    secrets = dict(literal_secrets(definition))
    return ConnectionInput(
        name=rendered.name,
        scripts={
            kind: ScriptInput(
                script.source,
                kind,
                definition.enable_script_context,
                f"{address}/{kind}",
                template=f"templates/{script.template}",
                node=node,
                written=_written(templates, script.template, script.source),
            )
            for kind, script in rendered.scripts.items()
        },
        address=address,
        label=label,
        line=line,
        column=column,
        places={_dotted(path): _place(tenant, root, rendered.name, *path) for path in [*secrets, *_POINTED_AT]},
        literal_secrets={_dotted(path): what for path, what in secrets.items()},
        migration=definition.migration,
        import_mode=definition.import_mode,
        enable_script_context=definition.enable_script_context,
        requires_username=has_usernames(definition),
        access=tuple(definition.access),
        guards=tuple(definition.guards),
        guard_code=tuple(_guards(rendered, templates, node)),
        guard_type=definition.guard_type,
        signup_open=definition.options.get("disable_signup") is not True,
        reset_open=definition.options.get("disable_self_service_change_password") is not True,
        configuration=_configuration(definition, rendered),
        modules=rendered.modules,
        audience=definition.api.identifier if definition.api is not None else None,
        restricted_audiences=_restricted(tenant),
        direct_database=rendered.manifest.direct_database,
        custom_databases=len(tenant.connections),
    )


def project_templates(root: Path | None) -> Templates:
    """Return the templates of the project in a folder; nothing is read before one is asked for."""
    return Templates((root or Path()) / "templates")


def _guards(rendered: RenderedConnection, templates: Templates, node: Node | None) -> Iterator[ScriptInput]:
    for guard in rendered.guards:
        form: Form = "module" if guard.form == "action" else "expression"
        address = f"connection.{rendered.name} guard {guard.guard}"
        yield _code(guard.source, guard.template, address, form, templates, node)


def _code(source: str, template: str, address: str, form: Form, templates: Templates, node: Node | None) -> ScriptInput:
    return ScriptInput(
        source,
        address=address,
        template=f"templates/{template}",
        form=form,
        node=node,
        written=_written(templates, template, source),
    )


def _written(templates: Templates, template: str, source: str) -> Callable[[int, int], SourceLine | None]:
    """Return how a place in a script is found in its template, which is only read where something has to be shown."""
    return lambda line, column: find_source_line(templates, template, source, line, column)


def _place(tenant: Tenant, root: Path | None, name: str, *path: str | int) -> tuple[str, int, int]:
    """Return the file, line and column of a connection, or of a part of it; line 0 where they are not known."""
    position = tenant.position("connections", name, *path)
    if position is None:
        return _relative(tenant.path, root), 0, 0
    return position.file, position.line, position.column


def _dotted(path: Sequence[str | int]) -> str:
    return one_line(".".join(map(str, path)))


def _configuration(definition: Connection, rendered: RenderedConnection) -> frozenset[str]:
    """List the keys that scripts can read: those that are given, and those that a client of the API comes through."""
    keys = {key for key, value in definition.configuration.items() if value is not REMOVE}
    return frozenset({*keys, *api_keys(definition, rendered.manifest.configuration).values()})


def _restricted(tenant: Tenant) -> frozenset[str]:
    return frozenset(
        connection.api.identifier
        for connection in tenant.connections.values()
        # A Rule closes nothing: Auth0 does not run it any more.
        if connection.api is not None and _CLOSES_AUDIENCE in connection.guards and connection.guard_type == "action"
    )


def _relative(path: str, root: Path | None) -> str:
    given = Path(path)
    if root is not None and given.is_absolute() and given.is_relative_to(root):
        return given.relative_to(root).as_posix()
    return path
