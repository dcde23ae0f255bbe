"""Finds applications that definitions enable and the tenant does not have, before anybody approves the plan. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from deployer.config.models import Tenant
from deployer.config.problems import Problem
from deployer.errors import DeployerError
from deployer.planning.model import Action, Change
from deployer.resources.connection_clients import client_ids
from deployer.resources.kinds import client, connection

CLIENTS = "clients"


def makes_application(change: Change) -> bool:
    """Return whether a change creates an application, which a tenant may enable on every connection."""
    return change.kind == client.KIND and change.action is Action.CREATE


def lists_applications(change: Change) -> bool:
    """Return whether a change is about a connection whose applications are defined."""
    return change.kind == connection.KIND and change.action is not Action.DELETE and CLIENTS in change.read


def newly_named(changes: Iterable[Change]) -> dict[str, list[str]]:
    """Find the applications that changes enable on connections, by the connection's name: names or client ids.

    Left out are those that are enabled already, and those that the same plan creates.
    """
    changes = list(changes)
    made = {
        str(change.wanted.attributes.get("name"))
        for change in changes
        if makes_application(change) and change.wanted is not None
    }
    named = {}
    for change in changes:
        if change.kind != connection.KIND or change.wanted is None:
            continue
        enabled = change.before["attributes"].get(CLIENTS) or [] if change.before else []
        wanted = change.wanted.attributes.get(CLIENTS) or []
        if new := [name for name in wanted if name not in enabled and name not in made]:
            named[change.name] = new
    return named


def enabled_elsewhere(changes: Iterable[Change], connections: Iterable[Mapping[str, Any]]) -> list[str]:
    """Find the connections on which a tenant enables new applications by itself, and that nothing here takes off again.

    Args:
        changes: the changes of a plan.
        connections: every connection of the tenant.
    """
    defined = {change.name for change in changes if lists_applications(change)}
    return sorted({str(one.get("name")) for one in connections} - defined)


def naming_problems(
    tenant: Tenant, named: Mapping[str, Sequence[str]], clients: list[dict[str, Any]]
) -> Iterator[Problem]:
    """Find what is wrong with names of applications: no application has one, or more than one have.

    Args:
        tenant: where the definitions are.
        named: the applications to look for, by the connection's name.
        clients: every application of the tenant.
    """
    for connection_name, names in named.items():
        for name in names:
            try:
                client_ids(clients, {name}, f"connection.{connection_name}")
            except DeployerError as error:
                position = tenant.position("connections", connection_name, CLIENTS)
                yield Problem(position, f"connection.{connection_name}: {error.what}", error.hint)
