"""Serves the token endpoint and what describes it: /oauth and /.well-known.

https://auth0.com/docs/api/authentication/client-credential-flow/get-token
"""

import base64
import binascii
import hmac
from collections.abc import Awaitable
from typing import Any
from urllib.parse import unquote

from deployer.sandbox.calls import Call, Endpoint, Response
from deployer.sandbox.errors import OAuthError
from deployer.sandbox.flows import code_grant, credentials_exchange, password_grant, refresh_grant
from deployer.sandbox.flows.credentials_exchange import Granted
from deployer.sandbox.flows.pipeline import bound_actions
from deployer.sandbox.flows.user_tokens import OIDC
from deployer.sandbox.resources import client_assertions
from deployer.sandbox.resources.client_grants_lookup import find_grants
from deployer.sandbox.resources.resource_servers_lookup import find_resource_server

_GRANT_TYPES = (
    "client_credentials",
    code_grant.GRANT_TYPE,
    refresh_grant.GRANT_TYPE,
    *password_grant.GRANT_TYPES,
)


def token(call: Call) -> Response | Awaitable[Response]:
    """Answer `POST /oauth/token` with one of the grants, as JSON or as a form."""
    body = call.body if isinstance(call.body, dict) else {}
    grant_type = body.get("grant_type")
    if not isinstance(grant_type, str) or not grant_type:
        raise OAuthError(403, "invalid_request", "Missing required parameter: grant_type")
    client = _authenticate(call, body)
    if grant_type not in _GRANT_TYPES:
        raise OAuthError(403, "unsupported_grant_type", f"Unsupported grant type: {grant_type[:80]}")
    public = client.get("token_endpoint_auth_method") == "none"
    if grant_type not in client.get("grant_types", []) or (public and grant_type == "client_credentials"):
        raise OAuthError(403, "unauthorized_client", f"Grant type '{grant_type}' not allowed for the client.")
    if grant_type == code_grant.GRANT_TYPE:
        return code_grant.redeem(call, client, body)
    if grant_type == refresh_grant.GRANT_TYPE:
        return refresh_grant.token(call, client, body)
    if grant_type != "client_credentials":
        return password_grant.token(call, client, body)
    audience = body.get("audience")
    if not isinstance(audience, str) or not audience:
        raise OAuthError(403, "access_denied", "Missing required parameter: audience")
    requested = str(body.get("scope") or "")
    if bound_actions(call.tenant, credentials_exchange.TRIGGER):
        return credentials_exchange.token(call, client, audience, _granted(call, client, audience, requested))
    return Response(body=_issue(call, client, audience, requested))


def revoke(call: Call) -> Response:
    """Answer `POST /oauth/revoke` with a refresh token: it, and all that came of it, hold no more."""
    body = call.body if isinstance(call.body, dict) else {}
    return refresh_grant.revoke(call, _authenticate(call, body), body)


def _authenticate(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    assertion = body.get("client_assertion")
    if isinstance(assertion, str) and assertion:
        kind, client_id = body.get("client_assertion_type"), body.get("client_id")
        return client_assertions.authenticate(call.tenant, assertion, kind, client_id)
    client_id, secret = _basic(call.headers.get(b"authorization"))
    client_id = client_id or str(body.get("client_id") or "")
    secret = secret or str(body.get("client_secret") or "")
    client = call.tenant.storage.get("client", client_id)
    if client is not None and client.get("client_authentication_methods"):
        raise OAuthError(401, "invalid_client", "The client must authenticate with private_key_jwt")
    if client is not None and client.get("token_endpoint_auth_method") == "none":
        return client
    if client is None or not hmac.compare_digest(secret.encode(), str(client["client_secret"]).encode()):
        raise OAuthError(401, "access_denied", "Unauthorized")
    return client


def _basic(header: bytes | None) -> tuple[str, str]:
    if header is None or not header.lower().startswith(b"basic "):
        return "", ""
    try:
        name, _, secret = base64.b64decode(header[6:].strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError) as error:
        raise OAuthError(401, "access_denied", "Unauthorized") from error
    return unquote(name), unquote(secret)


def _granted(call: Call, client: dict[str, Any], audience: str, requested: str) -> Granted:
    """Find the scopes and the lifetime of a token for the audience. Raises OAuthError."""
    tenant = call.tenant
    known = tenant.audience if audience in tenant.audiences else audience
    server = find_resource_server(tenant, known)
    if server is None:
        raise OAuthError(403, "access_denied", f"Service not enabled within domain: {audience[:200]}")
    grants = find_grants(tenant, client, known, "client")
    if not grants:
        raise OAuthError(
            403,
            "access_denied",
            f'Client is not authorized to access "{audience[:200]}". You need to create a "client-grant" associated '
            "to this API. See: https://auth0.com/docs/api/v2#!/Client_Grants/post_client_grants",
        )
    if any(grant.get("allow_all_scopes") for grant in grants):
        granted = [scope["value"] for scope in server.get("scopes", [])]
    else:
        granted = list(dict.fromkeys(scope for grant in grants for scope in grant.get("scope", [])))
    if requested.strip():
        asked = requested.split()
        granted = [scope for scope in granted if scope in asked]
    lifetime = tenant.behaviour.token_lifetime if known == tenant.audience else int(server["token_lifetime"])
    return Granted(granted, lifetime)


def _issue(call: Call, client: dict[str, Any], audience: str, requested: str) -> dict[str, Any]:
    tenant = call.tenant
    granted = _granted(call, client, audience, requested)
    scope = " ".join(granted.scopes)
    signed = tenant.tokens.issue(
        issuer=tenant.issuer, audience=audience, client_id=client["client_id"], scope=scope, lifetime=granted.lifetime
    )
    body = {"access_token": signed, "scope": scope, "expires_in": granted.lifetime, "token_type": "Bearer"}
    return body if scope else {key: value for key, value in body.items() if key != "scope"}


def jwks(call: Call) -> Response:
    """Answer `GET /.well-known/jwks.json`."""
    return Response(body=call.tenant.tokens.key.jwks())


def openid_configuration(call: Call) -> Response:
    """Answer `GET /.well-known/openid-configuration`."""
    root = call.tenant.base_url
    return Response(
        body={
            "issuer": call.tenant.issuer,
            "authorization_endpoint": f"{root}/authorize",
            "token_endpoint": f"{root}/oauth/token",
            "jwks_uri": f"{root}/.well-known/jwks.json",
            "userinfo_endpoint": f"{root}/userinfo",
            "revocation_endpoint": f"{root}/oauth/revoke",
            "grant_types_supported": [*_GRANT_TYPES, "implicit"],
            "response_types_supported": [
                "code",
                "token",
                "id_token",
                "code token",
                "code id_token",
                "token id_token",
                "code token id_token",
            ],
            "response_modes_supported": ["query", "fragment", "form_post"],
            "code_challenge_methods_supported": ["S256", "plain"],
            "scopes_supported": list(OIDC),
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": [
                "client_secret_basic",
                "client_secret_post",
                "private_key_jwt",
            ],
            "token_endpoint_auth_signing_alg_values_supported": ["RS256", "RS384", "PS256"],
        }
    )


ENDPOINTS = [
    Endpoint("POST", "/oauth/token", (), token, public=True),
    Endpoint("POST", "/oauth/revoke", (), revoke, public=True),
    Endpoint("GET", "/.well-known/jwks.json", (), jwks, public=True),
    Endpoint("GET", "/.well-known/openid-configuration", (), openid_configuration, public=True),
]
