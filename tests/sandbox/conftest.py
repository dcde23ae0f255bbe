"""Tenants to test against, and clients that talk to them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from deployer.sandbox.server import LocalTenant
from tests.support.tenants import connect_to, fetch_token

Token = Callable[..., str]
Connect = Callable[..., httpx.Client]


@pytest.fixture(scope="session")
def get_token() -> Token:
    """`get_token(tenant, client_id, client_secret)`."""
    return fetch_token


@pytest.fixture(scope="session")
def connect() -> Connect:
    """`connect(tenant, token)`."""
    return connect_to


@pytest.fixture(scope="module")
def tenant() -> Iterator[LocalTenant]:
    """A tenant that the tests of a module share."""
    with LocalTenant() as running:
        yield running


@pytest.fixture(scope="module")
def api(tenant: LocalTenant) -> Iterator[httpx.Client]:
    """Its Management API, with every scope."""
    with connect_to(tenant) as client:
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
