"""Refuses a plan that Auth0 would answer with 400 when it is applied, before anybody approves it.

Only what depends on the live options is left for here; the rest is said where the definition is read.
"""

from collections.abc import Iterator

from deployer.config.models import Tenant
from deployer.config.problems import ConfigError, Problem
from deployer.planning.model import Action, Plan
from deployer.resources.model import Live
from deployer.resources.registry import KINDS


def refuse_unwritable(tenant: Tenant, plan: Plan) -> None:
    """Refuse a plan whose writes the tenant would refuse.

    Raises:
        ConfigError: everything of that kind, together, each at its place in the definition.
    """
    if problems := list(_problems(tenant, plan)):
        raise ConfigError(problems)


def _problems(tenant: Tenant, plan: Plan) -> Iterator[Problem]:
    for change in plan.changes:
        if change.wanted is None or change.action is Action.NO_OP:
            continue
        live = Live(change.kind, change.name, "", change.before["attributes"], {}) if change.before else None
        yield from KINDS[change.kind].unwritable(tenant, change.to_desired(), live)
