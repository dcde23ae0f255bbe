"""Deploys client grants: what a connection's client may ask of its API, exactly.

A grant is ours when its client is, or its id.

https://auth0.com/docs/api/management/v2/client-grants
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from deployer.concurrency import gather_or_cancel
from deployer.errors import DeployerError, RefusedError
from deployer.resources.definitions import Definitions, owning_connection
from deployer.resources.kinds import client, resource_server
from deployer.resources.kinds.base import CodeMarkedKind, Restoration, Update, Write, choose_owned, patch_of
from deployer.resources.marker import NOTE_KEY, VERSION
from deployer.resources.model import Desired, Live
from deployer.resources.sign_in import IS_OWN_CLIENT, OTHER_CLIENT, SignIn

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway

KIND = "client-grant"


class ClientGrantKind(CodeMarkedKind):
    """The grant of a connection's client for its API."""

    name = KIND
    creation_order = 30
    deletion_note = "tokens already given stay good until they expire"

    @override
    def defined_by(self, definitions: Definitions) -> Iterator[Desired]:
        """Find one for each connection that declares an `api:`, with exactly the declared scopes."""
        for one in definitions.connections:
            if (api := one.definition.api) is None:
                continue
            yield Desired(
                KIND,
                one.name,
                {"audience": api.identifier, "scope": sorted(api.scopes), "allow_all_scopes": False},
                depends_on=(f"{resource_server.KIND}.{one.name}", f"{client.KIND}.{one.name}"),
                lookup={"client": client.client_name(one.name, api), "audience": api.identifier},
                owners=(one.address,),
            )

    @override
    def noted_ids(self, desired: Desired) -> dict[str, str]:
        """Find it by its own id and its client's: it has no name."""
        return {"id": desired.address, "client_id": f"{client.KIND}.{desired.name}"}

    @override
    def owners_of(self, live: Live) -> list[str]:
        """Return the connection that its client was made for."""
        return [owning_connection(live.name)]

    @override
    async def read(self, gateway: "Gateway", desired: Sequence[Desired]) -> list[Live]:
        """Read one list of all applications and one of all grants."""
        clients, grants = await gather_or_cancel(gateway.clients(), gateway.client_grants())
        found = []
        for resource in desired:
            its_client = client.find(clients, _client(resource))
            audience, known = resource.lookup.get("audience"), resource.lookup.get("id")
            lives = [
                live_state(raw, its_client, known)
                for raw in grants
                if its_client is not None
                and raw.get("client_id") == its_client.id
                and raw.get("subject_type", "client") == "client"
                and audience in (None, raw.get("audience"))
            ]
            lives = [one for one in lives if one.id == known] or lives
            if (one := choose_owned(lives, resource.address)) is not None:
                found.append(one)
        return found

    @override
    async def refresh(self, gateway: "Gateway", desired: Desired, resource_id: str) -> Live | None:
        """Read the list again: grants have no reading by id that older tenants know."""
        found = await self.read(gateway, [desired])
        return next((one for one in found if one.id == resource_id), None)

    @override
    def check_hands_off(self, own: SignIn, live: Live) -> None:
        """Refuse a grant of the application that deployer signs in with."""
        if live.raw.get("client_id") == own.client_id:
            raise RefusedError(f"its application {IS_OWN_CLIENT}", where=live.address, hint=OTHER_CLIENT)

    @override
    async def create(self, gateway: "Gateway", write: Write) -> str:
        """Create it: `POST /client-grants`."""
        return await _make(gateway, write.desired, write.desired.attributes)

    @override
    async def update(self, gateway: "Gateway", update: Update) -> None:
        """Write what differs: `PATCH /client-grants/{id}`; `scope` goes as a whole."""
        body = _changes(update.desired.attributes, update.live.attributes)
        await gateway.update_client_grant(update.live.id, body)

    @override
    async def restore(self, gateway: "Gateway", restoration: Restoration) -> None:
        """Write the scopes that were with `PATCH`; a grant that was deleted is created again."""
        before, live = restoration.before, restoration.live
        if live is None:
            lookup = {"audience": str(before.attributes["audience"])}
            await _make(gateway, Desired(KIND, before.name, {}, lookup=lookup), before.attributes)
        else:
            await gateway.update_client_grant(live.id, _changes(before.attributes, live.attributes))

    @override
    async def delete(self, gateway: "Gateway", live: Live) -> None:
        """Delete it: `DELETE /client-grants/{id}`; tokens already given stay good until they expire."""
        await gateway.delete_client_grant(live.id)


def live_state(raw: Mapping[str, Any], its_client: Live, known: str | None = None) -> Live:
    """Read the comparable state out of the tenant's answer; `known` is the id that it got when it was made."""
    attributes = {
        "audience": raw.get("audience"),
        "scope": sorted(raw.get("scope") or []),
        "allow_all_scopes": raw.get("allow_all_scopes") is True,
    }
    notes = {NOTE_KEY: its_client.notes[NOTE_KEY]} if NOTE_KEY in its_client.notes else {}
    if known is not None and raw.get("id") == known:
        notes.setdefault(NOTE_KEY, VERSION)
    return Live(KIND, its_client.name, str(raw.get("id")), attributes, raw, notes=notes)


async def _make(gateway: "Gateway", desired: Desired, attributes: Mapping[str, Any]) -> str:
    its_client = client.find(await gateway.clients(), _client(desired))
    if its_client is None:
        raise DeployerError("its client does not exist", where=desired.address)
    sent = {key: value for key, value in attributes.items() if key != "allow_all_scopes" or value}
    return str((await gateway.create_client_grant({"client_id": its_client.id, **sent}))["id"])


def _client(desired: Desired) -> Desired:
    lookup = {"client": desired.lookup.get("client"), "id": desired.lookup.get("client_id")}
    found = {key: value for key, value in lookup.items() if value is not None}
    return Desired(client.KIND, desired.name, {}, lookup=found)


def _changes(desired: Mapping[str, Any], live: Mapping[str, Any]) -> dict[str, Any]:
    """Return everything but the audience, which cannot change. A scope is sent with the end of `all scopes`."""
    changed = {key: value for key, value in patch_of(desired, live).items() if key != "audience"}
    return {**changed, "scope": desired["scope"]} if "allow_all_scopes" in changed else changed
