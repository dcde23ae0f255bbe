"""Decides how long to wait before each request, by a tenant's rate-limit headers or a configured limit.

Auth0 limits each tenant by a token bucket
(https://auth0.com/docs/troubleshoot/customer-support/operational-policies/rate-limit-policy). `Bucket` mirrors it as
pure arithmetic; `Pace` shares one bucket among everything in this process that calls the same tenant, whatever its
thread or event loop. aiolimiter and pyrate-limiter keep fixed rates and cannot follow what a server tells.
"""

import asyncio
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import ClassVar

from deployer.management.access import RateLimit

SHARE = 0.95
"""The part of the sustained rate that is used: the rest is left to whoever else calls the tenant."""

SMALLEST = RateLimit(2, 10)
"""What is assumed before the first answer: the smallest published limit."""

_WINDOW = 20.0  # seconds of evidence kept
_SLOWEST = 0.1  # requests a second, however little others leave us


@dataclass(frozen=True)
class RateLimitHeaders:
    """X-RateLimit-Limit and X-RateLimit-Remaining of one answer."""

    limit: int
    remaining: int


class Bucket:
    """A local copy of the tenant's token bucket. Times are seconds of any steady clock."""

    def __init__(self, configured: RateLimit | None = None, now: float = 0.0) -> None:
        start = configured or SMALLEST
        self.configured = configured
        self.capacity = float(start.burst)
        self.rate = float(start.requests_per_second)
        self.level = self.capacity
        self.in_flight = 0
        self.limit: int | None = None
        self.free = False  # the tenant sends no limit and none is configured
        self.blocked_until = now
        self._updated = now
        self._spent = 0
        self._unsettled = 0
        self._evidence: deque[tuple[float, int, int]] = deque()

    def configure(self, configured: RateLimit, now: float) -> None:
        """Take over a limit from the tenant's file; the rate never goes above it."""
        if configured == self.configured:
            return
        self._refill(now)
        self.configured = configured
        self.rate = configured.requests_per_second
        self.capacity = min(float(self.limit), configured.burst) if self.limit is not None else float(configured.burst)
        self.level = self.capacity if self.limit is None else min(self.level, self.capacity)
        self.free = False

    def take(self, now: float) -> float:
        """Take a token for one request: 0.0 if there is one, else the seconds after which to ask again."""
        if now < self.blocked_until:
            return self.blocked_until - now
        self._refill(now)
        if not self.free and self.level < 1:
            return (1 - self.level) / (self.rate * SHARE)
        if not self.free:
            self.level -= 1
        self.in_flight += 1
        return 0.0

    def answered(self, now: float, reading: RateLimitHeaders | None, *, sent: float, throttled: bool = False) -> None:
        """Note an answer to a request sent at `sent`. A throttled one took no token from the tenant's bucket."""
        self._refill(now)
        self.in_flight = max(0, self.in_flight - 1)
        if not throttled:
            self._spent += 1
        if reading is None:
            self.free = self.limit is None and self.configured is None and not throttled
            return
        self.free = False
        if reading.limit != self.limit:
            self._learn_limit(reading)
        self._measure(now, reading)
        if self._unsettled > 0:
            self._unsettled -= 1
            self.level = max(self.level, float(reading.remaining - self.in_flight))
        # Others use the same bucket: never believe to have more than there can be by now.
        self.level = min(self.level, self.capacity, reading.remaining + 1 + (now - sent) * self.rate)

    def unanswered(self) -> None:
        """Note a request that ended without an answer."""
        self.in_flight = max(0, self.in_flight - 1)
        self._evidence.clear()

    def throttled(self, now: float, wait: float) -> None:
        """Let nobody send for `wait` seconds after a 429: the bucket was empty."""
        self._refill(now)
        self.free = False
        self.level = min(self.level, 0.0)
        self.blocked_until = max(self.blocked_until, now + wait)

    def _refill(self, now: float) -> None:
        if now > self._updated:
            self.level = min(self.capacity, self.level + (now - self._updated) * self.rate * SHARE)
            self._updated = now

    def _learn_limit(self, reading: RateLimitHeaders) -> None:
        """Take the bucket's size from the headers, which do not tell its refill rate, and guess that one.

        Published pairs are 10 with 2/s and 50 with 16/s.
        """
        self.limit = reading.limit
        size = float(max(1, reading.limit))
        self.capacity = min(size, self.configured.burst) if self.configured else size
        likely = SMALLEST.requests_per_second if size <= SMALLEST.burst else 0.32 * size
        self.rate = self.configured.requests_per_second if self.configured else likely
        self._evidence.clear()
        if not self.configured:
            # Of the requests still in flight, the tenant may have counted all or none: their answers will tell.
            self.level = 0.0
            self._unsettled = self.in_flight + 1

    def _measure(self, now: float, reading: RateLimitHeaders) -> None:
        """Estimate our rate: tokens left plus tokens spent grow only by what is refilled, less what others take.

        Which requests in flight are counted already is not known, so both sums have bounds, and so has the rate.
        """
        if reading.remaining >= reading.limit - 1:
            # A full bucket loses what is refilled: nothing can be measured, but the pace was too slow.
            self._evidence.clear()
            if self.configured:
                self.rate = self.configured.requests_per_second
            else:
                self.level = max(self.level, self.capacity / 2 - self.in_flight)
        low = reading.remaining + self._spent - 1
        high = reading.remaining + self._spent + self.in_flight + 1
        slowest, fastest = 0.0, float("inf")
        for then, low_then, high_then in self._evidence:
            if now > then:
                slowest = max(slowest, (low - high_then) / (now - then))
                fastest = min(fastest, (high - low_then) / (now - then))
        if self.rate < slowest:
            self.rate = min((slowest + fastest) / 2, 2 * slowest)
        self.rate = max(_SLOWEST, min(self.rate, fastest))
        if self.configured:
            self.rate = min(self.rate, self.configured.requests_per_second)
        if not self._evidence or now - self._evidence[-1][0] >= _WINDOW / 80:
            self._evidence.append((now, low, high))
        while now - self._evidence[0][0] > _WINDOW:
            self._evidence.popleft()


