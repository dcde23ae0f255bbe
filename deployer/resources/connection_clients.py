"""Finds and switches the applications that are enabled on a connection, by name or by client id."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deployer.errors import DeployerError
from deployer.resources.model import Desired
from deployer.text import did_you_mean, one_line

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway


@dataclass(frozen=True, slots=True)
class Switches:
    """The client ids of applications that are enabled on a connection, and of those that are disabled."""

    enable: list[str]
    disable: list[str]


async def find_switches(gateway: "Gateway", desired: Desired, enabled: list[str]) -> Switches | None:
    """Find what makes the applications on a connection those that are desired.

    It is asked before the scripts are written: a name that no application has any more is no reason to change a login.

    Returns:
        None where they are as desired, or nothing is said.
    """
    names = desired.attributes.get("clients")
    if names is None or sorted(names) == sorted(enabled):
        return None
    ids = client_ids(await gateway.clients(), {*names, *enabled}, desired.address)
    ours, theirs = [ids[name] for name in names], [ids[name] for name in enabled]
    return Switches(
        enable=[client_id for client_id in ours if client_id not in theirs],
        disable=[client_id for client_id in theirs if client_id not in ours],
    )


async def switch(gateway: "Gateway", connection_id: str, switches: Switches | None) -> None:
    """Enable and disable applications on a connection."""
    if switches is not None:
        await gateway.set_connection_clients(connection_id, enable=switches.enable, disable=switches.disable)


def client_names(clients: Sequence[Mapping[str, Any]], ids: Sequence[str], defined: Sequence[str] = ()) -> list[str]:
    """Name applications: by name, or by id where the definition does so and where a name is not enough.

    The Management API lists applications that this tool's token may not see by id only.
    """
    names = Counter(str(client.get("name")) for client in clients)
    plain = names.keys() - {str(client["client_id"]) for client in clients}
    named = {
        str(client["client_id"]): str(client.get("name"))
        for client in clients
        if str(client.get("name")) in plain and names[str(client.get("name"))] == 1
    }
    return [client_id if client_id in defined else named.get(client_id, client_id) for client_id in ids]


def client_ids(clients: list[dict[str, Any]], names: set[str], address: str) -> dict[str, str]:
    """Find the client id of each application by name; an id stands for itself.

    Raises:
        DeployerError: for a name that no application or more than one has.
    """
    by_name: dict[str, list[str]] = {}
    for client in clients:
        by_name.setdefault(str(client.get("name")), []).append(str(client["client_id"]))
    every_id = {client_id for ids in by_name.values() for client_id in ids}
    found = {}
    for name in sorted(names):
        ids = by_name.get(name, [])
        if name in every_id:
            found[name] = name
        elif len(ids) == 1:
            found[name] = ids[0]
        elif ids:
            what = f"{len(ids)} applications are named '{one_line(name)}'"
            raise DeployerError(what, where=f"{address} clients", hint="Name the application by its client id.")
        else:
            near = did_you_mean(name, by_name) or "Create it first, or name another one."
            raise DeployerError(
                f"the tenant has no application '{one_line(name)}'", where=f"{address} clients", hint=near
            )
    return found
