"""Offers everything the project asks of a tenant's Management API, as plain JSON.

Each call returns dicts exactly as the tenant sent them (unknown keys kept, nothing converted) and raises the typed
errors of `deployer.management.errors`.
"""

from types import TracebackType
from typing import Self

from deployer.management.access import Access
from deployer.management.actions import ActionCalls
from deployer.management.applications import ApplicationCalls
from deployer.management.connections import ConnectionCalls
from deployer.management.http import Timeouts
from deployer.management.retry_policy import RetryPolicy
from deployer.management.rules import RuleCalls
from deployer.management.session import Session
from deployer.management.tokens import TokenCache


class Gateway(ConnectionCalls, ApplicationCalls, ActionCalls, RuleCalls):
    """`async with Gateway(access) as gateway`. Calls may run concurrently; all keep to the tenant's rate limit.

    Reads are retried after any transient failure, writes only if they surely did not happen; else OutcomeUnknown.
    `token_cache`: None keeps the token in this process only.
    """

    def __init__(
        self,
        access: Access,
        token_cache: TokenCache | None = None,
        *,
        timeouts: Timeouts | None = None,
        retry_policy: RetryPolicy | None = None,
    ) -> None:
        self.access = access
        self._session = Session(access, token_cache, timeouts or Timeouts(), retry_policy or RetryPolicy())

    @property
    def requests(self) -> int:
        """HTTP requests made so far, tokens and retries included."""
        return self._session.http.requests

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()
