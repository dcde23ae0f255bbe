"""A tenant's token bucket and its callers in simulated time: how long do N requests take, how many are throttled?"""

import heapq
import itertools
import math
from dataclasses import dataclass

from deployer.management.access import RateLimit
from deployer.management.pacing import Bucket, RateLimitHeaders


@dataclass
class Outcome:
    seconds: float
    throttled: int
    ideal: float


class Tenant:
    def __init__(self, limit: RateLimit, level: float, others: float) -> None:
        self.limit, self.level, self.others, self.filled = limit, level, others, 0.0

    def request(self, now: float) -> tuple[bool, RateLimitHeaders, float]:
        net = self.limit.requests_per_second - self.others
        self.level = min(self.limit.burst, self.level + (now - self.filled) * net)
        self.filled = now
        allowed = self.level >= 1
        if allowed:
            self.level -= 1
        retry_after = max(1, math.ceil((1 - self.level) / net)) if not allowed else 0
        return allowed, RateLimitHeaders(int(self.limit.burst), int(max(0, self.level))), retry_after


def run(
    requests: int,
    limit: RateLimit,
    *,
    configured: RateLimit | None = None,
    latency: float = 0.05,
    concurrency: int = 10,
    level: float | None = None,
    others: float = 0.0,
) -> Outcome:
    """Make `requests` at the pace of one Bucket, `concurrency` at once, each repeated until it is not throttled."""
    full = limit.burst if level is None else level
    tenant, bucket = Tenant(limit, full, others), Bucket(configured)
    order = itertools.count()
    events: list[tuple[float, int, str, tuple[bool, RateLimitHeaders, float] | None]] = []
    for _ in range(min(concurrency, requests)):
        heapq.heappush(events, (0.0, next(order), "ask", None))
    started, done, throttled, now = min(concurrency, requests), 0, 0, 0.0
    while done < requests:
        now, _, kind, verdict = heapq.heappop(events)
        if kind == "ask":
            delay = bucket.take(now)
            if delay > 0:
                heapq.heappush(events, (now + delay + 0.001, next(order), "ask", None))
            else:
                heapq.heappush(events, (now + latency / 2, next(order), "arrive", None))
        elif kind == "arrive":
            heapq.heappush(events, (now + latency / 2, next(order), "answer", tenant.request(now)))
        else:
            assert verdict is not None
            allowed, reading, retry_after = verdict
            bucket.answered(now, reading, sent=now - latency, throttled=not allowed)
            if not allowed:
                throttled += 1
                bucket.throttled(now, retry_after)
                heapq.heappush(events, (now + 0.1, next(order), "ask", None))
                continue
            done += 1
            if started < requests:
                started += 1
                heapq.heappush(events, (now, next(order), "ask", None))
    ideal = max(0.0, (requests - full) / (limit.requests_per_second - others))
    return Outcome(now, throttled, ideal)
