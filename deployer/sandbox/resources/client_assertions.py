"""Authenticates clients by assertions that they have signed (`private_key_jwt`).

RFC 7523, section 3, and
https://auth0.com/docs/get-started/authentication-and-authorization-flow/authenticate-with-private-key-jwt
"""

import time
from datetime import UTC, datetime
from typing import Any

import jwt

from deployer.sandbox.client_records import credentials_of
from deployer.sandbox.errors import OAuthError
from deployer.sandbox.keys import read_public_key
from deployer.sandbox.resources.client_credentials import ALGORITHMS
from deployer.sandbox.storage import Document
from deployer.sandbox.tenant import Tenant

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LONGEST = 300


def refused(why: str) -> OAuthError:
    """Build the 401 for an assertion."""
    return OAuthError(401, "invalid_client", why)


def authenticate(tenant: Tenant, assertion: str, assertion_type: Any, client_id: Any) -> Document:
    """Find the client whose key signed the assertion. Raises OAuthError 401."""
    if assertion_type != TYPE:
        raise refused("client_assertion_type is not supported")
    try:
        named = jwt.decode(assertion, options={"verify_signature": False, "verify_exp": False, "verify_aud": False})
        subject = str(named.get("sub", ""))
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise refused("client_assertion is not a JWT") from error
    client = tenant.storage.get("client", subject)
    methods = ((client or {}).get("client_authentication_methods") or {}).get("private_key_jwt")
    if client is None or methods is None or (client_id and client_id != subject):
        raise refused("The client is not allowed to authenticate with private_key_jwt")
    allowed = {each["id"] for each in methods["credentials"]}
    claims = _verify(
        tenant, assertion, [each for each in credentials_of(tenant.storage, subject) if each["id"] in allowed]
    )
    if claims.get("iss") != subject:
        raise refused("client_assertion must have the client as its issuer")
    if claims["exp"] > time.time() + _LONGEST + 30:
        raise refused("client_assertion must not be valid for more than 5 minutes")
    if not tenant.first_use(str(claims["jti"]), float(claims["exp"])):
        raise refused("client_assertion was used before")
    return client


def _verify(tenant: Tenant, assertion: str, credentials: list[Document]) -> dict[str, Any]:
    audiences = [*tenant.issuers, *(f"{issuer}oauth/token" for issuer in tenant.issuers)]
    for credential in credentials:
        if credential["alg"] not in ALGORITHMS or _expired(credential):
            continue
        try:
            claims: dict[str, Any] = jwt.decode(
                assertion,
                read_public_key(credential["pem"]),
                algorithms=[credential["alg"]],
                audience=audiences,
                options={"require": ["exp", "sub", "iss", "jti"]},
            )
        except jwt.InvalidSignatureError:
            continue
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise refused(f"client_assertion is not valid: {error}") from error
        return claims
    raise refused("client_assertion is not signed by a key of this client")


def _expired(credential: Document) -> bool:
    expires = credential.get("expires_at")
    return expires is not None and datetime.fromisoformat(expires) <= datetime.now(UTC)
