"""Decides what befalls each request to a tenant: latency, a rate limit, faults by rule.

Rate limits and their headers: https://auth0.com/docs/troubleshoot/customer-support/operational-policies/rate-limit-policy
"""

import math
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["status", "drop_before", "drop_after", "truncate", "slow", "late"]
KINDS: tuple[Kind, ...] = ("status", "drop_before", "drop_after", "truncate", "slow", "late")


@dataclass(slots=True)
class Fault:
    """What happens to the `nth` request (from 1) that matches, and to `times` in all from there on (None: to all).

    `method` is `*` or a method, `path` a pattern for the whole path in which `*` stands for anything. `status` answers
    with that error instead of doing anything, `drop_before` closes the connection before and `drop_after` after the
    request has taken effect, `truncate` sends half of the answer, `slow` waits `seconds` before the request takes
    effect, `late` after it has and before it answers.
    """

    kind: Kind
    method: str = "*"
    path: str = "*"
    nth: int = 1
    times: int | None = 1
    status: int = 500
    seconds: float = 1.0
    seen: int = field(default=0, repr=False)

    def matches(self, method: str, path: str) -> bool:
        """Return whether the rule speaks of this request."""
        pattern = ".*".join(re.escape(part) for part in self.path.split("*"))
        return self.method in ("*", method) and re.fullmatch(pattern, path, re.DOTALL) is not None

    def count_match(self) -> bool:
        """Count a request that matches, and return whether it is one of those that are hit."""
        self.seen += 1
        return self.seen >= self.nth and (self.times is None or self.seen < self.nth + self.times)


@dataclass(frozen=True, slots=True)
class RateLimit:
    """Requests a second in the long run, and how many may come at once."""

    per_second: float
    burst: int


@dataclass(frozen=True, slots=True)
class Passing:
    """A request that passes: the `number`th since the tenant began, before or after it takes effect."""

    number: int
    method: str
    path: str
    phase: Literal["before", "after"]


Watcher = Callable[[Passing], bool | None]
"""Is told of each request twice; False cuts the connection: before it takes effect, or before it is answered."""


class Weather:
    """Latency in seconds, a rate limit and fault rules; may be changed at any time from any thread.

    `on_request` is called in the server's own thread, with nothing of the tenant held: it may change the tenant, too.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._limit: RateLimit | None = None
        self._tokens = 0.0
        self._filled = 0.0
        self.latency = 0.0
        self.requests = 0
        self.on_request: Watcher | None = None

    @property
    def calm(self) -> bool:
        """Whether there is nothing to look at."""
        return not self._faults and self._limit is None and not self.latency and self.on_request is None

    @property
    def rate_limit(self) -> RateLimit | None:
        """The limit in force."""
        return self._limit

    @rate_limit.setter
    def rate_limit(self, limit: RateLimit | None) -> None:
        with self._lock:
            self._limit = limit
            self._tokens = float(limit.burst) if limit else 0.0
            self._filled = time.monotonic()

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The rules in force."""
        return tuple(self._faults)

    def add_fault(self, kind: Kind, **rule: Any) -> Fault:
        """Put a rule in force; see Fault for what it takes."""
        fault = Fault(kind, **rule)
        with self._lock:
            self._faults = [*self._faults, fault]
        return fault

    def clear(self) -> None:
        """Make fair weather: no faults, no limit, no latency, nobody who watches."""
        with self._lock:
            self._faults = []
        self.rate_limit = None
        self.on_request = None
        self.latency = 0.0

    def next_fault(self, method: str, path: str) -> Fault | None:
        """Find the first rule that hits this request; every rule that matches has counted it."""
        with self._lock:
            hit = None
            for fault in self._faults:
                if fault.matches(method, path) and fault.count_match() and hit is None:
                    hit = fault
            return hit

    def admit(self) -> tuple[bool, dict[str, str]]:
        """Take one request from the bucket, and return whether it may pass and the headers that say so."""
        with self._lock:
            limit = self._limit
            if limit is None:
                return True, {}
            now = time.monotonic()
            self._tokens = min(limit.burst, self._tokens + (now - self._filled) * limit.per_second)
            self._filled = now
            allowed = self._tokens >= 1
            if allowed:
                self._tokens -= 1
            missing = limit.burst - self._tokens
            headers = {
                "x-ratelimit-limit": str(limit.burst),
                "x-ratelimit-remaining": str(int(self._tokens)),
                "x-ratelimit-reset": str(math.ceil(time.time() + missing / limit.per_second)),
            }
            if not allowed:
                headers["retry-after"] = str(max(1, math.ceil((1 - self._tokens) / limit.per_second)))
            return allowed, headers
