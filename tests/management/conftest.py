"""A local tenant, gateways to it or to a misbehaving server, and retry_policy cut down to test size."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from deployer.management.access import Access, Credentials
from deployer.management.gateway import Gateway
from deployer.management.http import Timeouts
from deployer.management.retry_policy import RetryPolicy
from deployer.management.tokens import TokenCache, TokenSource
from deployer.sandbox.server import LocalTenant

SECRET = "s3cr3t-that-must-never-be-shown"


def to(url: str, cache: TokenCache | None = None, **more: Any) -> Gateway:
    """A gateway to a server, with short pauses."""
    credentials = more.pop("credentials", None) or Credentials("the-client", SECRET)
    retry_policy = more.pop("patience", None) or RetryPolicy(first_pause=0.01, longest_pause=0.02, throttled=30.0)
    timeouts = more.pop("timeouts", None) or Timeouts(connect=2.0, read=2.0, write=2.0, total=4.0)
    access = Access("test", more.pop("domain", "acme.test"), credentials, base_url=url, **more)
    return Gateway(access, cache, retry_policy=retry_policy, timeouts=timeouts)


def to_tenant(tenant: LocalTenant, **more: Any) -> Gateway:
    credentials = Credentials(tenant.client_id, tenant.client_secret)
    return to(tenant.base_url, domain=tenant.domain, credentials=credentials, **more)


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
