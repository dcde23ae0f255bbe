"""Database connections and the applications they are enabled for."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from deployer.management.calls import Calls, Json
from deployer.management.session import OMIT

STRATEGY = "auth0"
CLIENTS_AT_ONCE = 50
"""PATCH /connections/{id}/clients takes no more (https://auth0.com/docs/api/management/v2/connections/patch-clients)."""


class ConnectionCalls(Calls):
    """/api/v2/connections."""

    async def connections(self) -> list[Json]:
        """All database connections, with their options. Raises MissingScope if the tenant leaves options out."""
        request = "GET /api/v2/connections"
        found = await self._list_either_way("connections.list", "connections", strategy=[STRATEGY])
        if _complete(found) or not await self._session.missing_options(request):
            return found
        found = await self._list_either_way("connections.list", "connections", strategy=[STRATEGY])
        if not _complete(found):
            await self._session.missing_options(request)
        return found

    async def connection(self, id: str) -> Json | None:
        """One connection with its options, None if there is none. Raises MissingScope as `connections` does."""
        request = "GET /api/v2/connections/{id}"
        for _ in range(2):
            found = await self._object_or_none("connections.get", id)
            if found is None or _complete([found]) or not await self._session.missing_options(request):
                return found
        return await self._object_or_none("connections.get", id)

    async def create_connection(self, payload: Mapping[str, Any]) -> Json:
        """Create; the answer has the id. Raises Conflict if the name is taken, OutcomeUnknown if the answer is lost."""
        return await self._written("connections.create", name=OMIT, strategy=OMIT, body=payload)

    async def update_connection(self, id: str, payload: Mapping[str, Any]) -> Json:
        """PATCH. `options` replaces the live options as a whole. The answer may leave options out."""
        return await self._written("connections.update", id, body=payload)

    async def delete_connection(self, id: str) -> None:
        """Delete the connection and every user in it; answered (202) before that is finished."""
        await self._done("connections.delete", id)

    async def connection_clients(self, id: str) -> list[str]:
        """The client ids of the applications that a connection is enabled for."""
        entries = await self._list_by_checkpoint("connections.clients.get", "clients", id, identity="client_id")
        return [entry["client_id"] for entry in entries]

    async def set_connection_clients(self, id: str, *, enable: Sequence[str] = (), disable: Sequence[str] = ()) -> None:
        """Switch applications on and off, 50 in a request; others stay as they are."""
        wanted = [{"client_id": client, "status": True} for client in enable]
        wanted += [{"client_id": client, "status": False} for client in disable]
        for start in range(0, len(wanted), CLIENTS_AT_ONCE):
            await self._done("connections.clients.update", id, request=wanted[start : start + CLIENTS_AT_ONCE])


def _complete(connections: Iterable[Json]) -> bool:
    """False if options are left out: then they are not there, or (as in older tenants) empty."""
    return all(isinstance(connection.get("options"), dict) for connection in connections)
