"""Answers of any kind become JSON or typed errors: nothing that a tenant sends raises anything else."""

import contextlib
import json
import time
from collections.abc import Callable
from email.utils import formatdate

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployer.management.errors import ManagementError, UnexpectedResponse
from deployer.management.http import Response
from deployer.management.pacing import RateLimitHeaders
from deployer.management.responses import (
    MAX_WAIT,
    error_of,
    parse,
    rate_limit_headers,
    redact,
    retry_after,
    secrets_in,
    token_error_of,
)

SCALARS = st.none() | st.booleans() | st.floats() | st.text()
JSON = st.recursive(SCALARS, lambda part: st.lists(part) | st.dictionaries(st.text(), part), max_leaves=8)
BODIES = (
    st.binary(max_size=100)
    | JSON.map(lambda value: json.dumps(value).encode())
    | st.builds(lambda message: json.dumps({"statusCode": 403, "message": message}).encode(), JSON)
)
HEADERS = st.dictionaries(
    st.sampled_from(["retry-after", "x-ratelimit-reset", "x-ratelimit-limit", "x-ratelimit-remaining", "content-type"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40)
    | st.integers().map(str)
    | st.floats().map(str)
    | st.sampled_from(["Wed, 99 Jan 99999 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 -2359", "9" * 5000]),
)


@given(st.integers(100, 999), HEADERS, BODIES)
def test_every_answer_is_understood_or_a_typed_error(status: int, headers: dict[str, str], body: bytes) -> None:
    answer = Response("GET /api/v2/x", status, httpx.Headers(headers), body)
    for find in (error_of, token_error_of):
        error = find(answer, "here", ["secret"])
        assert (error is None) == (200 <= status < 300)
        if error is not None:
            assert isinstance(error, ManagementError)
            assert "\x1b" not in str(error)
            assert "\n" not in str(error)
    with contextlib.suppress(UnexpectedResponse):
        parse(answer, "here")
    wait = retry_after(answer.headers)
    assert wait is None or 0 <= wait <= MAX_WAIT
    found = rate_limit_headers(answer.headers)
    assert found is None or (found.limit > 0 and found.remaining >= 0)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "1.5", "x-ratelimit-reset": "0"}, 1.5),
        ({"retry-after": "100000"}, MAX_WAIT),
        ({"retry-after": "-4"}, 0.0),
        ({"x-ratelimit-reset": "12"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], wait: float | None) -> None:
    assert retry_after(httpx.Headers(headers)) == wait


@pytest.mark.parametrize(
    ("header", "write"),
    [("retry-after", lambda at: formatdate(at, usegmt=True)), ("x-ratelimit-reset", lambda at: f"{at:.0f}")],
    ids=["a date", "epoch seconds"],
)
def test_how_long_to_wait_until_a_time(header: str, write: Callable[[float], str]) -> None:
    wait = retry_after(httpx.Headers({header: write(time.time() + 30)}))
    assert wait is not None
    assert 27 < wait < 32


def test_readings() -> None:
    assert rate_limit_headers(
        httpx.Headers({"X-RateLimit-Limit": "50", "X-RateLimit-Remaining": "49"})
    ) == RateLimitHeaders(50, 49)
    assert rate_limit_headers(httpx.Headers({"X-RateLimit-Limit": "50"})) is None
    assert rate_limit_headers(httpx.Headers({"X-RateLimit-Limit": "0", "X-RateLimit-Remaining": "0"})) is None


def test_what_is_secret_in_a_payload() -> None:
    payload = {
        "name": "shown",
        "options": {"configuration": {"URL": "one secret", "n": 5, "x": "abc"}, "customScripts": {"login": "shown"}},
        "secrets": [{"name": "KEY", "value": "two secret"}],
    }
    assert set(secrets_in(payload)) == {"one secret", "two secret"}


@given(st.text(min_size=4), st.text(), st.text())
def test_a_secret_is_redacted_wherever_it_is(secret: str, before: str, after: str) -> None:
    assert redact(f"{before}{secret}{after}", [secret]).count("(hidden)") >= 1


@pytest.mark.parametrize("body", [b'{"name": "\\ud800"}', b'["\\uDFFFx"]'])
def test_half_a_character_is_refused(body: bytes) -> None:
    with pytest.raises(UnexpectedResponse, match="half of a character"):
        parse(Response("GET /x", 200, httpx.Headers(), body), "tenant x")


def test_a_whole_pair_is_a_character() -> None:
    assert parse(Response("GET /x", 200, httpx.Headers(), b'"\\ud83d\\ude00"'), "tenant x") == "\U0001f600"
