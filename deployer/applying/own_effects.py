"""Tells what an apply itself brings about in other resources from what somebody else does there, and takes it back.

A tenant with the setting `enable_client_connections` enables a new application on every connection at once
(https://auth0.com/docs/get-started/tenant-settings). A connection whose applications are defined ends with exactly
these; where they are not, nothing is changed, and it is said.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from deployer.errors import DeployerError
from deployer.management.errors import ManagementError
from deployer.planning.model import Action, Change
from deployer.planning.named_applications import CLIENTS, lists_applications, makes_application
from deployer.resources.kinds import connection
from deployer.resources.model import Live
from deployer.resources.registry import KINDS
from deployer.text import one_line

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway

_SHOWN = 10


def made_applications(changes: Iterable[Change], live: Mapping[str, Live]) -> dict[str, str]:
    """Find the applications that the changes have created so far: their names by client id."""
    made = [live[change.address] for change in changes if makes_application(change) and change.address in live]
    return {one.id: str(one.attributes.get("name")) for one in made}


def without_effects(state: Live, made: Mapping[str, str]) -> Live:
    """Take new applications of our own off the live state of a connection: none of them was there before."""
    clients = state.attributes.get(CLIENTS)
    own = {*made, *made.values()}
    if state.kind != connection.KIND or not clients or own.isdisjoint(clients):
        return state
    kept = [client for client in clients if client not in own]
    return replace(state, attributes={**state.attributes, CLIENTS: kept})


async def take_back(
    gateway: "Gateway", changes: Iterable[Change], live: dict[str, Live], made: Mapping[str, str]
) -> None:
    """Disable new applications on connections of the plan that stay as they are, and whose applications are defined.

    Raises:
        DeployerError: the gateway's errors; where an application is still enabled afterwards.
    """
    for change in changes:
        if change.action is not Action.NO_OP or not lists_applications(change) or change.address not in live:
            continue
        kind, desired = KINDS[change.kind], change.to_desired()
        enabled = set(await gateway.connection_clients(live[change.address].id)) & set(made)
        if not enabled:
            continue
        await gateway.set_connection_clients(live[change.address].id, disable=sorted(enabled))
        now = await kind.refresh(gateway, desired, live[change.address].id)
        if now is None or without_effects(now, made) is not now:
            raise DeployerError("new applications are still enabled on it", where=change.address)
        live[change.address] = now


async def effects_elsewhere(gateway: "Gateway", changes: Iterable[Change], made: Mapping[str, str]) -> list[str]:
    """Say on which connections, whose applications nothing here defines, the tenant has enabled new applications."""
    defined = {change.name for change in changes if lists_applications(change)}
    texts = []
    for client_id, name in made.items():
        try:
            names = await gateway.connections_of_client(client_id)
        except ManagementError:
            continue  # it is information: every change is made already
        others = sorted(set(names) - defined)
        if others:
            more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
            listed = ", ".join(one_line(other, 60) for other in others[:_SHOWN]) + more
            texts.append(
                f"the tenant has enabled the new application {one_line(name, 60)} on {listed} too "
                "(enable_client_connections); nothing was changed there"
            )
    return texts
