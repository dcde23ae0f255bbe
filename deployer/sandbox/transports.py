"""Tracks the network connections of the running server, so that one can be cut: ASGI itself has no word for that."""

import asyncio
from typing import Any

from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

_Address = tuple[str, int]
_open: dict[tuple[_Address, _Address], asyncio.Transport] = {}


def _address(name: Any) -> _Address:
    return (str(name[0]), int(name[1])) if name else ("", 0)


class TrackedProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, which also remembers each connection by its two addresses."""

    _pair: tuple[_Address, _Address] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Note that a client has come."""
        super().connection_made(transport)
        self._pair = (
            _address(transport.get_extra_info("sockname")),
            _address(transport.get_extra_info("peername")),
        )
        _open[self._pair] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that a client has gone."""
        if self._pair is not None:
            _open.pop(self._pair, None)
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Cut an idle connection when the server stops: over TLS a polite end would wait for the client's."""
        idle = self.cycle is None or self.cycle.response_complete
        super().shutdown()
        if idle:
            self.transport.abort()


def abort(scope: Scope, *, flush: bool = False) -> None:
    """Cut the connection that a request came on; with `flush`, only after what was sent has left."""
    transport = _open.get((_address(scope.get("server")), _address(scope.get("client"))))
    if transport is None:
        return
    if flush:
        transport.close()
    else:
        transport.abort()
