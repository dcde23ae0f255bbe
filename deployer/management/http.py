"""Makes one HTTP exchange: counts, logs and bounds it, and keeps the complete `Response` or raises a typed error.

`Recorder` is the httpx client that auth0-python is given. It keeps each answer as the tenant sent it, so that nothing
depends on how the SDK's models read it.
"""

import asyncio
import logging
import os
import socket
import ssl
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpx

from deployer.errors import DeployerError
from deployer.management.errors import Unreachable
from deployer.text import one_line

log = logging.getLogger("deployer.http")

MAX_RESPONSE_BYTES = 128 * 1024 * 1024
"""Bytes of one decoded answer: a page of 100 connections full of 100 kB scripts is below it."""


@dataclass(frozen=True)
class Timeouts:
    """Seconds. `total` bounds one whole exchange, however slowly its bytes drip."""

    connect: float = 10.0
    read: float = 60.0
    write: float = 60.0
    total: float = 180.0


@dataclass(frozen=True)
class Response:
    """What came back. `request`: method and path of what was asked, for messages."""

    request: str
    status: int
    headers: httpx.Headers = field(repr=False)
    body: bytes = field(repr=False)


@dataclass
class Slot:
    """Where the exchange of the current call is kept."""

    request: str | None = None
    response: Response | None = None


_current: ContextVar[Slot | None] = ContextVar("deployer_http_slot", default=None)


@contextmanager
def recording() -> Iterator[Slot]:
    """Keep the answer of the one exchange made inside."""
    slot = Slot()
    token = _current.set(slot)
    try:
        yield slot
    finally:
        _current.reset(token)


class ResponseTooLarge(httpx.RequestError):
    """The answer is larger than `MAX_RESPONSE_BYTES`."""


class Recorder(httpx.AsyncClient):
    """An httpx client (environment proxies and SSL_CERT_FILE included) that never follows a redirect with a token."""

    def __init__(self, timeouts: Timeouts, connections: int) -> None:
        super().__init__(
            verify=_ssl_context(*_authorities()),
            timeout=httpx.Timeout(connect=timeouts.connect, read=timeouts.read, write=timeouts.write, pool=None),
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
            follow_redirects=False,
            trust_env=_may_need_proxy(),
        )
        self.requests = 0
        self._total = timeouts.total

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send, read the whole answer within the bounds, keep it in the current slot."""
        self.requests += 1
        number, began = self.requests, time.monotonic()
        path = one_line(request.url.path)
        slot = _current.get()
        if slot is not None:
            slot.request = f"{request.method} {path}"
        outcome = "failed"
        try:
            async with asyncio.timeout(self._total):
                options["stream"] = True
                response = await super().send(request, **options)
                body = await _read(response)
            outcome = str(response.status_code)
        except httpx.RequestError as error:
            outcome = type(error).__name__
            raise
        except TimeoutError:
            outcome = "too slow"
            raise
        finally:
            elapsed = (time.monotonic() - began) * 1000
            log.debug("#%d %s %s: %s in %.0f ms", number, request.method, path, outcome, elapsed)
        if slot is not None:
            slot.response = Response(f"{request.method} {path}", response.status_code, response.headers, body)
        # Nobody reads it but the SDK, whose models of a page of scripts cost more than the request.
        return httpx.Response(response.status_code, request=request)


def _may_need_proxy() -> bool:
    """Return whether httpx has to look for a proxy: it searches the whole environment, for each tenant anew."""
    names = ("http_proxy", "https_proxy", "all_proxy")
    system_has_settings = sys.platform in ("darwin", "win32")
    return system_has_settings or any(os.environ.get(name) or os.environ.get(name.upper()) for name in names)


_BUNDLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""The variables by which companies name their authorities, in the order in which they are heard."""


def _authorities() -> tuple[str | None, str | None, str | None]:
    """Find the variable that names whom to trust, its file, its folder; all None for the usual authorities."""
    for name in _BUNDLES:
        if path := os.environ.get(name):
            return (name, None, path) if os.path.isdir(path) else (name, path, None)  # noqa: PTH112
    folder = os.environ.get("SSL_CERT_DIR")
    return ("SSL_CERT_DIR" if folder else None, None, folder or None)


@cache
def _ssl_context(variable: str | None, file: str | None, folder: str | None) -> ssl.SSLContext:
    """Build the context that says whom to trust, once: reading the authorities takes longer than most requests."""
    if variable is None:
        return httpx.create_ssl_context()
    try:
        return ssl.create_default_context(cafile=file, capath=folder)
    except OSError as error:
        why = "it holds no certificate" if isinstance(error, ssl.SSLError) else error.strerror
        raise DeployerError(
            f"the certificate authorities cannot be read: {why}",
            where=f"{variable} ({one_line(file or folder or '', 200)})",
            hint="Name a file with the authorities' certificates, in PEM.",
        ) from None


async def _read(response: httpx.Response) -> bytes:
    body = bytearray()
    try:
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > MAX_RESPONSE_BYTES:
                raise ResponseTooLarge("the answer is too large")
    finally:
        await response.aclose()
    return bytes(body)


def unreachable(error: BaseException, where: str, host: str, request: str | None) -> Unreachable:
    """Build the typed error for an exchange that brought no complete answer."""
    unsent = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.ProxyError)
    sent = not unsent and not isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError)
    causes = list(_causes(error))
    permanent = isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError)
    hint = "Check the network and try again."
    if certificate := next((c for c in causes if isinstance(c, ssl.SSLCertVerificationError)), None):
        what = f"the certificate of {host} is not trusted: {one_line(certificate.verify_message or 'unknown reason')}"
        hint = "Behind a company proxy, or with a local tenant, set SSL_CERT_FILE to the PEM file of its authority."
        permanent = True
    elif any(isinstance(c, ssl.SSLError) for c in causes):
        what = f"no TLS connection to {host}: {one_line(str(error))}"
        hint = "Check that the address is right and speaks https; SSL_CERT_FILE names extra authorities to trust."
        permanent = unsent
    elif any(isinstance(c, socket.gaierror) for c in causes):
        what = f"the name {host} cannot be resolved"
        hint = "Check `domain` in the tenant's file and the network's DNS."
    elif isinstance(error, httpx.ConnectTimeout):
        what = f"{host} does not answer (connection timed out)"
    elif isinstance(error, httpx.TimeoutException | TimeoutError):
        what = f"{host} did not answer in time"
    elif isinstance(error, ResponseTooLarge):
        what, permanent = f"the answer of {host} is larger than {MAX_RESPONSE_BYTES // 1024 // 1024} MB", True
        hint = "That is no answer of Auth0; check `domain` and `base_url`."
    elif isinstance(error, httpx.ConnectError):
        what = f"no connection to {host}: {one_line(_reason(causes) or str(error))}"
        hint = "Check that the address is right and that the tenant (or `deployer sandbox`) is running."
    elif isinstance(error, httpx.ProxyError):
        what = f"the proxy refused to connect to {host}: {one_line(str(error))}"
        hint = "Check HTTPS_PROXY and NO_PROXY."
    else:
        what = f"the connection to {host} broke off: {one_line(str(error) or type(error).__name__)}"
    return Unreachable(what, sent=sent, permanent=permanent, where=where, hint=hint, request=request)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield the error, what it came from, and the members of groups of errors (one for each address of a host)."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for member in error.exceptions:
                yield from _causes(member)
        error = error.__cause__ or error.__context__


def _reason(causes: list[BaseException]) -> str | None:
    """Find the operating system's word, such as `Connection refused`."""
    return next((c.strerror for c in causes if isinstance(c, OSError) and c.strerror), None)
