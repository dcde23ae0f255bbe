"""Delays, breaks or refuses requests to a tenant as its weather says."""

import asyncio
import json
from collections.abc import Awaitable, Callable

from starlette.types import Message, Receive, Scope, Send

from deployer.sandbox.errors import ApiError
from deployer.sandbox.transports import abort
from deployer.sandbox.weather import Fault, Passing, Weather

Serve = Callable[[Scope, Receive, Send], Awaitable[None]]


class WeatherMiddleware:
    """Wraps the application in the weather of the tenant that the request is for."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        weather: Weather = scope["tenant"].weather
        weather.requests += 1
        number = weather.requests
        if weather.calm or scope["path"].startswith("/__sandbox__/"):
            await self._serve(scope, receive, send)
            return
        if weather.latency:
            await asyncio.sleep(weather.latency)
        if scope["path"].startswith("/api/v2/"):
            allowed, headers = weather.admit()
            send = _with_headers(send, headers)
            if not allowed:
                error = ApiError(429, "Global limit has been reached", "too_many_requests")
                await _send_error(send, error)
                return
        watcher = weather.on_request
        if watcher is not None and watcher(Passing(number, scope["method"], scope["path"], "before")) is False:
            abort(scope)
            return
        fault = weather.next_fault(scope["method"], scope["path"])
        if fault is not None:
            await self._inflict(fault, scope, receive, send)
        elif watcher is None:
            await self._serve(scope, receive, send)
        else:
            held: list[Message] = []
            await self._serve(scope, receive, _hold(held))
            if watcher(Passing(number, scope["method"], scope["path"], "after")) is False:
                abort(scope)
                return
            for message in held:
                await send(message)

    async def _inflict(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        if fault.kind == "status":
            await _send_error(send, ApiError(fault.status, f"Injected by the sandbox ({fault.status})"))
        elif fault.kind == "drop_before":
            abort(scope)
        elif fault.kind == "drop_after":
            await self._serve(scope, receive, _swallow)
            abort(scope)
        elif fault.kind == "truncate":
            await self._serve(scope, receive, _Truncating(scope, send))
        elif fault.kind == "late":
            held: list[Message] = []
            await self._serve(scope, receive, _hold(held))
            await asyncio.sleep(fault.seconds)
            for message in held:
                await send(message)
        else:
            await asyncio.sleep(fault.seconds)
            await self._serve(scope, receive, send)


class _Truncating:
    """Announces the whole body, sends half of it and closes the connection."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] != "http.response.body":
            await self._send(message)
            return
        body: bytes = message.get("body", b"")
        await self._send({**message, "body": body[: len(body) // 2], "more_body": True})
        abort(self._scope, flush=True)


async def _swallow(_message: Message) -> None:
    """Drop a message: the client never hears it."""


def _hold(messages: list[Message]) -> Send:
    """Keep an answer back."""

    async def hold(message: Message) -> None:
        messages.append(message)

    return hold


def _with_headers(send: Send, headers: dict[str, str]) -> Send:
    if not headers:
        return send
    extra = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *extra]}
        await send(message)

    return sending


async def _send_error(send: Send, error: ApiError) -> None:
    body = json.dumps(error.body()).encode()
    headers = [(b"content-length", str(len(body)).encode()), (b"content-type", b"application/json; charset=utf-8")]
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
