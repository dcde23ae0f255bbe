"""Client grants: what a connection's client may ask of its API, exactly. A grant is ours when its client is, or its id.

https://auth0.com/docs/api/management/v2/client-grants
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from deployer.concurrency import gather_or_cancel
from deployer.errors import DeployerError
from deployer.resources import client_kind
from deployer.resources.base import CodeMarkedKind, choose_owned, differences
from deployer.resources.marker import NOTE_KEY, VERSION, OwnershipMarker
from deployer.resources.model import Desired, Live, Saved

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway

KIND = "client-grant"


def live(raw: Mapping[str, Any], client: Live, known: str | None = None) -> Live:
    """The comparable state behind an answer of the tenant; `known` is the id that it got when it was made."""
    attributes = {
        "audience": raw.get("audience"),
        "scope": sorted(raw.get("scope") or []),
        "allow_all_scopes": raw.get("allow_all_scopes") is True,
    }
    notes = {NOTE_KEY: client.notes[NOTE_KEY]} if NOTE_KEY in client.notes else {}
    if known is not None and raw.get("id") == known:
        notes.setdefault(NOTE_KEY, VERSION)
    return Live(KIND, client.name, str(raw.get("id")), attributes, raw, notes=notes)


class ClientGrantKind(CodeMarkedKind):
    """The grant of a connection's client for its API."""

    name = KIND

    async def read(self, gateway: "Gateway", wanted: Sequence[Desired]) -> list[Live]:
        """One list of all applications and one of all grants."""
        clients, grants = await gather_or_cancel(gateway.clients(), gateway.client_grants())
        found = []
        for resource in wanted:
            client = client_kind.find(clients, _client(resource))
            audience, known = resource.lookup.get("audience"), resource.lookup.get("id")
            lives = [
                live(raw, client, known)
                for raw in grants
                if client is not None
                and raw.get("client_id") == client.id
                and raw.get("subject_type", "client") == "client"
                and audience in (None, raw.get("audience"))
            ]
            lives = [one for one in lives if one.id == known] or lives
            if (one := choose_owned(lives, resource.address)) is not None:
                found.append(one)
        return found

    async def refresh(self, gateway: "Gateway", wanted: Desired, resource_id: str) -> Live | None:
        """Grants have no reading by id that older tenants know: the list is read again."""
        found = await self.read(gateway, [wanted])
        return next((one for one in found if one.id == resource_id), None)

    async def create(
        self,
        gateway: "Gateway",
        wanted: Desired,
        values: Mapping[str, str],  # noqa: ARG002
        notes: OwnershipMarker,  # noqa: ARG002
    ) -> str:
        """`POST /client-grants`."""
        return await self._make(gateway, wanted, wanted.attributes)

    async def update(
        self,
        gateway: "Gateway",
        wanted: Desired,
        have: Live,
        values: Mapping[str, str],  # noqa: ARG002
        notes: OwnershipMarker,  # noqa: ARG002
    ) -> None:
        """`PATCH /client-grants/{id}`; `scope` goes as a whole."""
        await gateway.update_client_grant(have.id, _changes(wanted.attributes, have.attributes))

    async def restore(
        self,
        gateway: "Gateway",
        before: Saved,
        now: Live | None,
        values: Mapping[str, str],  # noqa: ARG002
        notes: OwnershipMarker | None,  # noqa: ARG002
    ) -> None:
        """`PATCH` with the scopes that were; a grant that was deleted is created again."""
        if now is None:
            lookup = {"audience": str(before.attributes["audience"])}
            await self._make(gateway, Desired(KIND, before.name, {}, lookup=lookup), before.attributes)
        else:
            await gateway.update_client_grant(now.id, _changes(before.attributes, now.attributes))

    async def delete(self, gateway: "Gateway", have: Live) -> None:
        """`DELETE /client-grants/{id}`; tokens already given stay good until they expire."""
        await gateway.delete_client_grant(have.id)

    async def _make(self, gateway: "Gateway", wanted: Desired, attributes: Mapping[str, Any]) -> str:
        client = client_kind.find(await gateway.clients(), _client(wanted))
        if client is None:
            raise DeployerError("its client does not exist", where=wanted.address)
        sent = {key: value for key, value in attributes.items() if key != "allow_all_scopes" or value}
        return str((await gateway.create_client_grant({"client_id": client.id, **sent}))["id"])


def _client(wanted: Desired) -> Desired:
    lookup = {"client": wanted.lookup.get("client"), "id": wanted.lookup.get("client_id")}
    found = {key: value for key, value in lookup.items() if value is not None}
    return Desired(client_kind.KIND, wanted.name, {}, lookup=found)


def _changes(wanted: Mapping[str, Any], have: Mapping[str, Any]) -> dict[str, Any]:
    """Everything but the audience, which cannot change. A scope is sent with the end of `all scopes`."""
    changed = {key: value for key, value in differences(wanted, have).items() if key != "audience"}
    return {**changed, "scope": wanted["scope"]} if "allow_all_scopes" in changed else changed
