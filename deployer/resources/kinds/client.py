"""Deploys machine-to-machine applications (Auth0 calls them clients), each made for the scripts of one connection.

The marker, and the connection's name, stand in `client_metadata`, which takes 10 pairs of 255 characters
(https://auth0.com/docs/api/management/v2/clients/post-clients).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from deployer.config.models import ApiDefinition
from deployer.resources.definitions import Definitions, owning_connection
from deployer.resources.kinds.base import BaseKind, Restoration, Update, Write, choose_owned, patch_of
from deployer.resources.marker import NOTE_KEY, VERSION, OwnershipMarker
from deployer.resources.model import Desired, Live, Saved
from deployer.resources.sign_in import ADOPTED_KEY, SignIn, own_client_refused
from deployer.text import one_line

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway

KIND = "client"
_PREFIX = "deployer"
_MANAGED = ("name", "app_type", "grant_types", "token_endpoint_auth_method", "oidc_conformant")
# https://auth0.com/docs/get-started/applications/application-grant-types
_GRANTS_OF_PEOPLE = frozenset(
    {
        "authorization_code",
        "implicit",
        "password",
        "refresh_token",
        "http://auth0.com/oauth/grant-type/password-realm",
        "http://auth0.com/oauth/grant-type/passwordless/otp",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:openid:params:grant-type:ciba",
        "urn:okta:params:oauth:grant-type:webauthn",
    }
)


class ClientKind(BaseKind):
    """The application that the scripts and guards of one connection sign in as."""

    name = KIND
    creation_order = 20
    deletion_note = "its id, its secret and its grants go with it; another one gets another id and another secret"

    @override
    def defined_by(self, definitions: Definitions) -> Iterator[Desired]:
        """Find one for each connection that declares an `api:`."""
        for one in definitions.connections:
            if one.definition.api is None:
                continue
            called = client_name(one.name, one.definition.api)
            attributes = {
                "name": called,
                "app_type": "non_interactive",
                "grant_types": ["client_credentials"],
                "token_endpoint_auth_method": "client_secret_post",
                "oidc_conformant": True,
            }
            yield Desired(KIND, one.name, attributes, lookup={"client": called}, owners=(one.address,))

    @override
    def noted_ids(self, desired: Desired) -> dict[str, str]:
        """Find it by its own id: its name is anybody's to change."""
        return {"id": desired.address}

    @override
    def owners_of(self, live: Live) -> list[str]:
        """Return the connection whose name its metadata bears."""
        return [owning_connection(live.name)]

    @override
    async def read(self, gateway: "Gateway", desired: Sequence[Desired]) -> list[Live]:
        """Read one list of all applications."""
        clients = await gateway.clients()
        return [one for resource in desired if (one := find(clients, resource)) is not None]

    @override
    async def refresh(self, gateway: "Gateway", desired: Desired, resource_id: str) -> Live | None:
        """Read it anew, without its secrets: `GET /clients/{id}`."""
        raw = await gateway.client(resource_id)
        return live_state(raw, desired.name, desired.lookup.get("id")) if raw is not None else None

    @override
    async def output(self, gateway: "Gateway", live: Live, field: str) -> str:
        """Read `client_id`, or `client_secret`, which is read for this and kept nowhere."""
        if field == "client_id":
            return live.id
        if field == "client_secret":
            return await gateway.client_secret(live.id)
        return await super().output(gateway, live, field)

    @override
    def adoption_note(self, desired: Desired, live: Live) -> str:
        """Name the ways to sign in that an application loses: people may log in through it."""
        lost = lost_grant_types(desired, live)
        if not lost:
            return ""
        people = ": whoever logs in through it is locked out" if _GRANTS_OF_PEOPLE.intersection(lost) else ""
        return f", and loses the grant types {one_line(', '.join(lost), 200)}{people}"

    @override
    def check_hands_off(self, own: SignIn, live: Live) -> None:
        """Refuse the application that deployer signs in with."""
        if live.id == own.client_id:
            raise own_client_refused(live.address, live.raw)

    @override
    async def create(self, gateway: "Gateway", write: Write) -> str:
        """Create it: `POST /clients`; Auth0 makes the id and the secret."""
        body = {**write.desired.attributes, "client_metadata": _metadata(write.desired.name, write.marker)}
        return str((await gateway.create_client(body))["client_id"])

    @override
    async def update(self, gateway: "Gateway", update: Update) -> None:
        """Write what differs: `PATCH /clients/{id}`; metadata that is not sent stays."""
        body = patch_of(update.desired.attributes, update.live.attributes)
        metadata = _metadata(update.desired.name, update.marker)
        await gateway.update_client(update.live.id, {**body, "client_metadata": metadata})

    @override
    async def restore(self, gateway: "Gateway", restoration: Restoration) -> None:
        """Write what was with `PATCH`; one that was deleted is created again, with another id and another secret."""
        before, live, marker = restoration.before, restoration.live, restoration.marker
        attributes = {key: value for key, value in before.attributes.items() if key != "metadata"}
        metadata: dict[str, Any] = dict(before.attributes.get("metadata", {}))
        metadata |= _metadata(before.name, marker) if marker else {}
        if live is None:
            await gateway.create_client({**attributes, "client_metadata": metadata})
            return
        gone = [key for key in (*live.notes, *live.attributes.get("metadata", {})) if key not in metadata]
        body = patch_of(attributes, live.attributes)
        body |= {key: None for key in _MANAGED if key in live.attributes and key not in attributes}
        await gateway.update_client(live.id, {**body, "client_metadata": {**metadata, **dict.fromkeys(gone)}})

    @override
    def not_restorable(self, before: Saved, live: Live) -> list[str]:
        """Say what is lost with the id: an application that was deleted does not come back."""
        if before.id == live.id:
            return []
        lost = "its grants, its place on connections and what others have set in it are gone"
        return [f"it has a new client id and secret; {lost}"]

    @override
    async def delete(self, gateway: "Gateway", live: Live) -> None:
        """Delete it and its grants: `DELETE /clients/{id}`."""
        await gateway.delete_client(live.id)


