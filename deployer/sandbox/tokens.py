"""Issues access tokens as RS256 JWTs, and verifies them.

https://auth0.com/docs/secure/tokens/access-tokens/management-api-access-tokens
"""

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate

from deployer.sandbox.errors import ApiError
from deployer.sandbox.keys import SigningKey

_MAX_KEPT = 2048
"""Verified tokens that are remembered, so that a read does not cost a signature check."""


@dataclass(frozen=True, slots=True)
class Claims:
    """Who calls, with which scopes, until when (epoch seconds)."""

    client_id: str
    scopes: frozenset[str]
    expires: float


def unauthorized(message: str) -> ApiError:
    """Build a 401 with the reason in `attributes` too, as the Management API words it."""
    return ApiError(401, message, attributes={"error": message})


@lru_cache(maxsize=64)
def _loaded(key: SigningKey) -> tuple[Any, Any]:
    """Load private and public key, which checks the numbers and takes some 50 ms."""
    return (
        load_pem_private_key(key.pem.encode(), None),
        load_pem_x509_certificate(key.certificate.encode()).public_key(),
    )


class TokenService:
    """Issues and verifies the tokens of one tenant."""

    def __init__(self, key: SigningKey) -> None:
        self.key = key
        self._private, self._public = _loaded(key)
        self._verified: dict[str, Claims] = {}

    def issue(self, *, issuer: str, audience: str, client_id: str, scope: str, lifetime: int) -> str:
        """Issue a token of the client credentials grant; `lifetime` in seconds."""
        now = int(time.time())
        claims = {
            "iss": issuer,
            "sub": f"{client_id}@clients",
            "aud": audience,
            "iat": now,
            "exp": now + lifetime,
            "scope": scope,
            "gty": "client-credentials",
            "azp": client_id,
        }
        return self.sign(claims)

    def sign(self, claims: dict[str, Any]) -> str:
        """Sign an RS256 JWT with these claims."""
        return jwt.encode(claims, self._private, algorithm="RS256", headers={"kid": self.key.kid})

    def read(self, token: str, audience: str, issuer: str) -> dict[str, Any]:
        """Read the claims of a token of this tenant for an audience. Raises jwt.PyJWTError."""
        claims: dict[str, Any] = jwt.decode(
            token, self._public, algorithms=["RS256"], audience=audience, issuer=issuer, options={"require": ["exp"]}
        )
        return claims

    def verify(self, header: str | None, *, audiences: frozenset[str], issuers: frozenset[str]) -> Claims:
        """Verify an `Authorization` header, and return its claims. Raises ApiError 401."""
        if not header:
            raise ApiError(401, "Missing authentication")
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise ApiError(401, "Bad HTTP authentication header format", "Bearer")
        known = self._verified.get(token)
        if known is None:
            known = self._check(token.strip(), audiences, issuers)
            if len(self._verified) >= _MAX_KEPT:
                self._verified.clear()
            self._verified[token] = known
        if known.expires <= time.time():
            raise unauthorized("Expired token received for JSON Web Token validation")
        return known

    def _check(self, token: str, audiences: frozenset[str], issuers: frozenset[str]) -> Claims:
        try:
            claims = jwt.decode(token, self._public, algorithms=["RS256"], audience=list(audiences))
        except jwt.ExpiredSignatureError as error:
            raise unauthorized("Expired token received for JSON Web Token validation") from error
        except jwt.InvalidSignatureError as error:
            raise unauthorized("Invalid signature received for JSON Web Token validation") from error
        except jwt.InvalidAudienceError as error:
            raise unauthorized(f"Bad audience: expected {min(audiences)}") from error
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise unauthorized("Invalid token") from error
        if claims.get("iss") not in issuers:
            raise unauthorized("Invalid issuer")
        scopes = frozenset(str(claims.get("scope", "")).split())
        return Claims(str(claims.get("azp", "")), scopes, float(claims["exp"]))
