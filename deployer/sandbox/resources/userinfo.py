"""Serves the claims that an access token's scopes show of its user: /userinfo.

https://auth0.com/docs/api/authentication/user-profile/get-user-info
"""

from typing import Any

import jwt

from deployer.sandbox.calls import Call, Endpoint, Response
from deployer.sandbox.errors import OAuthError
from deployer.sandbox.flows import users
from deployer.sandbox.flows.user_tokens import profile_claims


def _claims(call: Call) -> dict[str, Any]:
    scheme, _, token = call.headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() == "bearer":
        claims = call.tenant.flows.opaque(token.strip())
        if claims is not None:
            return claims
        try:
            return call.tenant.tokens.read(token.strip(), f"{call.tenant.base_url}/userinfo", call.tenant.issuer)
        except jwt.PyJWTError:
            pass
    raise OAuthError(401, "unauthorized", "Unauthorized")


def userinfo(call: Call) -> Response:
    """Answer `GET` and `POST /userinfo`: `sub` and what the scopes show of the user."""
    claims = _claims(call)
    user = users.get(call.tenant, str(claims.get("sub")))
    scopes = str(claims.get("scope", "")).split()
    if user is None or "openid" not in scopes:
        raise OAuthError(401, "unauthorized", "Unauthorized")
    return Response(body={"sub": user["user_id"], **profile_claims(user, scopes)})


ENDPOINTS = [
    Endpoint("GET", "/userinfo", (), userinfo, public=True),
    Endpoint("POST", "/userinfo", (), userinfo, public=True),
]
