"""A tenant's name in, everything out that is wrong with its definitions and scripts, without a tenant being asked."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from deployer.config.models import Tenant
from deployer.config.option_checks import option_warnings
from deployer.config.problems import ConfigError, Position
from deployer.errors import DeployerError
from deployer.linting.check import syntax_problems
from deployer.planning.compute import in_order
from deployer.planning.surroundings import surrounding_problems
from deployer.rendering.errors import Mistake, RenderError
from deployer.rendering.guards import RenderedAction
from deployer.rendering.origin import template_line
from deployer.rendering.project import Project
from deployer.rendering.scripts import RenderedConnection, script_position
from deployer.resources.desired import desired_resources
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
        """As JSON values."""
        return {
            "tenant": self.tenant,
            "valid": self.valid,
            "connections": self.connections,
            "scripts": self.scripts,
            "errors": self.errors,
            "warnings": self.warnings,
        }


def validate_tenant(project: Project, name: str) -> Validation:
    """Load and render one tenant, parse its scripts, look at what it says of others; what is wrong is in the result."""
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
    problems += surrounding_problems(project, tenant)
    rendered, actions, mistakes = _rendered(project, tenant)
    problems += RenderError(mistakes).problems
    result.errors += [str(problem) for problem in ConfigError(problems).problems]
    if whole:
        result.errors += _contradictions(tenant, rendered, actions)
    result.connections = len(tenant.connections)
    result.scripts = sum(len(connection.scripts) for connection in rendered.values())
    result.errors += _syntax_errors(project, tenant, rendered, actions)
    return result


def _rendered(project: Project, tenant: Tenant) -> tuple[Rendered, Actions, list[Mistake]]:
    """Every connection and Action that can be rendered, and why the others cannot."""
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
    """What is wrong with the connections and Actions as resources: by themselves, or only together."""
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
    """Where what was rendered is not JavaScript: the line of the template, or that of the rendered script."""

    def found(source: str, template: str, what: str, position: Position | None) -> Iterator[str]:
        for problem in syntax_problems(source):
            line = template_line(project.templates, template, problem.text)
            if line is not None:
                yield f"{Position(f'templates/{template}', line, problem.column)}: {what}: {problem}"
                continue
            place = f"line {problem.line}, column {problem.column} of the rendered script"
            yield f"{position or tenant.path}: {what} (templates/{one_line(template)}), {place}: {problem}"

    for name, connection in rendered.items():
        for script in connection.scripts.values():
            position = script_position(tenant, name, script.name)
            yield from found(script.source, script.template, f"connection.{name} {script.name}", position)
        for guard in connection.guards:
            position = tenant.position("connections", name, "guards")
            yield from found(guard.source, guard.template, f"connection.{name} guard {guard.guard}", position)
    for action in actions.values():
        position = tenant.position("actions", action.name, "code")
        yield from found(action.source, action.template, f"action.{one_line(action.name)}", position)
