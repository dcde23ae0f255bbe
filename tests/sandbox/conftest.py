"""Tenants to test against, and clients that talk to them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from deployer.sandbox.server import LocalTenant
from deployer.sandbox.tenant import Tenant

Token = Callable[..., str]
Connect = Callable[..., httpx.Client]


def _get_token(tenant: LocalTenant | Tenant, client_id: str | None = None, client_secret: str | None = None) -> str:
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


def _connect(tenant: LocalTenant | Tenant, token: str | None = None) -> httpx.Client:
    """A client of a tenant's Management API."""
    headers = {"Authorization": f"Bearer {token or _get_token(tenant)}"}
    return httpx.Client(base_url=f"{tenant.base_url}/api/v2", headers=headers, timeout=20)


@pytest.fixture(scope="session")
def get_token() -> Token:
    """`get_token(tenant, client_id, client_secret)`."""
    return _get_token


@pytest.fixture(scope="session")
def connect() -> Connect:
    """`connect(tenant, token)`."""
    return _connect


@pytest.fixture(scope="module")
def tenant() -> Iterator[LocalTenant]:
    """A tenant that the tests of a module share."""
    with LocalTenant() as running:
        yield running


@pytest.fixture(scope="module")
def api(tenant: LocalTenant) -> Iterator[httpx.Client]:
    """Its Management API, with every scope."""
    with _connect(tenant) as client:
        yield client


@pytest.fixture
def own() -> Iterator[LocalTenant]:
    """A tenant that a test has for itself."""
    with LocalTenant() as running:
        yield running


@pytest.fixture(scope="session")
def ca_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where this worker keeps its certificate authority."""
    return tmp_path_factory.mktemp("ca")


@pytest.fixture(scope="module")
def secure(ca_dir: Path) -> Iterator[LocalTenant]:
    """A tenant that serves HTTPS."""
    with LocalTenant(tls=True, ca_dir=ca_dir) as running:
        yield running
