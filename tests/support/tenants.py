"""Reaches local tenants: from the environment, over the Management API, and past it."""

from typing import Any

import httpx

from deployer.sandbox.server import LocalTenant
from deployer.sandbox.tenant import Tenant


def environment(tenant: LocalTenant | Tenant, prefix: str = "AUTH0_") -> dict[str, str]:
    """Return the variables by which a tenant file reaches a tenant; those of DEFINITION begin with `AUTH0_`."""
    return {
        f"{prefix}DOMAIN": tenant.domain,
        f"{prefix}BASE_URL": tenant.base_url,
        f"{prefix}CLIENT_ID": tenant.client_id,
        f"{prefix}CLIENT_SECRET": tenant.client_secret,
    }


def live(tenant: LocalTenant, name: str = "legacy-users") -> dict[str, Any]:
    """Read a connection as the tenant has it."""
    document = tenant.state.storage.named("connection", name)
    assert document is not None
    return document


class Api:
    """The Management API of a local tenant as a person with a token sees it."""

    def __init__(self, tenant: LocalTenant, scope: str | None = None) -> None:
        self._client = httpx.Client(base_url=tenant.base_url, timeout=10, trust_env=False)
        request = {
            "grant_type": "client_credentials",
            "client_id": tenant.client_id,
            "client_secret": tenant.client_secret,
            "audience": f"{tenant.base_url}/api/v2/",
        }
        response = self._client.post("/oauth/token", json=request | ({"scope": scope} if scope else {}))
        self.token = str(response.json()["access_token"])
        self._client.headers["Authorization"] = f"Bearer {self.token}"

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request, which must succeed, and return the body of the response."""
        response = self._client.request(method, f"/api/v2/{path}", json=body)
        assert response.status_code < 400, response.text
        return response.json() if response.content else None


def fetch_token(tenant: LocalTenant | Tenant, client_id: str | None = None, client_secret: str | None = None) -> str:
    """An access token of the client credentials grant."""
    body = {
        "grant_type": "client_credentials",
        "client_id": client_id or tenant.client_id,
        "client_secret": client_secret or tenant.client_secret,
        "audience": f"{tenant.base_url}/api/v2/",
    }
    answer = httpx.post(f"{tenant.base_url}/oauth/token", json=body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def connect_to(tenant: LocalTenant | Tenant, token: str | None = None) -> httpx.Client:
    """A client of a tenant's Management API."""
    headers = {"Authorization": f"Bearer {token or fetch_token(tenant)}"}
    return httpx.Client(base_url=f"{tenant.base_url}/api/v2", headers=headers, timeout=20)
