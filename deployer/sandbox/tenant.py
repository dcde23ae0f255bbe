"""Opens one tenant: its storage, keys, credentials and addresses, which the resource modules work with.

A new tenant has what a new Auth0 tenant has for machines: the Management API as a system resource server, one
machine-to-machine application, and the grant between the two. Keys and credentials are part of the storage.
"""

import base64
import os
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from deployer.sandbox import ages, client_records, scopes
from deployer.sandbox.flows.script_host import ScriptHost
from deployer.sandbox.flows.state import Flows
from deployer.sandbox.keys import SigningKey, Vault, make_signing_key, random_id, shared_signing_key
from deployer.sandbox.settings import change_settings
from deployer.sandbox.storage import Document, Storage
from deployer.sandbox.tokens import Claims, TokenService
from deployer.sandbox.weather import Weather

APPLICATION = "Deployer (sandbox)"
"""The name of the machine-to-machine application whose credentials the sandbox prints."""


@dataclass(slots=True)
class Behaviour:
    """What can be set: seconds that a token lives and that an action takes to build, and what tenants differ in.

    `enable_client_connections` is the tenant's setting of that name (None: as it was, off in a new tenant);
    `legacy_enabled_clients` is the migration switch "Legacy Management of Connection's Enabled Clients":
    https://auth0.com/docs/troubleshoot/product-lifecycle/deprecations-and-migrations/migrate-dedicated-connection-endpoints
    `containers` run scripts that need the same modules, each call in one of them; a `seed` repeats which (None: any).
    """

    token_lifetime: int = 86_400
    build_seconds: float = 0.0
    enable_client_connections: bool | None = None
    legacy_enabled_clients: bool = True
    containers: int = 2
    seed: int | None = None


