"""Reads and writes database connections and the applications they are enabled for."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from deployer.management.calls import Calls, Json
from deployer.management.errors import ManagementError, NotFound
from deployer.management.responses import missing_options
from deployer.management.session import OMIT

STRATEGY = "auth0"
OPTIONS_SCOPE = "read:connections_options"
CLIENTS_AT_ONCE = 50
"""PATCH /connections/{id}/clients takes no more (https://auth0.com/docs/api/management/v2/connections/patch-clients)."""


class ConnectionCalls(Calls):
    """/api/v2/connections."""

    async def connections(self) -> list[Json]:
        """List all database connections, with their options. Raises MissingScope if the tenant leaves options out."""

        async def read() -> list[Json]:
            return await self._list_by_offset_first("connections.list", "connections", strategy=[STRATEGY])

        return await self._read_with_options(read, "GET /api/v2/connections")

    async def connection(self, id: str) -> Json | None:
        """Read one connection with its options, None if there is none. Raises MissingScope as `connections` does."""

        async def read() -> list[Json]:
            found = await self._read_object_or_none("connections.get", id)
            return [] if found is None else [found]

        return next(iter(await self._read_with_options(read, "GET /api/v2/connections/{id}")), None)

    async def create_connection(self, payload: Mapping[str, Any]) -> Json:
        """Create a connection, and return it with its id.

        Raises Conflict if the name is taken, OutcomeUnknown if the answer is lost.
        """
        return await self._write_object("connections.create", name=OMIT, strategy=OMIT, body=payload)

    async def update_connection(self, id: str, payload: Mapping[str, Any]) -> Json:
        """Send a PATCH, whose `options` replace the live ones as a whole. The answer may leave options out."""
        return await self._write_object("connections.update", id, body=payload)

    async def count_users(self, name: str) -> int | None:
        """Count the users of a connection; None where this tool's application may not ask (without read:users).

        https://auth0.com/docs/api/management/v2/users/get-users
        """
        query = f'identities.connection:"{name}"'
        try:
            page = await self._session.read(
                "users.list", q=query, search_engine="v3", per_page=1, page=0, include_totals=True
            )
        except ManagementError:
            return None
        total = page.get("total") if isinstance(page, dict) else None
        return total if isinstance(total, int) and not isinstance(total, bool) else None

    async def delete_connection(self, id: str) -> None:
        """Delete the connection and every user in it; answered (202) before that is finished."""
        await self._write("connections.delete", id)

    async def connection_clients(self, id: str) -> list[str]:
        """List the client ids of the applications that a connection is enabled for."""
        entries = await self._list_by_checkpoint("connections.clients.get", "clients", id, identity="client_id")
        return [entry["client_id"] for entry in entries]

    async def connections_of_client(self, client_id: str) -> list[str]:
        """List the names of the connections that an application is enabled on.

        Tenants without `GET /clients/{id}/connections` tell it of database connections, by their `enabled_clients`.
        """
        try:
            found = await self._list_by_checkpoint("clients.connections.get", "connections", client_id, identity="id")
        except NotFound:
            everything = await self.connections()
            found = [raw for raw in everything if client_id in (raw.get("enabled_clients") or [])]
        return [str(raw.get("name")) for raw in found]

    async def set_connection_clients(self, id: str, *, enable: Sequence[str] = (), disable: Sequence[str] = ()) -> None:
        """Switch applications on and off, 50 in a request; others stay as they are."""
        changes = [{"client_id": client, "status": True} for client in enable]
        changes += [{"client_id": client, "status": False} for client in disable]
        for start in range(0, len(changes), CLIENTS_AT_ONCE):
            await self._write("connections.clients.update", id, request=changes[start : start + CLIENTS_AT_ONCE])

    async def _read_with_options(self, read: Callable[[], Awaitable[list[Json]]], request: str) -> list[Json]:
        """Read connections that have their options; never any without.

        Without read:connections_options the options are left out, or empty. A token from the cache may only be older
        than the grant of that scope, so a new one is tried.
        """
        while True:
            found = await read()
            kept = [connection.get("options") for connection in found]
            if all(isinstance(options, dict) for options in kept) and (
                all(kept) or await self._session.granted(OPTIONS_SCOPE)
            ):
                return found
            if not await self._session.renew():
                raise missing_options(OPTIONS_SCOPE, self._where, request)
