"""Reads and writes applications (Auth0 calls them clients), resource servers (APIs) and the grants between them."""

from collections.abc import Mapping
from typing import Any

from deployer.management.calls import Calls, Json
from deployer.management.errors import ManagementError, MissingScope
from deployer.management.session import OMIT

_SECRET_FIELDS = "client_secret,signing_keys,encryption_key"  # noqa: S105


class ApplicationCalls(Calls):
    """/api/v2/clients, /resource-servers and /client-grants."""

    async def clients(self) -> list[Json]:
        """List all applications, without their secrets: nothing here needs them."""
        return await self._list(
            "clients.list",
            "clients",
            identity="client_id",
            include_totals=True,
            fields=_SECRET_FIELDS,
            include_fields=False,
        )

    async def client(self, client_id: str) -> Json | None:
        """Read one application without its secrets, None if there is none."""
        return await self._read_object_or_none("clients.get", client_id, fields=_SECRET_FIELDS, include_fields=False)

    async def client_secret(self, client_id: str) -> str:
        """Read the secret of one application, for what signs in as it. Raises MissingScope without read:client_keys.

        https://auth0.com/docs/api/management/v2/clients/get-clients-by-id: without the scope the field is left out.
        """
        client = await self._read_object("clients.get", client_id, fields="client_secret", include_fields=True)
        secret = client.get("client_secret")
        if not isinstance(secret, str) or not secret:
            raise MissingScope(
                "the tenant does not show the application's secret",
                scopes=["read:client_keys"],
                where=self._where,
                hint="Grant this tool's application the scope read:client_keys.",
                request="GET /api/v2/clients/{id}",
            )
        return secret

    async def enables_new_clients(self) -> bool | None:
        """Tell whether the tenant enables each new application on all connections; None if this tool may not know.

        https://auth0.com/docs/api/management/v2/tenants/tenant-settings-route (read:tenant_settings)
        """
        try:
            settings = await self._read_object("tenants.settings.get", fields="flags", include_fields=True)
        except ManagementError:  # it is information, and no plan fails for the lack of it
            return None
        return (settings.get("flags") or {}).get("enable_client_connections") is True

    async def create_client(self, payload: Mapping[str, Any]) -> Json:
        """Create an application, and return it with its client_id and its secret."""
        return await self._write_object("clients.create", name=OMIT, body=payload)

    async def update_client(self, client_id: str, payload: Mapping[str, Any]) -> Json:
        """Send a PATCH, which changes only the keys given, and return the whole application."""
        return await self._write_object("clients.update", client_id, body=payload)

    async def delete_client(self, client_id: str) -> None:
        """Delete an application, its grants included."""
        await self._write("clients.delete", client_id)

    async def resource_servers(self) -> list[Json]:
        """List all APIs, the Management API itself (`is_system`) included."""
        return await self._list("resource_servers.list", "resource_servers", include_totals=True)

    async def resource_server(self, id_or_identifier: str) -> Json | None:
        """Read one API, by its id or its identifier (audience); None if there is none."""
        return await self._read_object_or_none("resource_servers.get", id_or_identifier)

    async def create_resource_server(self, payload: Mapping[str, Any]) -> Json:
        """Create an API; `identifier` is its audience and cannot change later."""
        return await self._write_object("resource_servers.create", identifier=OMIT, body=payload)

    async def update_resource_server(self, id_or_identifier: str, payload: Mapping[str, Any]) -> Json:
        """Send a PATCH, which changes only the keys given; `scopes` replaces the whole list."""
        return await self._write_object("resource_servers.update", id_or_identifier, body=payload)

    async def delete_resource_server(self, id_or_identifier: str) -> None:
        """Delete an API."""
        await self._write("resource_servers.delete", id_or_identifier)

    async def client_grants(self, *, audience: str | None = None, client_id: str | None = None) -> list[Json]:
        """List all grants, or those of one audience, of one application."""
        return await self._list_by_offset_first(
            "client_grants.list", "client_grants", audience=audience, client_id=client_id
        )

    async def create_client_grant(self, payload: Mapping[str, Any]) -> Json:
        """Let an application get tokens for an audience: `client_id`, `audience`, `scope`."""
        return await self._write_object("client_grants.create", audience=OMIT, body=payload)

    async def update_client_grant(self, id: str, payload: Mapping[str, Any]) -> Json:
        """Send a PATCH; `scope` replaces the whole list."""
        return await self._write_object("client_grants.update", id, body=payload)

    async def delete_client_grant(self, id: str) -> None:
        """Take a grant back; tokens already given stay good until they expire."""
        await self._write("client_grants.delete", id)
