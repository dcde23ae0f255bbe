"""Connections through the gateway: reads in as few requests as can be, and one write that carries everything."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deployer.concurrency import gather_or_cancel
from deployer.errors import DeployerError
from deployer.management.errors import NotFound
from deployer.resources import connection
from deployer.resources.base import BaseKind
from deployer.resources.connection_defaults import SERVER_COMPLETED
from deployer.resources.marker import OwnershipMarker
from deployer.resources.model import Desired, Live, Saved
from deployer.resources.server_completed import Path
from deployer.text import did_you_mean, one_line

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway


class ConnectionKind(BaseKind):
    """Database connections (strategy `auth0`). Enabled applications are read only where a definition names some."""

    name = connection.KIND
    server_completed = SERVER_COMPLETED
    notes_apart = True

    async def read(self, gateway: "Gateway", wanted: Sequence[Desired]) -> list[Live]:
        """One list of all connections; `/clients` only for those whose definition has `clients`."""
        names = {resource.name for resource in wanted}
        with_clients = {r.name: connection.called(r) for r in wanted if "clients" in r.attributes}
        reads = [gateway.connections(), *([gateway.clients()] if with_clients else [])]
        connections, *applications = await gather_or_cancel(*reads)
        found = [raw for raw in connections if raw.get("name") in names]

        async def one(raw: dict[str, Any]) -> Live | None:
            if raw["name"] not in with_clients:
                return connection.live(raw)
            try:
                ids = await gateway.connection_clients(raw["id"])
            except NotFound:  # deleted since it was listed
                return None
            return connection.live(raw, client_names(applications[0], ids, with_clients[raw["name"]]))

        return [live for live in await gather_or_cancel(*(one(raw) for raw in found)) if live is not None]

    async def refresh(self, gateway: "Gateway", wanted: Desired, resource_id: str) -> Live | None:
        """`GET /connections/{id}`, and its enabled applications where the definition has `clients`."""
        raw = await gateway.connection(resource_id)
        if raw is None:
            return None
        if "clients" not in wanted.attributes:
            return connection.live(raw)
        try:
            ids, clients = await gather_or_cancel(gateway.connection_clients(resource_id), gateway.clients())
        except NotFound:
            return None
        return connection.live(raw, client_names(clients, ids, connection.called(wanted)))

    def removed_by_write(self, wanted: Desired, have: Live) -> list[tuple[str, ...]]:
        """Scripts that no definition names, and options that exclude what is wanted."""
        return connection.removed_by_write(wanted, have)

    def tenants_own(self, wanted: Desired, have: Live, *, just_written: bool = False) -> frozenset[Path]:
        """Password options that the tenant added beside the old ones, and old ones beside which it has the new."""
        return connection.tenants_own(wanted, have, just_written=just_written)

    def addition(self, wanted: Desired, now: Live) -> str | None:
        """Password options that are not those which tenants are known to add."""
        return connection.addition(wanted, now)

    async def create(
        self, gateway: "Gateway", wanted: Desired, values: Mapping[str, str], notes: OwnershipMarker
    ) -> str:
        """`POST /connections` with every script, then the enabled applications."""
        switches = await _switches(gateway, wanted, [])
        made = await gateway.create_connection(connection.payload(wanted, None, values, notes))
        await _switch(gateway, str(made["id"]), switches)
        return str(made["id"])

    async def update(
        self, gateway: "Gateway", wanted: Desired, have: Live, values: Mapping[str, str], notes: OwnershipMarker
    ) -> Live:
        """`PATCH /connections/{id}` with every script and the merged options, then the enabled applications."""
        switches = await _switches(gateway, wanted, list(have.attributes.get("clients", [])))
        raw = await gateway.update_connection(have.id, connection.payload(wanted, have, values, notes))
        await _switch(gateway, have.id, switches)
        return connection.live(raw)

    async def note(self, gateway: "Gateway", wanted: Desired, have: Live, notes: OwnershipMarker) -> Live:  # noqa: ARG002
        """`PATCH /connections/{id}` with `metadata` alone: the options stay as they are."""
        metadata = {**have.attributes.get("metadata", {}), **notes.write()}
        raw = await gateway.update_connection(have.id, {"metadata": metadata})
        return connection.live(raw, have.attributes.get("clients"))

    def is_written(self, wanted: Desired, now: Live, notes: OwnershipMarker) -> bool:  # noqa: ARG002
        """The notes travel in the same request as everything else, and name the run."""
        return OwnershipMarker.read(now.notes) == notes

    def made_by(self, now: Live, run: str) -> bool:
        """The notes name the run."""
        noted = OwnershipMarker.read(now.notes)
        return noted is not None and noted.run == run

    async def restore(
        self,
        gateway: "Gateway",
        before: Saved,
        now: Live | None,
        values: Mapping[str, str],
        notes: OwnershipMarker | None,
    ) -> None:
        """`PATCH` with everything that was, and the applications that were enabled.

        Raises:
            DeployerError: for a connection that is gone: its users went with it, and no request brings them back.
        """
        if now is None:
            raise DeployerError("the connection is gone, and its users with it", where=before.address)
        await gateway.update_connection(now.id, connection.restoring(before, now, values, notes))
        if "clients" in before.attributes:
            wanted = Desired(before.kind, before.name, {"clients": before.attributes["clients"]})
            switches = await _switches(gateway, wanted, list(now.attributes.get("clients", [])))
            await _switch(gateway, now.id, switches)

    def not_restorable(self, before: Saved, now: Live) -> list[str]:
        """What no request takes back."""
        return connection.irrevocable(before, now)

    async def delete(self, gateway: "Gateway", have: Live) -> None:
        """`DELETE /connections/{id}`, which deletes every user of the connection."""
        await gateway.delete_connection(have.id)


@dataclass(frozen=True, slots=True)
class _Switches:
    """The client ids of applications that are enabled on a connection, and of those that are disabled."""

    enable: list[str]
    disable: list[str]


async def _switches(gateway: "Gateway", wanted: Desired, enabled: list[str]) -> _Switches | None:
    """What makes the applications on a connection those that are wanted; None where they are, or nothing is said.

    It is asked before the scripts are written: a name that no application has any more is no reason to change a login.
    """
    names = wanted.attributes.get("clients")
    if names is None or sorted(names) == sorted(enabled):
        return None
    ids = client_ids(await gateway.clients(), {*names, *enabled}, wanted.address)
    ours, theirs = [ids[name] for name in names], [ids[name] for name in enabled]
    return _Switches(
        enable=[client_id for client_id in ours if client_id not in theirs],
        disable=[client_id for client_id in theirs if client_id not in ours],
    )


async def _switch(gateway: "Gateway", connection_id: str, switches: _Switches | None) -> None:
    if switches is not None:
        await gateway.set_connection_clients(connection_id, enable=switches.enable, disable=switches.disable)


def client_names(clients: Sequence[Mapping[str, Any]], ids: Sequence[str], wanted: Sequence[str] = ()) -> list[str]:
    """How applications are called: by name, or by id where the definition does so and where a name is not enough.

    The Management API lists applications that this tool's token may not see by id only.
    """
    names = Counter(str(client.get("name")) for client in clients)
    plain = names.keys() - {str(client["client_id"]) for client in clients}
    named = {
        str(client["client_id"]): str(client.get("name"))
        for client in clients
        if str(client.get("name")) in plain and names[str(client.get("name"))] == 1
    }
    return [client_id if client_id in wanted else named.get(client_id, client_id) for client_id in ids]


def client_ids(clients: list[dict[str, Any]], names: set[str], address: str) -> dict[str, str]:
    """The client id of each application by name; an id stands for itself.

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
