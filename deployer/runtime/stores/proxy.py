"""Forwards TCP connections from a loopback port to a store, or does one of the things that failing stores do.

It also counts connections, which is how it is seen whether scripts leave any open.
"""

import asyncio
import contextlib
import socket
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

from deployer.concurrency import until_first_ends

Upstream = tuple[str, int] | Path
"""A host and port, or the path of a Unix socket."""

_CLOSE_SECONDS = 5.0


class Mode(StrEnum):
    """What the proxy does with connections."""

    PASS = "pass"  # noqa: S105
    REFUSE = "refuse"
    BLACKHOLE = "blackhole"
    DROP = "drop"


class FaultProxy:
    """`async with FaultProxy(upstream) as proxy:` listens on 127.0.0.1, `proxy.port`, in mode `PASS`."""

    def __init__(self, upstream: Upstream) -> None:
        self.port = 0
        self.open = 0
        self.peak = 0
        self.total = 0
        self.mode = Mode.PASS
        self._upstream = upstream
        self._closing = False
        self._drop_after = 0
        self._server: asyncio.Server | None = None
        self._holder: socket.socket | None = None
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self._listen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing = True
        self._stop_listening()
        if self._holder is not None:
            self._holder.close()
        self.drop_all()
        self._flowing.set()
        if self._tasks:
            # Each ends by itself once its connection is reset; cancelling them would only make asyncio complain.
            await asyncio.wait(list(self._tasks), timeout=_CLOSE_SECONDS)

    async def set_mode(self, mode: Mode, *, drop_after: int = 0) -> None:
        """Change what happens to connections, open ones included.

        REFUSE resets open connections and refuses new ones; BLACKHOLE takes connections and never answers; DROP resets
        a connection once `drop_after` bytes came back from the store (0: as soon as the client has said anything).
        """
        self.mode = mode
        self._drop_after = drop_after
        if mode is Mode.BLACKHOLE:
            self._flowing.clear()
        else:
            self._flowing.set()
        if mode is Mode.REFUSE:
            self._stop_listening()
            # A port that is bound, but not listened on, refuses, and nobody else can have it.
            self._holder = self._holder or _bound_socket(self.port)
            self.drop_all()
        else:
            if self._holder is not None:
                self._holder.close()
                self._holder = None
            if self._server is None:
                await self._listen()
        if mode is Mode.DROP and drop_after == 0:
            self.drop_all()

    def drop_all(self) -> None:
        """Reset every open connection."""
        for writer in list(self._writers):
            _reset(writer)

    async def settled(self, most: int, *, within_seconds: float) -> bool:
        """Wait until at most `most` connections are open; False where that takes too long."""
        try:
            async with asyncio.timeout(within_seconds):
                while self.open > most:
                    await asyncio.sleep(0.02)
        except TimeoutError:
            return False
        return True

    async def _listen(self) -> None:
        listener = _bound_socket(self.port)
        self._server = await asyncio.start_server(self._serve, sock=listener, backlog=256)
        self.port = int(listener.getsockname()[1])

    def _stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self.open += 1
        self.total += 1
        self.peak = max(self.peak, self.open)
        self._writers.add(writer)
        upstream: asyncio.StreamWriter | None = None
        try:
            await self._flowing.wait()
            if self._closing:
                return
            if self.mode is Mode.DROP and self._drop_after == 0:
                await reader.read(1)
                return
            answers, upstream = await self._connect()
            await self._relay(reader, writer, answers, upstream)
        except OSError:
            pass
        finally:
            self.open -= 1
            self._writers.discard(writer)
            for each in (writer, upstream):
                if each is not None:
                    _reset(each)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self._upstream, Path):
            return await asyncio.open_unix_connection(str(self._upstream))
        return await asyncio.open_connection(*self._upstream)

    async def _relay(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        answers: asyncio.StreamReader,
        upstream: asyncio.StreamWriter,
    ) -> None:
        """Forward both directions until either side closes. The other side is then closed too."""
        await until_first_ends(self._pump(reader, upstream, counted=False), self._pump(answers, writer, counted=True))

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, counted: bool) -> None:
        passed = 0
        while data := await source.read(65_536):
            await self._flowing.wait()
            if self._closing:
                return  # what was held back must not reach the store after all
            if counted and self.mode is Mode.DROP:
                data = data[: max(0, self._drop_after - passed)]
                passed += len(data)
            target.write(data)
            await target.drain()
            if counted and self.mode is Mode.DROP and passed >= self._drop_after:
                return


def _bound_socket(port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.setblocking(False)
    bound.bind(("127.0.0.1", port))
    return bound


def _reset(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, RuntimeError):
        writer.transport.abort()
