"""Repeats failed attempts, but never a write that may have happened.

A read is repeated after every transient failure. A write is repeated only when it surely did not happen: after a 429,
or when the request never left; any other missing result becomes `OutcomeUnknown`.
"""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

from deployer.management.errors import (
    ManagementError,
    OutcomeUnknown,
    ServerError,
    Throttled,
    UnexpectedResponse,
    Unreachable,
)

T = TypeVar("T")


@dataclass(frozen=True)
class RetryPolicy:
    """How long to try. Seconds; `throttled` bounds the whole time spent waiting on 429s."""

    attempts: int = 5
    connects: int = 3
    first_pause: float = 0.5
    longest_pause: float = 8.0
    throttled: float = 900.0


async def retried(attempt: Callable[[], Awaitable[T]], *, write: bool, retry_policy: RetryPolicy) -> T:
    """Run the attempt until it succeeds or its error is final. Raises the last error, typed."""
    attempts = _Attempts(write, retry_policy)
    retrying = AsyncRetrying(
        retry=retry_if_exception(attempts.may_repeat), wait=attempts.pause, stop=attempts.exhausted, reraise=True
    )
    try:
        return await retrying(attempt)
    except ManagementError as error:
        if write and _hides_outcome(error):
            raise OutcomeUnknown(error) from error
        raise


def _hides_outcome(error: ManagementError) -> bool:
    """Return whether the write may have happened: an answer lost, unreadable, or 5xx."""
    if error.not_attempted:
        return False
    if isinstance(error, Unreachable):
        return error.sent
    if isinstance(error, UnexpectedResponse):
        return error.status is None or not 400 <= error.status < 500
    return isinstance(error, ServerError)


class _Attempts:
    """Counts the failures of one call; waits for throttling are counted by time, all else by number."""

    def __init__(self, write: bool, retry_policy: RetryPolicy) -> None:
        self.write = write
        self.retry_policy = retry_policy
        self.failures = 0
        self.waited = 0.0

    def may_repeat(self, error: BaseException) -> bool:
        if not isinstance(error, ManagementError) or error.not_attempted or not error.transient:
            return False
        return not (self.write and _hides_outcome(error))

    def exhausted(self, state: RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, Throttled):
            return self.waited >= self.retry_policy.throttled
        self.failures += 1
        unsent = isinstance(error, Unreachable) and not error.sent
        return self.failures >= (self.retry_policy.connects if unsent else self.retry_policy.attempts)

    def pause(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, Throttled):
            # The shared pace holds everybody back for as long as was asked; the jitter keeps them from coming at once.
            asked = error.wait if error.wait is not None else 1.0
            seconds = random.uniform(0.0, 0.25 * min(asked, 4.0))  # noqa: S311
            self.waited += asked + seconds
            return seconds
        backoff = min(self.retry_policy.longest_pause, self.retry_policy.first_pause * 2.0**self.failures)
        return backoff * random.uniform(0.5, 1.0)  # noqa: S311
