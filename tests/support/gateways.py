"""Makes gateways to servers on localhost, with pauses and time limits cut down to test size."""

from typing import Any

from deployer.management.access import Access, Credentials
from deployer.management.gateway import Gateway
from deployer.management.http import Timeouts
from deployer.management.retry_policy import RetryPolicy
from deployer.management.tokens import TokenCache
from deployer.sandbox.server import LocalTenant

SECRET = "s3cr3t-that-must-never-be-shown"


def to(url: str, cache: TokenCache | None = None, **more: Any) -> Gateway:
    """A gateway to a server, with short pauses."""
    credentials = more.pop("credentials", None) or Credentials("the-client", SECRET)
    retry_policy = more.pop("retry_policy", None) or RetryPolicy(first_pause=0.01, longest_pause=0.02, throttled=30.0)
    timeouts = more.pop("timeouts", None) or Timeouts(connect=2.0, read=2.0, write=2.0, total=4.0)
    access = Access("test", more.pop("domain", "acme.test"), credentials, base_url=url, **more)
    return Gateway(access, cache, retry_policy=retry_policy, timeouts=timeouts)


def to_tenant(tenant: LocalTenant, **more: Any) -> Gateway:
    credentials = Credentials(tenant.client_id, tenant.client_secret)
    return to(tenant.base_url, domain=tenant.domain, credentials=credentials, **more)
