"""Exchanges refresh tokens for new tokens of the user, for which Rules and Actions run again.

https://auth0.com/docs/api/authentication/refresh-token/refresh-token
"""

from typing import Any

from deployer.sandbox.calls import Call, Response
from deployer.sandbox.errors import OAuthError
from deployer.sandbox.flows import users
from deployer.sandbox.flows.errors import FlowError
from deployer.sandbox.flows.password_grant import require_parameter
from deployer.sandbox.flows.pipeline import run_login
from deployer.sandbox.flows.transaction import Transaction, request_of
from deployer.sandbox.flows.user_tokens import REFRESH, Api, token_response
from deployer.sandbox.storage import Document

GRANT_TYPE = "refresh_token"


def _unknown() -> OAuthError:
    return OAuthError(403, "invalid_grant", "Unknown or invalid refresh token.")


async def token(call: Call, client: Document, body: dict[str, Any]) -> Response:
    """Issue new tokens for the same API, with the scopes of the login or some of them. Raises OAuthError."""
    tenant = call.tenant
    tokens = tenant.flows.refresh_tokens
    sent = require_parameter(body, "refresh_token")
    family = tokens.find(sent, client)
    if family is None:
        raise _unknown()
    user = users.get(tenant, family.user_id)
    connection = tenant.storage.get("connection", family.connection_id)
    if user is None or connection is None:
        tokens.revoke(family)
        raise _unknown()
    if user.get("blocked"):
        raise OAuthError(403, "unauthorized", "user is blocked")
    scopes = _scopes(body.get("scope"), family.scopes)
    api = Api(tenant, client, family.audience)
    login = Transaction(tenant, client, connection, request_of(call), REFRESH, api.audience, scopes)
    try:
        user, claims = await run_login(login, user)
    except FlowError as error:
        raise error.oauth() from error
    if tokens.find(sent, client) is not family:
        # Revoked, or replaced by another request, while Actions ran.
        raise _unknown()
    new = tokens.use(family, client)
    replaced = {"refresh_token": new} if new else {}
    return Response(body={**token_response(login, api, user, claims), **replaced})


def revoke(call: Call, client: Document, body: dict[str, Any]) -> Response:
    """Answer `POST /oauth/revoke`: 200, also for a token that nobody has.

    https://auth0.com/docs/secure/tokens/refresh-tokens/revoke-refresh-tokens
    """
    family = call.tenant.flows.refresh_tokens.find(require_parameter(body, "token"), client)
    if family is not None:
        call.tenant.flows.refresh_tokens.revoke(family)
    return Response(200, {})


def _scopes(asked: object, granted: list[str]) -> list[str]:
    if asked is None or asked == "":
        return list(granted)
    requested = list(dict.fromkeys(asked.split())) if isinstance(asked, str) else []
    if not requested or not set(requested) <= set(granted):
        raise OAuthError(403, "invalid_scope", "The scopes are more than those of the login.")
    return requested
