"""Serves any number of tenants, one port each, as one ASGI application.

Around every endpoint: the weather, the token, the scopes, the JSON body, one transaction, errors as Auth0 words them.
"""

import inspect
import json
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, parse_qsl

from starlette.routing import Route, Router
from starlette.types import Message, Receive, Scope, Send

from deployer.sandbox import resources
from deployer.sandbox.calls import MAX_BODY_BYTES, Call, Endpoint, Response
from deployer.sandbox.errors import ApiError, OAuthError
from deployer.sandbox.tenant import Tenant
from deployer.sandbox.weather_middleware import WeatherMiddleware

_LOG = logging.getLogger("deployer.sandbox")
_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_NO_SCOPES: frozenset[str] = frozenset()


class SandboxApp:
    """Serves the tenants in `tenants`, by the port that they were called at; more can be added while it runs."""

    def __init__(self, tenants: dict[int, Tenant]) -> None:
        self.tenants = tenants
        self._weather = WeatherMiddleware(self._serve)
        paths: dict[str, dict[str, Endpoint]] = {}
        for endpoint in resources.endpoints():
            paths.setdefault(endpoint.path, {})[endpoint.method] = endpoint
        self._router = Router(
            routes=[Route(path, _PathApp(methods)) for path, methods in paths.items()],
            redirect_slashes=False,
            default=_not_found,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of an ASGI server."""
        if scope["type"] != "http":
            return
        tenant = self.tenants.get((scope.get("server") or ("", 0))[1])
        if tenant is None:
            await respond(send, _error(ApiError(404, "There is no tenant at this address.")))
            return
        scope["tenant"] = tenant
        await self._weather(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._router(scope, receive, send)


class _PathApp:
    """The endpoints of one path, by method."""

    def __init__(self, methods: Mapping[str, Endpoint]) -> None:
        self._methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        endpoint = self._methods.get("GET" if scope["method"] == "HEAD" else scope["method"])
        if endpoint is None:
            await _not_found(scope, receive, send)
            return
        try:
            response = await _handle(endpoint, scope, receive)
        except (ApiError, OAuthError) as error:
            response = _error(error)
        except Exception:  # noqa: BLE001 - whatever fails, the client gets an answer and the log the reason
            _LOG.exception("%s %s failed", scope["method"], endpoint.path)
            response = _error(ApiError(500, "Internal error"))
        await respond(send, response)


async def _handle(endpoint: Endpoint, scope: Scope, receive: Receive) -> Response:
    tenant: Tenant = scope["tenant"]
    headers: dict[bytes, bytes] = dict(scope["headers"])
    granted, client_id = _NO_SCOPES, ""
    if not endpoint.public:
        claims = tenant.authenticate(headers.get(b"authorization", b"").decode("latin-1"))
        granted, client_id = claims.scopes, claims.client_id
        if endpoint.scopes and granted.isdisjoint(endpoint.scopes):
            expected = ",".join(endpoint.scopes)
            raise ApiError(403, f"Insufficient scope, expected any of: {expected}", "insufficient_scope")
    query = parse_query(scope["query_string"])
    if scope["method"] not in _WRITES:
        call = Call(tenant, scope.get("path_params", {}), query, None, granted, client_id, headers)
        with tenant.storage.lock:
            result = endpoint.handler(call)
    else:
        body = parse_body(await read_body(receive), headers.get(b"content-type", b"").decode("latin-1"))
        call = Call(tenant, scope.get("path_params", {}), query, body, granted, client_id, headers)
        with tenant.storage.transaction():
            result = endpoint.handler(call)
    return await result if inspect.isawaitable(result) else result


def parse_query(text: bytes) -> dict[str, list[str]]:
    """Parse a query string into every value of every parameter. Raises ApiError 400."""
    if not text:
        return {}
    try:
        return parse_qs(text.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError as error:
        raise ApiError(
            400, "Query validation error: 'the query string is malformed'.", "invalid_query_string"
        ) from error


async def read_body(receive: Receive) -> bytes:
    """Read the whole body. Raises ApiError 413."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            raise ApiError(400, "The request was cut off")
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            raise ApiError(413, f"Payload content length greater than maximum allowed: {MAX_BODY_BYTES}")
        chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks)


def parse_body(data: bytes, content_type: str) -> Any:
    """Parse a JSON value, or a form as a map; None for an empty body. Raises ApiError 400 or 415."""
    if not data:
        return None
    kind = content_type.partition(";")[0].strip().lower()
    try:
        if kind == "application/x-www-form-urlencoded":
            return dict(parse_qsl(data.decode(), keep_blank_values=True, errors="strict", max_num_fields=100))
        if kind not in ("", "application/json") and not kind.endswith("+json"):
            raise ApiError(415, "Unsupported Media Type")
        text = data.decode()
        value = json.loads(text, parse_constant=_refuse_constant)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "Invalid request payload JSON format", "invalid_body") from error
    return value


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _error(error: ApiError | OAuthError) -> Response:
    return Response(error.status, error.body())


async def _not_found(_scope: Scope, _receive: Receive, send: Send) -> None:
    await respond(send, _error(ApiError(404, "Not Found")))


async def respond(send: Send, response: Response) -> None:
    """Send a response."""
    body = response.render()
    headers = [(b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store")]
    if body and "content-type" not in response.headers:
        headers.append((b"content-type", b"application/json; charset=utf-8"))
    headers += [(name.encode(), value.encode()) for name, value in response.headers.items()]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