class Pace:
    """One bucket, shared by all threads and event loops of the process."""

    _of_tenant: ClassVar[dict[str, "Pace"]] = {}
    _registry = threading.Lock()

    def __init__(self, configured: RateLimit | None = None) -> None:
        self._lock = threading.Lock()
        self._bucket = Bucket(configured, time.monotonic())

    @classmethod
    def of(cls, tenant_url: str, configured: RateLimit | None) -> "Pace":
        """Return the pace of everything in this process that calls `tenant_url`."""
        with cls._registry:
            pace = cls._of_tenant.get(tenant_url)
            if pace is None:
                pace = cls._of_tenant[tenant_url] = Pace(configured)
            elif configured is not None:
                pace.configure(configured)
            return pace

    def configure(self, configured: RateLimit) -> None:
        with self._lock:
            self._bucket.configure(configured, time.monotonic())

    async def acquire(self) -> float:
        """Wait until one more request may be sent, and return the time of that, for `answered`.

        Every acquire is followed by one `answered` or `unanswered`.
        """
        while (delay := self._take()) > 0:
            # Woken at least every five seconds, since the tenant may have told something new in between.
            await asyncio.sleep(min(delay, 5.0))
        return time.monotonic()

    def answered(self, reading: RateLimitHeaders | None, *, sent: float, throttled_for: float | None = None) -> None:
        """Note an answer; `throttled_for`: seconds to hold everybody back after a 429."""
        with self._lock:
            now = time.monotonic()
            self._bucket.answered(now, reading, sent=sent, throttled=throttled_for is not None)
            if throttled_for is not None:
                self._bucket.throttled(now, throttled_for)

    def unanswered(self) -> None:
        with self._lock:
            self._bucket.unanswered()

    def _take(self) -> float:
        with self._lock:
            return self._bucket.take(time.monotonic())