class Tenant:
    """A tenant's storage, keys, credentials, weather and addresses; `age` is what its API does and does not do yet."""

    def __init__(
        self, storage: Storage, base_url: str, behaviour: Behaviour | None = None, age: ages.Age | None = None
    ) -> None:
        self.storage = storage
        self.base_url = base_url.rstrip("/")
        self.domain = urlsplit(self.base_url).netloc
        self.behaviour = behaviour or Behaviour()
        self.age = age or ages.age()
        self.weather = Weather()
        self.flows = Flows(ScriptHost(containers=self.behaviour.containers, seed=self.behaviour.seed))
        self._used: dict[str, float] = {}
        port = self.domain.rpartition(":")[2]
        roots = {self.base_url, f"https://{self.domain}", f"http://127.0.0.1:{port}", f"http://localhost:{port}"}
        roots |= {f"https://127.0.0.1:{port}", f"https://localhost:{port}"}
        self.audiences = frozenset(f"{root}/api/v2/" for root in roots)
        self.issuer = f"{self.base_url}/"
        self.issuers = frozenset(f"{root}/" for root in roots)
        with storage.transaction():
            self.prepare()
        self.tokens = TokenService(self.signing_key)

    @classmethod
    def open(
        cls, file: Path | None, base_url: str, behaviour: Behaviour | None = None, age: ages.Age | None = None
    ) -> "Tenant":
        """Open a tenant in a file, or in memory."""
        return cls(Storage(file), base_url, behaviour, age)

    @property
    def name(self) -> str:
        """What the tenant is called in documents and events: its host, without the port."""
        return self.domain.partition(":")[0]

    @property
    def audience(self) -> str:
        """The identifier of this tenant's Management API."""
        return f"{self.base_url}/api/v2/"

    def prepare(self) -> None:
        """Add what every tenant has and this one lacks; inside a transaction."""
        storage = self.storage
        if storage.setting("signing_key") is None:
            key = shared_signing_key() if storage.file is None else make_signing_key()
            storage.set("signing_key", {"pem": key.pem, "certificate": key.certificate})
        if storage.setting("vault") is None:
            storage.set("vault", base64.b64encode(os.urandom(32)).decode())
        self.signing_key = SigningKey(**storage.setting("signing_key"))
        self.vault = Vault(base64.b64decode(storage.setting("vault")))
        self._prepare_management_api()
        if storage.setting("global_client") is None:
            certificate = self.signing_key.certificate
            storage.set("global_client", client_records.add_global_client(storage, self.name, certificate))
        if storage.setting("client_id") is None:
            client_id, client_secret = self.add_application(APPLICATION, None)
            storage.set("client_id", client_id)
            storage.set("client_secret", client_secret)
        self.client_id: str = storage.setting("client_id")
        self.client_secret: str = storage.setting("client_secret")
        if self.behaviour.enable_client_connections is not None:
            flags = {"enable_client_connections": self.behaviour.enable_client_connections}
            change_settings(storage, {"flags": flags})

    def _prepare_management_api(self) -> None:
        """Store the system resource server, whose address may have changed since the last start."""
        storage = self.storage
        known: str | None = storage.setting("management_api")
        server = storage.get("resource_server", known) if known else None
        if server is None:
            id = secrets.token_hex(12)
            server = scopes.system_resource_server(id, self.audience, self.age.api)
            storage.insert("resource_server", id, server, name=self.audience)
            storage.set("management_api", id)
        elif server["identifier"] != self.audience:
            old, server["identifier"] = server["identifier"], self.audience
            storage.update("resource_server", server["id"], server, name=self.audience)
            for grant in storage.all("client_grant"):
                if grant["audience"] == old:
                    storage.update("client_grant", grant["id"], {**grant, "audience": self.audience})

    def add_client(self, sent: Mapping[str, Any]) -> Document:
        """Store a new application: what was sent, and what Auth0 adds. Raises ApiError 400; inside a transaction."""
        return client_records.add_client(self.storage, self.name, self.signing_key.certificate, sent)

    def add_application(self, name: str, granted: Iterable[str] | None) -> tuple[str, str]:
        """Add a machine-to-machine application with these scopes of the Management API (None: all).

        Returns its client id and its secret.
        """
        requested = list(scopes.MANAGEMENT_SCOPES) if granted is None else list(granted)
        with self.storage.transaction():
            body = self.add_client({"name": name, "app_type": "non_interactive", "grant_types": ["client_credentials"]})
            grant_id = random_id("cgr_")
            grant: dict[str, Any] = {
                "id": grant_id,
                "client_id": body["client_id"],
                "audience": self.audience,
                "scope": requested,
                **self.age.client_grant,
            }
            self.storage.insert("client_grant", grant_id, grant, tag=body["client_id"])
        return body["client_id"], body["client_secret"]

    def remember_secret(self, client_secret: str) -> None:
        """Note that the application that the sandbox prints has a new secret."""
        self.client_secret = client_secret
        self.storage.set("client_secret", client_secret)

    def authenticate(self, authorization: str | None) -> Claims:
        """Find out whose request this is. Raises ApiError 401."""
        return self.tokens.verify(authorization, audiences=self.audiences, issuers=self.issuers)

    def issue_token(self, requested: Iterable[str] | None = None) -> str:
        """Issue a token of the Management API with these scopes (None: all), without asking for it over HTTP."""
        return self.tokens.issue(
            issuer=self.issuer,
            audience=self.audience,
            client_id=self.client_id,
            scope=" ".join(scopes.MANAGEMENT_SCOPES if requested is None else requested),
            lifetime=self.behaviour.token_lifetime,
        )

    def first_use(self, jti: str, expires: float) -> bool:
        """Return whether a signed assertion of this id is new; remember it until it expires (epoch seconds)."""
        now = time.time()
        self._used = {known: until for known, until in self._used.items() if until > now - 60}
        if jti in self._used:
            return False
        self._used[jti] = expires
        return True

    def close(self) -> None:
        """End the scripts' containers, and close the storage."""
        self.flows.close()
        self.storage.close()
