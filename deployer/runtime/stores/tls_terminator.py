"""Ends TLS in front of a PostgreSQL that speaks none, on a Unix socket; plain connections pass as they are.

The embedded PostgreSQL is built without TLS, and scripts insist on it, as they must in production. A client that wants
TLS asks for it before anything else, with an SSLRequest; the door answers instead of the server and ends the TLS here.
Source: https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL
"""

import asyncio
import contextlib
import ssl
import struct
from pathlib import Path
from types import TracebackType
from typing import Self

from deployer.concurrency import until_first_ends

SSL_REQUEST = struct.pack("!ii", 8, 80877103)
"""How a client asks for TLS; the answer is `S` or `N`."""
_GSS_REQUEST = struct.pack("!ii", 8, 80877104)
_CLOSE_SECONDS = 5.0
_HANDSHAKE_SECONDS = 10.0


class TlsDoor:
    """`async with TlsDoor(path, upstream, context):` listens at `path` and leads to the Unix socket `upstream`."""

    def __init__(self, path: Path, upstream: Path, context: ssl.SSLContext) -> None:
        self.path = path
        self._upstream = upstream
        self._context = context
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_unix_server(self._serve, str(self.path), backlog=256)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._writers):
            _abort(writer)
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=_CLOSE_SECONDS)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._writers.add(writer)
        upstream: asyncio.StreamWriter | None = None
        try:
            begin = await self._greet(reader, writer)
            answers, upstream = await asyncio.open_unix_connection(str(self._upstream))
            self._writers.add(upstream)
            upstream.write(begin)
            await until_first_ends(_pump(reader, upstream), _pump(answers, writer))
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client went away, or it does not trust the certificate: it knows itself
        finally:
            for each in (writer, upstream):
                if each is not None:
                    self._writers.discard(each)
                    await _close(each)

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        """Turn TLS on if the client asks for it; the first bytes that are for the server."""
        begin = await reader.readexactly(8)
        if begin == _GSS_REQUEST:
            writer.write(b"N")
            begin = await reader.readexactly(8)
        if begin != SSL_REQUEST:
            return begin
        writer.write(b"S")
        await writer.start_tls(self._context, ssl_handshake_timeout=_HANDSHAKE_SECONDS)
        return b""


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(65_536):
        target.write(data)
        await target.drain()


async def _close(writer: asyncio.StreamWriter) -> None:
    """Close with what is still to be sent, but wait for nobody who does not take it."""
    with contextlib.suppress(OSError, TimeoutError):
        writer.close()
        async with asyncio.timeout(_CLOSE_SECONDS):
            await writer.wait_closed()
    _abort(writer)


def _abort(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, RuntimeError):
        writer.transport.abort()
