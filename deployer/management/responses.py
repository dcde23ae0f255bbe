"""Turns what a tenant answers into JSON values or typed errors, by each status and body that Auth0 documents."""

import json
import re
import time
from collections.abc import Iterable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from deployer.management.errors import (
    Conflict,
    InvalidRequest,
    ManagementError,
    MissingScope,
    NotFound,
    ServerError,
    Throttled,
    UnexpectedResponse,
    WrongCredentials,
)
from deployer.management.http import Response
from deployer.management.pacing import RateLimitHeaders
from deployer.text import one_line

_SCOPE = re.compile(r"\b(?:read|create|update|delete|run|blacklist):[a-z0-9_]+\b")
_HALF_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")
_HIDDEN_KEYS = {"configuration", "secrets", "client_secret", "signing_secret", "value", "client_assertion"}
_ADDRESS = "Check `domain` and `base_url` in the tenant's file, and whether a proxy answers in the tenant's place."

MAX_WAIT = 120.0
"""Seconds: a tenant that asks for a longer pause is asked again after this."""


def parse(response: Response, where: str) -> Any:
    """Parse the JSON of a 2xx answer, exactly as sent; None for an empty body. Raises UnexpectedResponse."""
    if not response.body.strip():
        return None
    try:
        value = json.loads(response.body)
        if _HALF_CHARACTER.search(response.body):
            # No text that can be shown, kept or digested: half of a surrogate pair.
            json.dumps(value, ensure_ascii=False).encode()
        return value
    except UnicodeEncodeError:
        raise wrong_shape("text that can be written down (it holds half of a character)", response, where) from None
    except (ValueError, RecursionError):
        raise not_json(response, where) from None


def not_json(response: Response, where: str) -> UnexpectedResponse:
    """Build the error for a body that is no JSON."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    broken = kind.endswith("json")
    what = "the answer breaks off or is damaged" if broken else f"the answer is {one_line(kind) or 'no JSON'}, not JSON"
    return UnexpectedResponse(
        f"{what} ({response.status} to {response.request})",
        broken=broken,
        where=where,
        hint=_ADDRESS,
        request=response.request,
        status=response.status,
    )


def wrong_shape(expected: str, response: Response, where: str) -> UnexpectedResponse:
    """Build the error for JSON that is not what Auth0 documents."""
    return UnexpectedResponse(
        f"the answer to {response.request} is not {expected}",
        where=where,
        hint=_ADDRESS,
        request=response.request,
        status=response.status,
    )


def error_of(response: Response, where: str, hidden: Iterable[str] = ()) -> ManagementError | None:
    """Find the typed error an answer stands for; None for 2xx. `hidden`: secrets to keep out of the message."""
    status, request = response.status, response.request
    if 200 <= status < 300:
        return None
    body = _error_body(response)
    message = one_line(redact(_message(body), hidden))
    if status == 429:
        wait = retry_after(response.headers)
        return Throttled(
            f"the tenant keeps answering that there are too many requests ({request})",
            wait=wait,
            where=where,
            hint="Something else uses up this tenant's rate limit; try again later.",
            request=request,
        )
    if status == 408 or status >= 500:
        detail = f": {message}" if message else ""
        return ServerError(
            f"the tenant answered {status} to {request}{detail}",
            where=where,
            hint="Auth0 has a problem of its own; see https://status.auth0.com and try again.",
            request=request,
            status=status,
        )
    if body is None:
        return not_json(response, where)
    if status == 401:
        return WrongCredentials(
            f"the tenant refuses the token: {message}",
            where=where,
            hint="Check that the credentials and `domain` belong to the same tenant.",
            request=request,
            status=status,
        )
    if status == 403 and (scopes := _SCOPE.findall(_message(body))):
        return _missing(scopes, where, request)
    kinds: Mapping[int, type[ManagementError]] = {404: NotFound, 409: Conflict}
    if status == 404 and body.get("statusCode") != 404:  # somebody else's 404 must not mean "the tenant has none"
        return wrong_shape("an answer of Auth0's Management API", response, where)
    kind = kinds.get(status, InvalidRequest)
    what = f"the tenant refused {request} with {status}: {message or 'no reason given'}"
    return kind(what, where=where, hint=None, request=request, status=status)


def missing_options(scope: str, where: str, request: str | None) -> MissingScope:
    """Build the error for options left out of a connection, as happens without the scope for them.

    https://auth0.com/docs/troubleshoot/product-lifecycle/deprecations-and-migrations/migrate-connection-options-scope
    """
    return MissingScope(
        "the tenant leaves out the options of its connections, scripts included, so nothing can be compared",
        scopes=[scope],
        where=where,
        hint=f"Grant the application the scope {scope} of the Management API.",
        request=request,
    )


def _missing(scopes: list[str], where: str, request: str) -> MissingScope:
    names = " or ".join(dict.fromkeys(scopes))
    return MissingScope(
        f"the application lacks the scope {names}, which {request} needs",
        scopes=tuple(dict.fromkeys(scopes)),
        where=where,
        hint="Grant it in the Dashboard: Applications > APIs > Auth0 Management API > Machine to Machine Applications.",
        request=request,
        status=403,
    )


def rate_limit_headers(headers: httpx.Headers) -> RateLimitHeaders | None:
    """Read the rate-limit headers, if both are there and make sense."""
    try:
        limit, remaining = int(headers["x-ratelimit-limit"]), int(headers["x-ratelimit-remaining"])
    except (KeyError, ValueError):
        return None
    return RateLimitHeaders(limit, max(0, remaining)) if 0 < limit < 1_000_000 else None


def retry_after(headers: httpx.Headers) -> float | None:
    """Read how many seconds a 429 asks to wait: Retry-After (seconds, a date) or X-RateLimit-Reset (epoch seconds)."""
    after = headers.get("retry-after", "").strip()
    seconds: float | None = None
    try:
        seconds = float(after) if after else float(headers["x-ratelimit-reset"]) - time.time()
    except (KeyError, ValueError):
        if after:
            try:
                seconds = parsedate_to_datetime(after).timestamp() - time.time()
            except ValueError:
                seconds = None
    if seconds is None or seconds != seconds:  # noqa: PLR0124  NaN is not equal to itself
        return None
    return min(max(seconds, 0.0), MAX_WAIT)


def secrets_in(body: Any, inside: bool = False) -> Iterable[str]:
    """Find the values in a request's body that must never be shown: configuration, secrets, keys."""
    if isinstance(body, Mapping):
        for key, value in body.items():
            yield from secrets_in(value, inside or key in _HIDDEN_KEYS)
    elif isinstance(body, list | tuple):
        for value in body:
            yield from secrets_in(value, inside)
    elif inside and isinstance(body, str) and len(body) >= 4:
        yield body


