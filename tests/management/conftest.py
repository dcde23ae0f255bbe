"""A local tenant, gateways to it or to a misbehaving server, and retry_policy cut down to test size."""

from collections.abc import Iterator

import pytest

from deployer.management.tokens import TokenSource
from deployer.sandbox.server import LocalTenant


@pytest.fixture(autouse=True)
def _no_tokens_kept() -> Iterator[None]:
    """Ports are used again by later servers: no token of one test may reach another."""
    TokenSource._kept.clear()
    yield
    TokenSource._kept.clear()


@pytest.fixture(scope="module")
def shared_tenant() -> Iterator[LocalTenant]:
    """One local tenant for tests that make their own things in it."""
    with LocalTenant() as tenant:
        yield tenant


@pytest.fixture
def tenant() -> Iterator[LocalTenant]:
    with LocalTenant() as tenant:
        yield tenant
