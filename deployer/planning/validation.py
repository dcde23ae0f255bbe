"""A tenant's name in, everything out that is wrong with its definitions and scripts, without a tenant being asked."""

from dataclasses import dataclass, field
from typing import Any

from deployer.config.models import Tenant
from deployer.config.problems import ConfigError
from deployer.errors import DeployerError
from deployer.linting.check import syntax_problems
from deployer.planning.compute import in_order
from deployer.rendering.project import Project
from deployer.resources.desired import desired_resources


@dataclass(slots=True)
class Validation:
    """What was found for one tenant. `errors` are texts with their positions."""

    tenant: str
    connections: int = 0
    scripts: int = 0
    errors: list[str] = field(default_factory=list)

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
        }


def validate_tenant(project: Project, name: str) -> Validation:
    """Load and render one tenant and parse its scripts; what is wrong is in the result."""
    result = Validation(name)
    try:
        tenant = project.tenant(name)
    except ConfigError as error:
        result.errors += [str(problem) for problem in error.problems]
        return result
    except DeployerError as error:
        result.errors.append(str(error))
        return result
    result.connections = len(tenant.connections)
    for connection in tenant.connections:
        try:
            rendered = project.render(tenant, [connection])
            in_order(desired_resources(tenant, rendered))
        except DeployerError as error:
            result.errors.append(str(error))
            continue
        for script in rendered[connection].scripts.values():
            result.scripts += 1
            where = f"connection.{connection} {script.name} (templates/{script.template})"
            result.errors += [f"{where}: {problem}" for problem in syntax_problems(script.source)]
        for guard in rendered[connection].guards:
            where = f"connection.{connection} guard {guard.guard} (templates/{guard.template})"
            result.errors += [f"{where}: {problem}" for problem in syntax_problems(guard.source)]
    result.errors += _action_errors(project, tenant)
    return result


def _action_errors(project: Project, tenant: Tenant) -> list[str]:
    """What is wrong with the Actions that the tenant file declares."""
    try:
        actions = project.render_actions(tenant)
        in_order(desired_resources(tenant, {}, actions))
    except DeployerError as error:
        return [str(error)]
    return [
        f"action.{action.name} (templates/{action.template}): {problem}"
        for action in actions.values()
        for problem in syntax_problems(action.source)
    ]
