"""Machine-to-machine applications (Auth0 calls them clients), each made for the scripts of one connection.

The notes, and the connection's name, stand in `client_metadata`, which takes 10 pairs of 255 characters
(https://auth0.com/docs/api/management/v2/clients/post-clients).
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from deployer.resources.base import BaseKind, choose_owned, differences
from deployer.resources.marker import NOTE_KEY, VERSION, OwnershipMarker
from deployer.resources.model import Desired, Live, Saved

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway

KIND = "client"
CONNECTION_KEY = "deployer_connection"
_PREFIX = "deployer"
_MANAGED = ("name", "app_type", "grant_types", "token_endpoint_auth_method", "oidc_conformant")


def live(raw: Mapping[str, Any], connection: str, known: str | None = None) -> Live:
    """The comparable state behind an answer of the tenant. What somebody else notes in the metadata is left alone.

    It is ours where the metadata says so, or where it has the id that is `known` from when it was made.
    """
    metadata = raw.get("client_metadata") or {}
    attributes = {key: raw[key] for key in _MANAGED if key in raw}
    attributes["metadata"] = {key: value for key, value in metadata.items() if not key.startswith(_PREFIX)}
    ours = metadata.get(CONNECTION_KEY) == connection
    notes = {key: str(value) for key, value in metadata.items() if key.startswith(_PREFIX)} if ours else {}
    if known is not None and raw.get("client_id") == known:
        notes.setdefault(NOTE_KEY, VERSION)  # somebody has taken the notes away
    return Live(KIND, connection, str(raw.get("client_id")), attributes, raw, notes=notes)


def find(clients: Sequence[Mapping[str, Any]], wanted: Desired) -> Live | None:
    """The client of a connection: by the id that is known, else ours by its metadata, else the one with the name."""
    name, known = wanted.lookup.get("client"), wanted.lookup.get("id")
    for raw in clients if known is not None else ():
        if raw.get("client_id") == known:
            return live(raw, wanted.name, known)
    found = [made for raw in clients if (made := live(raw, wanted.name)).notes or (name and raw.get("name") == name)]
    return choose_owned(found, wanted.address)


class ClientKind(BaseKind):
    """The application that the scripts and guards of one connection sign in as."""

    name = KIND

    async def read(self, gateway: "Gateway", wanted: Sequence[Desired]) -> list[Live]:
        """One list of all applications."""
        clients = await gateway.clients()
        return [one for resource in wanted if (one := find(clients, resource)) is not None]

    async def refresh(self, gateway: "Gateway", wanted: Desired, resource_id: str) -> Live | None:
        """`GET /clients/{id}` without its secrets."""
        raw = await gateway.client(resource_id)
        return live(raw, wanted.name, wanted.lookup.get("id")) if raw is not None else None

    async def create(
        self,
        gateway: "Gateway",
        wanted: Desired,
        values: Mapping[str, str],  # noqa: ARG002
        notes: OwnershipMarker,
    ) -> str:
        """`POST /clients`; Auth0 makes the id and the secret."""
        body = {**wanted.attributes, "client_metadata": _metadata(wanted.name, notes)}
        return str((await gateway.create_client(body))["client_id"])

    async def update(
        self,
        gateway: "Gateway",
        wanted: Desired,
        have: Live,
        values: Mapping[str, str],  # noqa: ARG002
        notes: OwnershipMarker,
    ) -> None:
        """`PATCH /clients/{id}`; metadata that is not sent stays."""
        body = differences(wanted.attributes, have.attributes)
        await gateway.update_client(have.id, {**body, "client_metadata": _metadata(wanted.name, notes)})

    async def restore(
        self,
        gateway: "Gateway",
        before: Saved,
        now: Live | None,
        values: Mapping[str, str],  # noqa: ARG002
        notes: OwnershipMarker | None,
    ) -> None:
        """`PATCH` with what was; one that was deleted is created again, with another id and another secret."""
        attributes = {key: value for key, value in before.attributes.items() if key != "metadata"}
        metadata: dict[str, Any] = dict(before.attributes.get("metadata", {}))
        metadata |= _metadata(before.name, notes) if notes else {}
        if now is None:
            await gateway.create_client({**attributes, "client_metadata": metadata})
            return
        gone = [key for key in (*now.notes, *now.attributes.get("metadata", {})) if key not in metadata]
        body = differences(attributes, now.attributes)
        body |= {key: None for key in _MANAGED if key in now.attributes and key not in attributes}
        await gateway.update_client(now.id, {**body, "client_metadata": {**metadata, **dict.fromkeys(gone)}})

    def not_restorable(self, before: Saved, now: Live) -> list[str]:
        """An application that was deleted does not come back."""
        if before.id == now.id:
            return []
        lost = "its grants, its place on connections and what others have set in it are gone"
        return [f"it has a new client id and secret; {lost}"]

    async def delete(self, gateway: "Gateway", have: Live) -> None:
        """`DELETE /clients/{id}`, which deletes its grants."""
        await gateway.delete_client(have.id)

    async def output(self, gateway: "Gateway", have: Live, field: str) -> str:
        """`client_id`, or `client_secret`, which is read for this and kept nowhere."""
        if field == "client_id":
            return have.id
        if field == "client_secret":
            return await gateway.client_secret(have.id)
        return await super().output(gateway, have, field)


def _metadata(connection: str, notes: OwnershipMarker) -> dict[str, Any]:
    return {CONNECTION_KEY: connection, **notes.write()}
