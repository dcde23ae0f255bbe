"""Issues the access token and the ID token of a user who has logged in.

https://auth0.com/docs/secure/tokens and https://auth0.com/docs/get-started/apis/scopes/openid-connect-scopes
"""

import base64
import hashlib
import time
from typing import Any

from deployer.sandbox.errors import OAuthError
from deployer.sandbox.flows.pipeline import Claims
from deployer.sandbox.flows.refresh_tokens import Family
from deployer.sandbox.flows.transaction import Transaction
from deployer.sandbox.resources.client_grants_lookup import find_grants
from deployer.sandbox.resources.resource_servers_lookup import find_resource_server
from deployer.sandbox.storage import Document
from deployer.sandbox.tenant import Tenant

OIDC = ("openid", "profile", "email", "address", "phone", "offline_access")
_ALL_OIDC = OIDC[:-1]
_CURRENT_USER_SCOPES = (
    "read:current_user update:current_user_metadata delete:current_user_metadata create:current_user_metadata "
    "create:current_user_device_credentials delete:current_user_device_credentials update:current_user_identities"
)
_CURRENT_USER = _CURRENT_USER_SCOPES.split()
"""All that a user's token may ever do at the Management API."""
_PROFILE_CLAIMS = (
    "name family_name given_name middle_name nickname preferred_username profile picture website gender birthdate "
    "zoneinfo locale updated_at"
)
_SCOPE_CLAIMS = {
    "profile": tuple(_PROFILE_CLAIMS.split()),
    "email": ("email", "email_verified"),
    "phone": ("phone_number", "phone_verified"),
    "address": ("address",),
}
_USERINFO_SECONDS = 86_400


class Api:
    """The API that a login asks for (None: only /userinfo): who may have it, with which scopes, for how long."""

    def __init__(self, tenant: Tenant, client: Document, audience: str | None) -> None:
        """Find the API. Raises OAuthError where there is none, or users of this client get no token for it."""
        self.audience = audience
        self._tenant = tenant
        self._server: Document | None = None
        self._grants: list[Document] = []
        if audience is None:
            return
        known = tenant.audience if audience in tenant.audiences else audience
        self._server = find_resource_server(tenant, known)
        if self._server is None or self._server["identifier"] != known:
            raise OAuthError(403, "access_denied", f"Service not found: {audience[:200]}")
        policy = ((self._server.get("subject_type_authorization") or {}).get("user") or {}).get("policy", "allow_all")
        if policy == "allow_all":
            return
        self._grants = find_grants(tenant, client, known, "user")
        if policy == "deny_all" or not self._grants:
            raise OAuthError(403, "access_denied", f'Client is not authorized to access "{audience[:200]}".')

    @property
    def lifetime(self) -> int:
        """Seconds."""
        return _USERINFO_SECONDS if self._server is None else int(self._server["token_lifetime"])

    def offline(self, client: Document) -> bool:
        """Return whether `offline_access` gets a refresh token: the client has the grant, and the API allows it.

        https://auth0.com/docs/secure/tokens/refresh-tokens/get-refresh-tokens
        """
        allowed = self._server is None or bool(self._server.get("allow_offline_access"))
        return allowed and "refresh_token" in client.get("grant_types", [])

    def granted(self, asked: list[str], *, all_for_none: bool) -> list[str]:
        """Choose the scopes of the token: those asked for that there are.

        Where no scope of the API was asked for, these are none of it, or all of them with `all_for_none`, as for logins
        with a password at the token endpoint. With `enforce_policies`, users have only the permissions that they were
        given, and here nobody is given any.
        https://auth0.com/docs/get-started/authentication-and-authorization-flow/resource-owner-password-flow
        """
        own = [scope for scope in asked if scope in _ALL_OIDC] if asked else list(_ALL_OIDC)
        every = all_for_none and not (set(asked) - set(OIDC))
        return [*own, *(scope for scope in self._known() if scope in asked or every)]

    def _known(self) -> list[str]:
        if self._server is None or self._server.get("enforce_policies"):
            return []
        if self._server.get("is_system"):
            return _CURRENT_USER
        offered = [str(scope["value"]) for scope in self._server.get("scopes") or []]
        if not self._grants or any(grant.get("allow_all_scopes") for grant in self._grants):
            return offered
        allowed = {scope for grant in self._grants for scope in grant.get("scope") or []}
        return [scope for scope in offered if scope in allowed]


PASSWORD = "oauth2-password"  # noqa: S105 - the name of a protocol
IMPLICIT = "oidc-implicit-profile"
REFRESH = "oauth2-refresh-token"


def token_response(login: Transaction, api: Api, user: Document, claims: Claims) -> dict[str, Any]:
    """Build the token endpoint's body; with `offline_access`, a first login gets a refresh token too."""
    tenant, client_id = login.tenant, login.client["client_id"]
    granted = api.granted(login.scopes, all_for_none=login.protocol == PASSWORD)
    if "offline_access" in login.scopes and login.protocol != IMPLICIT and api.offline(login.client):
        granted = [*granted, "offline_access"]
    scopes = claims.scopes(granted)
    now = int(time.time())
    common = {"iss": tenant.issuer, "sub": user["user_id"], "iat": now}
    access = {
        **claims.access,
        **common,
        "aud": _audiences(tenant, api, scopes),
        "exp": now + api.lifetime,
        **({"scope": " ".join(scopes)} if scopes else {}),
        **({"gty": "password"} if login.protocol == PASSWORD else {}),
        "azp": client_id,
    }
    opaque = api.audience is None
    signed = tenant.flows.issue_opaque(access) if opaque else tenant.tokens.sign(access)
    body: dict[str, Any] = {"access_token": signed}
    if "offline_access" in granted and login.protocol != REFRESH:
        user_id, connection_id = user["user_id"], login.connection["id"]
        family = Family(client_id, connection_id, user_id, login.audience, list(login.scopes))
        body["refresh_token"] = tenant.flows.refresh_tokens.issue(family)
    if "openid" in scopes:
        lifetime = int((login.client.get("jwt_configuration") or {}).get("lifetime_in_seconds", 36_000))
        identity = {**profile_claims(user, scopes), **claims.id, **common, "aud": client_id, "exp": now + lifetime}
        if login.protocol == IMPLICIT:
            identity["at_hash"] = half_hash(signed)
        body["id_token"] = tenant.tokens.sign(identity)
    if scopes != login.scopes:
        body["scope"] = " ".join(scopes)
    return {**body, "expires_in": api.lifetime, "token_type": "Bearer"}


def half_hash(text: str) -> str:
    """Compute `at_hash` and `c_hash` of an RS256 ID token: OpenID Connect Core 1.0, 3.2.2.9 and 3.3.2.11."""
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


def _audiences(tenant: Tenant, api: Api, scopes: list[str]) -> str | list[str]:
    userinfo = f"{tenant.base_url}/userinfo"
    if api.audience is None:
        return userinfo
    return [api.audience, userinfo] if "openid" in scopes else api.audience


def profile_claims(user: Document, scopes: list[str]) -> Document:
    """Choose what of the profile the scopes show."""
    return {key: user[key] for scope in scopes for key in _SCOPE_CLAIMS.get(scope, ()) if key in user}