def redact(text: str, hidden: Iterable[str]) -> str:
    """Replace the hidden values in a text, should a tenant repeat them."""
    for secret in sorted(set(hidden), key=len, reverse=True):
        for form in (secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]):
            text = text.replace(form, "(hidden)")
    return text


def _error_body(response: Response) -> dict[str, Any] | None:
    """Parse the body of an error, None if it is no JSON object."""
    try:
        body = json.loads(response.body)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _message(body: dict[str, Any] | None) -> str:
    """Find Auth0's own words: `message` from the Management API, `error_description` from /oauth/token."""
    for key in ("message", "error_description", "error"):
        value = (body or {}).get(key)
        if isinstance(value, str) and value:
            return value
    return ""


def token_error_of(response: Response, where: str, hidden: Iterable[str]) -> ManagementError | None:
    """Find the typed error an answer of /oauth/token stands for; None for 2xx."""
    if response.status in {400, 401, 403} and (body := _error_body(response)) is not None:
        message = one_line(redact(_message(body), hidden))
        hint = "Check client_id and the secret (or key) of the tenant's file, and that they belong to this tenant."
        if response.status != 401:
            hint = (
                "The application must be a machine-to-machine one that is authorised for the Auth0 Management API "
                "(Dashboard: Applications > APIs > Auth0 Management API)."
            )
        return WrongCredentials(
            f"the tenant gives no token for these credentials: {message or response.status}",
            where=where,
            hint=hint,
            request=response.request,
            status=response.status,
        )
    error = error_of(response, where, hidden)
    if isinstance(error, NotFound | InvalidRequest):
        error.hint = "Check `domain` in the tenant's file: this does not look like an Auth0 tenant."
    return error
