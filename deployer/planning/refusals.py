"""A plan in, out what Auth0 would answer with 400 when it is applied: found before anybody approves it.

Only what depends on the live options is left for here; the rest is said where the definition is read.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from deployer.config.models import Tenant
from deployer.config.option_checks import is_unchecked, refused
from deployer.config.problems import ConfigError, Problem
from deployer.planning.model import Action, Change, Plan
from deployer.resources import connection
from deployer.resources.model import Desired, Live


def refuse_unwritable(tenant: Tenant, plan: Plan) -> None:
    """Refuse a plan whose writes the tenant would refuse.

    Raises:
        ConfigError: everything of that kind, together, each at its place in the definition.
    """
    if problems := list(_problems(tenant, plan)):
        raise ConfigError(problems)


def _problems(tenant: Tenant, plan: Plan) -> Iterator[Problem]:
    for change in plan.changes:
        definition = tenant.connections.get(change.name) if change.kind == connection.KIND else None
        if definition is None or change.wanted is None or change.action is Action.NO_OP:
            continue
        before = change.before["attributes"].get("options", {}) if change.before else None
        for mistake in refused(_sent(change, before or {}), before):
            if not is_unchecked(mistake.path, definition.unchecked_options):
                position = tenant.position("connections", change.name, "options", *mistake.path)
                yield Problem(position, f"{change.address}: {mistake.what}", mistake.hint)


def _sent(change: Change, before: Mapping[str, Any]) -> dict[str, Any]:
    """The options that the change writes: those of the tenant, ours laid over them, without what goes."""
    wanted = change.wanted.attributes.get("options", {}) if change.wanted else {}
    gone = {item.path[1:] for item in change.attributes if item.action == "remove" and item.path[0] == "options"}
    if change.wanted and change.before:
        definition = Desired(change.kind, change.name, {"options": {}, **change.wanted.attributes})
        have = Live(change.kind, change.name, "", change.before["attributes"], {})
        gone |= {path[1:] for path in connection.removed_by_write(definition, have)}
    return connection.overlay(_without(before, gone), wanted)


def _without(value: Mapping[str, Any], gone: set[tuple[str, ...]]) -> dict[str, Any]:
    kept = {}
    for key, item in value.items():
        if (key,) in gone:
            continue
        below = {path[1:] for path in gone if len(path) > 1 and path[0] == key}
        kept[key] = _without(item, below) if below and isinstance(item, Mapping) else item
    return kept
