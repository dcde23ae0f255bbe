"""Resource servers (APIs): made for a connection, known by their id, and by how their name ends where no id is known.

They have no metadata, and anybody can give them another name, or another API theirs.

https://auth0.com/docs/api/management/v2/resource-servers
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from deployer.errors import RefusedError
from deployer.resources.base import CodeMarkedKind, choose_owned, differences
from deployer.resources.marker import NOTE_KEY, VERSION, OwnershipMarker
from deployer.resources.model import Desired, Live, Saved
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


def server_name(name: str, connection: str) -> str:
    """The name of a connection's API, which says whose it is."""
    end = _end(connection)
    return name[: _MAX_NAME - len(end)] + end


def _end(connection: str) -> str:
    return f" (managed by deployer: {connection})"


def live(raw: Mapping[str, Any], connection: str, known: str | None = None) -> Live:
    """The comparable state behind an answer of the tenant; `known` is the id that it got when it was made."""
    attributes = {key: raw[key] for key in _SHOWN if key in raw}
    attributes["scopes"] = _scopes(raw)
    ours = raw.get("id") == known if known else str(raw.get("name", "")).endswith(_end(connection))
    notes = {NOTE_KEY: VERSION} if ours else {}
    return Live(KIND, connection, str(raw.get("id")), attributes, raw, notes=notes)


def _scopes(raw: Mapping[str, Any]) -> list[dict[str, str]]:
    scopes = [
        {"value": str(scope.get("value")), "description": str(scope.get("description") or "")}
        for scope in raw.get("scopes") or []
    ]
    return sorted(scopes, key=lambda scope: scope["value"])


class ResourceServerKind(CodeMarkedKind):
    """The API in front of a store. Its identifier (audience) cannot change."""

    name = KIND

    async def read(self, gateway: "Gateway", wanted: Sequence[Desired]) -> list[Live]:
        """One list of all APIs: ours by its id or by the end of the name, else the one with the identifier."""
        servers = await gateway.resource_servers()
        found = []
        for resource in wanted:
            identifier, known = resource.lookup.get("identifier"), resource.lookup.get("id")
            one = choose_owned(
                [
                    made
                    for raw in servers
                    if (made := live(raw, resource.name, known)).notes or raw.get("identifier") == identifier
                ],
                resource.address,
            )
            if one is not None:
                found.append(one)
        return found

    async def refresh(self, gateway: "Gateway", wanted: Desired, resource_id: str) -> Live | None:
        """`GET /resource-servers/{id}`."""
        raw = await gateway.resource_server(resource_id)
        return live(raw, wanted.name, wanted.lookup.get("id")) if raw is not None else None

    def resolve_against(self, wanted: Desired, have: Live | None) -> Desired:
        """The identifier must be the one that is there.

        Raises:
            RefusedError: where it is another.
        """
        before, after = (have.attributes.get("identifier") if have else None), wanted.attributes.get("identifier")
        if before is not None and after is not None and before != after:
            raise RefusedError(
                f"the identifier of an API cannot change: the tenant has {one_line(str(before))}, the definition "
                f"{one_line(str(after))}",
                where=wanted.address,
                hint=f"Delete the old one first: deployer destroy TENANT {wanted.address}",
            )
        return wanted

    async def create(
        self,
        gateway: "Gateway",
        wanted: Desired,
        values: Mapping[str, str],  # noqa: ARG002
        notes: OwnershipMarker,  # noqa: ARG002
    ) -> str:
        """`POST /resource-servers`."""
        return str((await gateway.create_resource_server(dict(wanted.attributes)))["id"])

    async def update(
        self,
        gateway: "Gateway",
        wanted: Desired,
        have: Live,
        values: Mapping[str, str],  # noqa: ARG002
        notes: OwnershipMarker,  # noqa: ARG002
    ) -> None:
        """`PATCH /resource-servers/{id}` with what differs; `scopes` goes as a whole."""
        await gateway.update_resource_server(have.id, differences(wanted.attributes, have.attributes))

    async def restore(
        self,
        gateway: "Gateway",
        before: Saved,
        now: Live | None,
        values: Mapping[str, str],  # noqa: ARG002
        notes: OwnershipMarker | None,  # noqa: ARG002
    ) -> None:
        """`PATCH` with what was; what was deleted is created again with the same identifier."""
        if now is None:
            await gateway.create_resource_server(dict(before.attributes))
        else:
            await gateway.update_resource_server(now.id, differences(before.attributes, now.attributes))

    async def delete(self, gateway: "Gateway", have: Live) -> None:
        """`DELETE /resource-servers/{id}`, which deletes the grants for it."""
        await gateway.delete_resource_server(have.id)

    def not_restorable(self, before: Saved, now: Live) -> list[str]:
        """The grants that went with it are resources of their own."""
        what = "what is managed of it is back; its grants, and what others have set in it, are gone"
        return [what] if before.id != now.id else []
