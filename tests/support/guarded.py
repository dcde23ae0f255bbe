"""Plays logins and API requests on a tenant whose guards and store this tool has deployed."""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx
import jwt

from deployer.sandbox import ages
from deployer.sandbox.server import LocalTenant
from tests.support.login_page import LoginPage
from tests.support.reference_api import SCOPES, ReferenceApi

AUDIENCE = "https://users.example.com"


REALM = "http://auth0.com/oauth/grant-type/password-realm"


PASSWORD = "Correct-Horse-1"


GRANTS = [REALM, "password", "authorization_code", "refresh_token"]


# Lint says of Rules that they do not run any more; on a tenant of before they do.
RULES_WANTED = "lint: {severity: {DB109: off, DB408: off}}\n"


@dataclass
class Stage:
    """Everything at once. `login` is a person, `machine` the client of the scripts or another one."""

    tenant: LocalTenant
    project: Any
    api: Any
    store: ReferenceApi
    url: str
    web: dict[str, Any] = field(default_factory=dict)

    def define(self, guards: str = "restrict-audience", *, form: str = "action", more: str = "") -> None:
        """The definition of the connection; Rules run on a tenant as of a month before their end of life."""
        if form == "rule":
            self.tenant.state.age = ages.age("2026-10")
        self.project.tenant(
            (RULES_WANTED if form == "rule" else "")
            + f"""\
connections:
  legacy-users:
    store: api
    migration: trickle
    variables: {{with_metadata: true, timeout_ms: 3000}}
    access: [tls, client-credentials]
    configuration: {{API_URL: "{self.url}"}}
    clients: [Web App]
    guards: [{guards}]
    guard_type: {form}
    api:
      identifier: {AUDIENCE}
      scopes: {json.dumps(SCOPES)}
{more}"""
        )

    def apply(self, *arguments: str) -> None:
        """Apply without a question, and see that a second plan is empty."""
        ran = self.project.run("apply", "local", "--auto-approve", *arguments)
        assert ran.code == 0, ran.all
        again = self.project.run("plan", "local", "--detailed-exitcode", *arguments)
        assert again.code == 0, again.all

    def token(self, body: dict[str, Any]) -> httpx.Response:
        """Ask the tenant's token endpoint."""
        return httpx.post(f"{self.tenant.base_url}/oauth/token", json=body, timeout=60, trust_env=False)

    def login(self, email: str = "ada@example.com", **more: Any) -> httpx.Response:
        """Log in with e-mail and password through the web application."""
        client = {key: self.web[key] for key in ("client_id", "client_secret")}
        body = {"grant_type": REALM, "realm": "legacy-users", "username": email, "password": PASSWORD}
        return self.token({**client, **body, "scope": "openid", **more})

    def page(self) -> LoginPage:
        """The login page, as the web application and a browser use it."""
        return LoginPage(self.tenant.base_url, self.web)

    def machine(self, client: dict[str, Any]) -> httpx.Response:
        """Ask for the store's API as a machine."""
        credentials = {key: client[key] for key in ("client_id", "client_secret")}
        return self.token({"grant_type": "client_credentials", **credentials, "audience": AUDIENCE})

    def scripts_client(self) -> dict[str, Any]:
        """The client that the tool made for the scripts, secret included, as only a test may see it."""
        found = [one for one in self.tenant.state.storage.all("client") if one["name"] == "legacy-users scripts"]
        assert len(found) == 1
        return dict(found[0])

    def user(self) -> dict[str, Any]:
        """The one user of the tenant."""
        users = self.tenant.state.storage.all("user")
        assert len(users) == 1
        return dict(users[0])

    def subject(self, answer: httpx.Response) -> str:
        """The subject of an access token, or of the ID token where no API was asked for."""
        assert answer.status_code == 200, answer.text
        tokens = answer.json()
        found = tokens.get("id_token") or tokens["access_token"]
        return str(jwt.decode(found, options={"verify_signature": False})["sub"])
