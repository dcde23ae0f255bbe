"""Checks what a tenant says of other tenants and of its history's place. Nothing is opened."""

from collections.abc import Iterator

from deployer.config.models import Tenant
from deployer.config.problems import ConfigError, Problem
from deployer.errors import DeployerError
from deployer.project import Project
from deployer.state.location import locate
from deployer.text import one_line


def reference_problems(project: Project, tenant: Tenant) -> Iterator[Problem]:
    """Find what of `promote_from` and `state` cannot be."""
    if tenant.promote_from is not None and (found := _of_promotion(project, tenant, tenant.promote_from)):
        yield found
    if tenant.state:
        try:
            locate(tenant.state, project.root)
        except DeployerError as error:
            key = tenant.state_key
            yield Problem(tenant.position(key), f"'{key}': {error.what}", error.hint)


def _of_promotion(project: Project, tenant: Tenant, source: str) -> Problem | None:
    """Say why no release can come from `source`: it is no tenant, or its own releases come from here in the end."""
    position = tenant.position("promote_from")
    passed, current = [tenant.name], source
    while current not in passed:
        passed.append(current)
        try:
            following = project.tenants.promotes_from(current)
        except ConfigError:
            return None  # its own mistakes are reported with it
        except DeployerError as error:
            return Problem(position, f"'promote_from': {error.what}", error.hint) if current == source else None
        if following is None:
            return None
        current = following
    if current != tenant.name:
        return None  # a circle that this tenant only leads to
    circle = " from ".join(one_line(name, 60) for name in [*passed, current])
    return Problem(position, f"`promote_from` goes in a circle: {circle}", "A release has to begin somewhere.")
