"""Deploys resource servers (APIs): made for a connection, known by their id, else by how their name ends.

They have no metadata, and anybody can give them another name, or another API theirs.

https://auth0.com/docs/api/management/v2/resource-servers
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from deployer.config.models import Tenant
from deployer.errors import DeployerError, RefusedError
from deployer.resources.definitions import Definitions, owning_connection
from deployer.resources.kinds.base import CodeMarkedKind, Restoration, Update, Write, choose_owned, patch_of
from deployer.resources.marker import NOTE_KEY, VERSION
from deployer.resources.model import Desired, Live, Saved
from deployer.resources.sign_in import IS_SYSTEM_API, OTHER_API, SignIn
from deployer.text import one_line

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway

KIND = "resource-server"
_MAX_NAME = 200
_SHOWN = (
    "identifier",
    "name",
    "scopes",
    "token_lifetime",
    "token_lifetime_for_web",  # the tenant lowers it with the other one: it is restored, though no definition has it
    "allow_offline_access",
    "signing_alg",
)


class ResourceServerKind(CodeMarkedKind):
    """The API in front of a store. Its identifier (audience) cannot change."""

    name = KIND
    creation_order = 10
    deletion_note = "every grant for it goes with it, those of other applications included"

    @override
    def defined_by(self, definitions: Definitions) -> Iterator[Desired]:
        """Find the APIs that connections declare under `api:`."""
        _check_audiences(definitions.tenant)
        for one in definitions.connections:
            if (api := one.definition.api) is None:
                continue
            attributes = {
                "identifier": api.identifier,
                "name": server_name(api.name or f"{one.name} store", one.name),
                "scopes": [{"value": value, "description": text} for value, text in sorted(api.scopes.items())],
                "token_lifetime": api.token_lifetime,
                "allow_offline_access": False,
                "signing_alg": "RS256",
            }
            yield Desired(KIND, one.name, attributes, lookup={"identifier": api.identifier}, owners=(one.address,))

    @override
    def noted_ids(self, desired: Desired) -> dict[str, str]:
        """Find it by its own id: its name and identifier are anybody's to use again."""
        return {"id": desired.address}

    @override
    def owners_of(self, live: Live) -> list[str]:
        """Return the connection whose name it bears."""
        return [owning_connection(live.name)]

    @override
    async def read(self, gateway: "Gateway", desired: Sequence[Desired]) -> list[Live]:
        """Read one list of all APIs: ours by its id or by the end of the name, else the one with the identifier."""
        servers = await gateway.resource_servers()
        found = []
        for resource in desired:
            identifier, known = resource.lookup.get("identifier"), resource.lookup.get("id")
            one = choose_owned(
                [
                    made
                    for raw in servers
                    if (made := live_state(raw, resource.name, known)).notes or raw.get("identifier") == identifier
                ],
                resource.address,
            )
            if one is not None:
                found.append(one)
        return found

    @override
    async def refresh(self, gateway: "Gateway", desired: Desired, resource_id: str) -> Live | None:
        """Read it anew: `GET /resource-servers/{id}`."""
        raw = await gateway.resource_server(resource_id)
        return live_state(raw, desired.name, desired.lookup.get("id")) if raw is not None else None

    @override
    def resolve_against(self, desired: Desired, live: Live | None) -> Desired:
        """Return the definition as it is.

        Raises:
            RefusedError: where the tenant has another identifier.
        """
        before, after = (live.attributes.get("identifier") if live else None), desired.attributes.get("identifier")
        if before is not None and after is not None and before != after:
            raise RefusedError(
                f"the identifier of an API cannot change: the tenant has {one_line(str(before))}, the definition "
                f"{one_line(str(after))}",
                where=desired.address,
                hint=f"Delete the old one first: deployer destroy TENANT {desired.address}",
            )
        return desired

    @override
    def check_hands_off(self, own: SignIn, live: Live) -> None:
        """Refuse an API of Auth0 itself, such as the Management API."""
        if live.raw.get("is_system") is True:
            identifier = one_line(str(live.raw.get("identifier")))
            raise RefusedError(f"{identifier} {IS_SYSTEM_API}", where=live.address, hint=OTHER_API)

    @override
    async def create(self, gateway: "Gateway", write: Write) -> str:
        """Create it: `POST /resource-servers`."""
        return str((await gateway.create_resource_server(dict(write.desired.attributes)))["id"])

    @override
    async def update(self, gateway: "Gateway", update: Update) -> None:
        """Write what differs: `PATCH /resource-servers/{id}`; `scopes` goes as a whole."""
        body = patch_of(update.desired.attributes, update.live.attributes)
        await gateway.update_resource_server(update.live.id, body)

    @override
    async def restore(self, gateway: "Gateway", restoration: Restoration) -> None:
        """Write what was with `PATCH`; what was deleted is created again with the same identifier."""
        before, live = restoration.before, restoration.live
        if live is None:
            await gateway.create_resource_server(dict(before.attributes))
        else:
            await gateway.update_resource_server(live.id, patch_of(before.attributes, live.attributes))

    @override
    def not_restorable(self, before: Saved, live: Live) -> list[str]:
        """Say what is lost with the id. The grants that went with it are resources of their own."""
        what = "what is managed of it is back; its grants, and what others have set in it, are gone"
        return [what] if before.id != live.id else []

    @override
    async def delete(self, gateway: "Gateway", live: Live) -> None:
        """Delete it and the grants for it: `DELETE /resource-servers/{id}`."""
        await gateway.delete_resource_server(live.id)


def server_name(name: str, connection: str) -> str:
    """Build the name of a connection's API, which says whose it is."""
    end = _end(connection)
    return name[: _MAX_NAME - len(end)] + end


def live_state(raw: Mapping[str, Any], connection: str, known: str | None = None) -> Live:
    """Read the comparable state out of the tenant's answer; `known` is the id that it got when it was made."""
    attributes = {key: raw[key] for key in _SHOWN if key in raw}
    attributes["scopes"] = _scopes(raw)
    ours = raw.get("id") == known if known else str(raw.get("name", "")).endswith(_end(connection))
    notes = {NOTE_KEY: VERSION} if ours else {}
    return Live(KIND, connection, str(raw.get("id")), attributes, raw, notes=notes)


def _end(connection: str) -> str:
    return f" (managed by deployer: {connection})"


def _scopes(raw: Mapping[str, Any]) -> list[dict[str, str]]:
    scopes = [
        {"value": str(scope.get("value")), "description": str(scope.get("description") or "")}
        for scope in raw.get("scopes") or []
    ]
    return sorted(scopes, key=lambda scope: scope["value"])


def _check_audiences(tenant: Tenant) -> None:
    declared: set[str] = set()
    for name, each in tenant.connections.items():
        if each.api is None:
            continue
        if each.api.identifier in declared:
            raise DeployerError(
                f"several connections declare the API {one_line(each.api.identifier)}",
                where=tenant.where(f"connection.{name} api", "connections", name, "api", "identifier"),
                hint="Declare it in one of them, and give its values to the others in `configuration`.",
            )
        declared.add(each.api.identifier)
