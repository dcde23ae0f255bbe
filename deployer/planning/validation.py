"""Validates a tenant's definitions and scripts, without a tenant being asked."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from deployer.config.models import Tenant
from deployer.config.option_checks import option_warnings
from deployer.config.problems import ConfigError, Position, Problem
from deployer.errors import DeployerError
from deployer.linting.compilation import compile_scripts, shown_message
from deployer.linting.inputs import ScriptInput
from deployer.linting.tenant_inputs import action_input, connection_input
from deployer.planning.compute import in_order
from deployer.planning.hosts import addresses_of, shared_hosts
from deployer.planning.sign_in import secrets_in_files, sign_in_problems
from deployer.planning.tenant_references import reference_problems
from deployer.project import Project
from deployer.rendering.errors import Mistake, RenderError
from deployer.rendering.guards import RenderedAction
from deployer.rendering.scripts import RenderedConnection, script_position
from deployer.resources.desired import desired_resources
from deployer.resources.sign_in import SignIn
from deployer.runtime.node import find_node
from deployer.text import one_line

Rendered = dict[str, RenderedConnection]
Actions = dict[str, RenderedAction]


@dataclass(slots=True)
class Validation:
    """What was found for one tenant. `errors` and `warnings`, which forbid nothing, are texts with their positions."""

    tenant: str
    connections: int = 0
    scripts: int = 0
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def valid(self) -> bool:
        """Whether nothing is wrong."""
        return not self.errors

    def as_json(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "tenant": self.tenant,
            "valid": self.valid,
            "connections": self.connections,
            "scripts": self.scripts,
            "errors": self.errors,
            "warnings": self.warnings,
        }


def validate_tenants(project: Project, names: Iterable[str]) -> list[Validation]:
    """Validate each of these tenants, and look among all of the project for others that lead to the same one.

    Every file is read for that, so it is left where none of these tenants could be deployed anyway.
    """
    found = [validate_tenant(project, name) for name in names]
    if not any(one.valid for one in found):
        return found
    shared = shared_hosts(addresses_of(project))
    return [validate_tenant(project, one.tenant, shared[one.tenant]) if one.tenant in shared else one for one in found]


def validate_tenant(project: Project, name: str, shared: Problem | None = None) -> Validation:
    """Load and render a tenant, compile its scripts, look at what it says of others; what is wrong is in the result.

    Args:
        project: the project.
        name: the tenant.
        shared: what is wrong where another tenant file leads to the same tenant.
    """
    result = Validation(name)
    try:
        tenant, problems = project.read(name)
    except ConfigError as error:
        result.errors += [str(problem) for problem in error.problems]
        return result
    except DeployerError as error:
        result.errors.append(str(error))
        return result
    if tenant is None:
        result.errors += [str(problem) for problem in ConfigError(problems).problems]
        return result
    whole = not problems
    result.warnings += [str(problem) for problem in option_warnings(tenant)]
    problems += reference_problems(project, tenant)
    problems += [shared] if shared is not None else []
    problems += sign_in_problems(tenant, SignIn.in_files(tenant), secrets_in_files(tenant))
    rendered, actions, mistakes = _rendered(project, tenant)
    problems += RenderError(mistakes).problems
    result.errors += [str(problem) for problem in ConfigError(problems).problems]
    if whole:
        result.errors += _contradictions(tenant, rendered, actions)
    result.connections = len(tenant.connections)
    result.scripts = sum(len(connection.scripts) for connection in rendered.values())
    try:
        result.errors += _syntax_errors(project, tenant, rendered, actions)
    except DeployerError as error:  # no Node that could judge: nothing is valid then
        result.errors.append(str(error))
    return result


def _rendered(project: Project, tenant: Tenant) -> tuple[Rendered, Actions, list[Mistake]]:
    """Render every connection and Action that can be, and say why the others cannot."""
    rendered: Rendered = {}
    actions: Actions = {}
    mistakes: list[Mistake] = []
    for name in tenant.connections:
        try:
            rendered |= project.render(tenant, [name])
        except RenderError as error:
            mistakes += error.mistakes
    try:
        actions = project.render_actions(tenant)
    except RenderError as error:
        mistakes += error.mistakes
    return rendered, actions, mistakes


def _contradictions(tenant: Tenant, rendered: Rendered, actions: Actions) -> list[str]:
    """Find what is wrong with the connections and Actions as resources: by themselves, or only together."""
    errors = []
    for name, connection in rendered.items():
        errors += _resource_errors(tenant, {name: connection}, {})
    return list(dict.fromkeys(errors or _resource_errors(tenant, rendered, actions)))


def _resource_errors(tenant: Tenant, rendered: Rendered, actions: Actions) -> list[str]:
    try:
        in_order(desired_resources(tenant, rendered, actions))
    except DeployerError as error:
        return [str(error)]
    return []


def _syntax_errors(project: Project, tenant: Tenant, rendered: Rendered, actions: Actions) -> Iterator[str]:
    """Find where what was rendered does not compile: the place in the template, or that in the rendered script."""
    found: list[tuple[ScriptInput, Position | None]] = []
    node = find_node(version=tenant.node)
    for name, connection in rendered.items():
        whole = connection_input(tenant, connection, project.root, templates=project.templates, node=node)
        found += [(each, script_position(tenant, name, kind)) for kind, each in whole.scripts.items()]
        position = tenant.position("connections", name, "guards")
        found += [(each, position) for each in whole.guard_code]
    for action in actions.values():
        position = tenant.position("actions", action.name, "code")
        found.append((action_input(action, project.templates, node), position))
    compile_scripts(subject for subject, _ in found)
    for subject, position in found:
        refusal = subject.refusal
        if refusal is None:
            continue
        what, message = one_line(subject.address.replace("/", " ")), shown_message(refusal.message)
        place = subject.written(refusal.line, refusal.column) if subject.written is not None else None
        if place is not None:
            yield f"{Position(place.file, place.line, place.column)}: {what} does not compile: {message}"
        else:
            where = f"line {refusal.line}, column {refusal.column} of the rendered script, does not compile"
            yield f"{position or tenant.path}: {what} ({one_line(subject.template)}), {where}: {message}"
