"""Pacing: the local copy of the tenant's bucket, in simulated time, and shared among threads and loops."""

import asyncio
import threading
import time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from deployer.errors import DeployerError
from deployer.management.access import RateLimit
from deployer.management.pacing import Bucket, Pace, RateLimitHeaders
from tests.support.simulated_tenant import run

ENTERPRISE = RateLimit(16, 50)


@pytest.mark.parametrize("latency", [0.001, 0.05, 0.2])
@pytest.mark.parametrize("configured", [None, ENTERPRISE])
def test_200_requests_take_at_most_1_08_times_what_the_limit_allows(
    latency: float, configured: RateLimit | None
) -> None:
    outcome = run(200, ENTERPRISE, latency=latency, configured=configured)
    assert outcome.seconds <= 1.08 * outcome.ideal + latency
    assert outcome.throttled == 0


def test_the_limit_is_used_up_to_95_percent_and_no_more() -> None:
    outcome = run(1000, ENTERPRISE, configured=ENTERPRISE)
    assert 0.93 < outcome.ideal / outcome.seconds <= 0.951
    # Not told the rate, it takes a bucket that stays full as a sign that there is more.
    assert 0.93 < (learned := run(1000, ENTERPRISE)).ideal / learned.seconds <= 1.0


@settings(max_examples=100, deadline=None)
@given(
    rate=st.floats(0.5, 40),
    burst=st.integers(10, 200),
    full=st.floats(0, 1),
    latency=st.floats(0.001, 0.3),
    told=st.booleans(),
)
def test_any_limit_is_used_well(rate: float, burst: int, full: float, latency: float, told: bool) -> None:
    # The headers tell the burst alone; the published limits sustain a fifth to a third of it each second.
    assume(told or rate <= 0.7 * burst)
    limit = RateLimit(rate, burst)
    requests = burst + 150
    outcome = run(
        requests, limit, configured=limit if told else None, level=full * burst, latency=latency, concurrency=25
    )
    # A start into an empty bucket costs one pause of what the tenant asks for; an unknown rate has to be found out.
    pause = max(1.0, 2 / rate)
    assert outcome.seconds <= (1.08 if told else 1.5) * outcome.ideal + 3 * pause + 3 * latency
    assert outcome.throttled <= (25 if told else 25 + requests / 3)


@settings(max_examples=50, deadline=None)
@given(others=st.floats(0, 12), told=st.booleans())
def test_others_on_the_same_tenant_are_made_room_for(others: float, told: bool) -> None:
    outcome = run(300, ENTERPRISE, others=others, configured=ENTERPRISE if told else None)
    assert outcome.seconds <= 1.2 * outcome.ideal + 3
    assert outcome.throttled <= 40


def test_a_configured_limit_is_kept_below_what_the_tenant_allows() -> None:
    outcome = run(100, ENTERPRISE, configured=RateLimit(4, 10))
    assert outcome.seconds >= (100 - 10) / 4
    assert outcome.seconds <= (100 - 10) / 4 * 1.1


def test_a_wrong_configured_limit_is_corrected_by_what_the_tenant_says() -> None:
    outcome = run(80, RateLimit(2, 10), configured=RateLimit(16, 50))
    assert outcome.seconds <= 1.25 * outcome.ideal + 5
    assert outcome.throttled <= 40


def test_without_headers_there_is_no_limit() -> None:
    bucket = Bucket()
    assert bucket.take(0.0) == 0.0
    bucket.answered(0.1, None, sent=0.0)
    assert all(bucket.take(0.1) == 0.0 for _ in range(500))


def test_a_429_without_headers_holds_everybody_back() -> None:
    bucket = Bucket()
    bucket.take(0.0)
    bucket.answered(0.1, None, sent=0.0)
    bucket.take(0.1)
    bucket.answered(0.2, None, sent=0.1, throttled=True)
    bucket.throttled(0.2, 3.0)
    assert bucket.take(0.2) == pytest.approx(3.0)
    assert bucket.take(3.1) == pytest.approx(0.1)
    assert bucket.take(3.2) == 0.0


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["take", "answer", "throttled", "lost"]),
            st.floats(0, 5),
            st.integers(1, 100),
            st.integers(0, 100),
        ),
        max_size=200,
    )
)
def test_whatever_the_tenant_says_the_wait_stays_finite(events: list[tuple[str, float, int, int]]) -> None:
    bucket, now = Bucket(), 0.0
    for kind, step, limit, remaining in events:
        now += step
        if kind == "take":
            assert 0.0 <= bucket.take(now) <= 60.0
        elif kind == "answer":
            bucket.answered(now, RateLimitHeaders(limit, remaining), sent=now - step)
        elif kind == "lost":
            bucket.unanswered()
        else:
            bucket.answered(now, RateLimitHeaders(limit, 0), sent=now - step, throttled=True)
            bucket.throttled(now, 2.0)
        assert bucket.level <= bucket.capacity
        assert bucket.in_flight >= 0
    # Left alone, it always lets somebody through again.
    assert bucket.take(now + 1000) == 0.0


def test_one_pace_is_shared_by_all_threads_and_loops() -> None:
    url = f"http://shared-{time.time_ns()}"
    limit = RateLimit(40, 5)
    sent: list[float] = []

    async def some() -> None:
        pace = Pace.of(url, limit)
        for _ in range(10):
            sent.append(await pace.acquire())
            pace.unanswered()

    threads = [threading.Thread(target=lambda: asyncio.run(some())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sent) == 30
    # 5 at once, 25 more at 38 a second: three separate buckets would need a fifth of that.
    assert max(sent) - min(sent) >= 25 / 38 * 0.95


@pytest.mark.parametrize(("rate", "burst"), [(0, 5), (-1, 5), (2, 0)])
def test_a_limit_that_lets_nothing_through_is_refused(rate: float, burst: float) -> None:
    with pytest.raises(DeployerError, match="nothing through"):
        RateLimit(rate, burst)