def client_name(connection: str, api: ApiDefinition) -> str:
    """Return the name of a connection's client in the tenant."""
    return api.client or f"{connection} scripts"


def live_state(raw: Mapping[str, Any], connection: str, known: str | None = None) -> Live:
    """Read the comparable state out of the tenant's answer. What somebody else notes in the metadata is left alone.

    It is ours where the metadata says so, or where it has the id that is `known` from when it was made.
    """
    metadata = raw.get("client_metadata") or {}
    attributes = {key: raw[key] for key in _MANAGED if key in raw}
    attributes["metadata"] = {key: value for key, value in metadata.items() if not key.startswith(_PREFIX)}
    ours = metadata.get(ADOPTED_KEY) == connection
    notes = {key: str(value) for key, value in metadata.items() if key.startswith(_PREFIX)} if ours else {}
    if known is not None and raw.get("client_id") == known:
        notes.setdefault(NOTE_KEY, VERSION)  # somebody has taken the notes away
    return Live(KIND, connection, str(raw.get("client_id")), attributes, raw, notes=notes)


def find(clients: Sequence[Mapping[str, Any]], desired: Desired) -> Live | None:
    """Find the client of a connection: by the id that is known, else ours by its metadata, else by its name."""
    name, known = desired.lookup.get("client"), desired.lookup.get("id")
    for raw in clients if known is not None else ():
        if raw.get("client_id") == known:
            return live_state(raw, desired.name, known)
    found = [
        made for raw in clients if (made := live_state(raw, desired.name)).notes or (name and raw.get("name") == name)
    ]
    return choose_owned(found, desired.address)


def lost_grant_types(desired: Desired, live: Live) -> list[str]:
    """Find the grant types that an application has and is not to have, in the tenant's order."""
    kept = desired.attributes.get("grant_types", [])
    return [str(each) for each in live.attributes.get("grant_types") or [] if each not in kept]


def _metadata(connection: str, marker: OwnershipMarker) -> dict[str, Any]:
    return {ADOPTED_KEY: connection, **marker.write()}
