"""Logs users in with a password at the token endpoint.

https://auth0.com/docs/get-started/authentication-and-authorization-flow/resource-owner-password-flow
"""

from typing import Any

from deployer.sandbox.calls import Call, Response
from deployer.sandbox.errors import OAuthError
from deployer.sandbox.flows.errors import FlowError
from deployer.sandbox.flows.login import authenticate, complete
from deployer.sandbox.flows.pipeline import run_login
from deployer.sandbox.flows.transaction import Transaction, request_of
from deployer.sandbox.flows.user_tokens import PASSWORD, Api, token_response
from deployer.sandbox.storage import Document
from deployer.sandbox.tenant import Tenant

PASSWORD_REALM = "http://auth0.com/oauth/grant-type/password-realm"  # noqa: S105 - the name of a grant
GRANT_TYPES = ("password", PASSWORD_REALM)


async def token(call: Call, client: Document, body: dict[str, Any]) -> Response:
    """Issue the tokens of the user whose `username` and `password` these are. Raises OAuthError."""
    tenant = call.tenant
    username, password = require_parameter(body, "username"), require_parameter(body, "password")
    connection = _connection(tenant, client, body)
    audience = body.get("audience")
    if audience is not None and not isinstance(audience, str):
        raise OAuthError(403, "invalid_request", "audience must be a string")
    scope = body.get("scope") or ""
    if not isinstance(scope, str):
        raise OAuthError(403, "invalid_request", "scope must be a string")
    api = Api(tenant, client, audience or None)
    asked = list(dict.fromkeys(scope.split()))
    login = Transaction(tenant, client, connection, request_of(call), PASSWORD, api.audience, asked)
    try:
        user = complete(tenant, connection, await authenticate(tenant, connection, username, password))
        user, claims = await run_login(login, user)
    except FlowError as error:
        raise error.oauth() from error
    return Response(body=token_response(login, api, user, claims))


def require_parameter(body: dict[str, Any], name: str) -> str:
    """Read a parameter that must be there. Raises OAuthError."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise OAuthError(403, "invalid_request", f"Missing required parameter: {name}")
    return value


def enabled_connections(tenant: Tenant, client: Document) -> list[Document]:
    """List the database connections that a client may use."""
    ids = tenant.storage.linked("enabled_client", right=client["client_id"])
    found = [tenant.storage.get("connection", id) for id in ids]
    return [connection for connection in found if connection is not None and connection["strategy"] == "auth0"]


def _connection(tenant: Tenant, client: Document, body: dict[str, Any]) -> Document:
    """Find the realm's connection, or the only one of the client: a tenant here has no default directory."""
    enabled = enabled_connections(tenant, client)
    if body.get("grant_type") == PASSWORD_REALM:
        realm = require_parameter(body, "realm")
        for connection in enabled:
            if realm == connection["name"] or realm in connection.get("realms", []):
                return connection
        raise OAuthError(403, "invalid_request", f"Unknown or invalid realm: {realm[:128]}")
    if len(enabled) != 1:
        raise OAuthError(500, "server_error", "Authorization server not configured with default connection.")
    return enabled[0]
