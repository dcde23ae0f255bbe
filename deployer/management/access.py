"""Describes who we are to a tenant and where it is (credentials, address, rate limit), without any I/O."""

import hashlib
import hmac
from dataclasses import dataclass, field

from deployer.config.addresses import host_of, is_loopback
from deployer.digests import canonical_json
from deployer.errors import DeployerError
from deployer.text import one_line

MANAGEMENT_PATH = "/api/v2"


@dataclass(frozen=True)
class Credentials:
    """A machine-to-machine application (a client secret, or a PEM private key for `private_key_jwt`), or a token.

    `algorithm`: how the key signs, one of RS256, RS384, PS256
    (https://auth0.com/docs/get-started/authentication-and-authorization-flow/authenticate-with-private-key-jwt).
    """

    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    private_key: str | None = field(default=None, repr=False)
    algorithm: str = "RS256"
    token: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if sum(bool(way) for way in (self.client_secret, self.private_key, self.token)) != 1:
            raise DeployerError(
                "credentials need a client secret, a private key or a token, one of the three",
                where=f"client {self.client_id}" if self.client_id else "credentials",
                hint="Set one of client_secret, private_key and token below `credentials` in the tenant's file.",
            )

    @property
    def secret(self) -> str:
        """The secret itself, whichever of the three it is: to be hidden from messages and never shown."""
        return self.client_secret or self.private_key or self.token or ""


@dataclass(frozen=True)
class RateLimit:
    """What the tenant allows: sustained requests per second, and how many at once after a pause."""

    requests_per_second: float
    burst: float

    def __post_init__(self) -> None:
        if self.requests_per_second <= 0 or self.burst < 1:
            raise DeployerError(
                f"a rate limit of {self.requests_per_second:g} requests a second with a burst of {self.burst:g} "
                "lets nothing through",
                hint="Set requests_per_second above 0 and burst to 1 or more.",
            )


@dataclass(frozen=True)
class Access:
    """A tenant that can be called. `tenant`: our name of it. `base_url`: default `https://DOMAIN`.

    `audience`: default BASE_URL/api/v2/ (https://auth0.com/docs/secure/tokens/access-tokens/management-api-access-tokens).
    """

    tenant: str
    domain: str
    credentials: Credentials
    base_url: str | None = None
    rate_limit: RateLimit | None = None
    audience: str | None = None

    def __post_init__(self) -> None:
        host = host_of(self.root)
        if host is None:
            raise DeployerError(
                "this is not the address of a tenant",
                where=f"tenant {self.tenant}",
                hint="Give domain a host name alone, like acme.eu.auth0.com, and base_url a URL like http://127.0.0.1:4010.",
            )
        if self.root.startswith("http:") and not is_loopback(host):
            raise DeployerError(
                "plain http would send the secret and the token in the clear",
                where=self.where,
                hint="Use https; http is only for a tenant on this machine (127.0.0.1 or localhost).",
            )

    @property
    def root(self) -> str:
        """Scheme and host (and port), without a slash at the end."""
        return (self.base_url or f"https://{self.domain}").rstrip("/")

    @property
    def api(self) -> str:
        return self.root + MANAGEMENT_PATH

    @property
    def token_audience(self) -> str:
        return self.audience or f"{self.root}{MANAGEMENT_PATH}/"

    @property
    def where(self) -> str:
        """How messages name the tenant."""
        return f"tenant {self.tenant} ({one_line(self.domain)})"

    @property
    def key(self) -> str:
        """A name for what a token is good for: one for each tenant, address, audience and credential.

        Keyed with the secret, so that it tells nothing about it and changes with it.
        """
        parts = canonical_json([self.root, self.domain, self.credentials.client_id, self.token_audience])
        return hmac.new(self.credentials.secret.encode(), parts, hashlib.sha256).hexdigest()
