"""The proxy that makes stores fail: each mode, seen from a client."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import pytest

from deployer.runtime.stores.proxy import FaultProxy, Mode


def with_echo(work: Callable[[FaultProxy, list[bytes]], Awaitable[None]]) -> list[bytes]:
    """Run `work` with a proxy in front of a server that echoes; what the server got."""
    got: list[bytes] = []

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1000):
            got.append(data)
            writer.write(data)
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        async with server, FaultProxy(server.sockets[0].getsockname()) as proxy:
            await asyncio.wait_for(work(proxy, got), 10)

    asyncio.run(run())
    return got


async def connect(proxy: FaultProxy) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", proxy.port)


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, data: bytes = b"ping") -> bytes:
    writer.write(data)
    return await asyncio.wait_for(reader.read(1000), 0.3)


def test_pass_counts_connections():
    async def work(proxy, _got):
        first, second = await connect(proxy), await connect(proxy)
        assert (await ask(*first), await ask(*second)) == (b"ping", b"ping")
        assert (proxy.open, proxy.peak, proxy.total) == (2, 2, 2)
        first[1].close()
        assert await proxy.settled(1, within_seconds=2)
        assert not await proxy.settled(0, within_seconds=0.1)

    with_echo(work)


def test_refuse_resets_and_refuses_and_passes_again_on_the_same_port():
    async def work(proxy, _got):
        reader, writer = await connect(proxy)
        await ask(reader, writer)
        port = proxy.port
        await proxy.set_mode(Mode.REFUSE)
        with contextlib.suppress(ConnectionError):
            assert await ask(reader, writer) == b""
        with pytest.raises(ConnectionRefusedError):
            await connect(proxy)
        await proxy.set_mode(Mode.PASS)
        assert proxy.port == port
        assert await ask(*await connect(proxy)) == b"ping"

    with_echo(work)


def test_blackhole_answers_nothing_and_lets_nothing_through_later():
    """What was held back never reaches the store: a delayed deletion would be real."""

    async def work(proxy, _got):
        old = await connect(proxy)
        await ask(*old, b"before")
        await proxy.set_mode(Mode.BLACKHOLE)
        for connection in (old, await connect(proxy)):
            with pytest.raises(TimeoutError):
                await ask(*connection, b"held back")

    assert with_echo(work) == [b"before"]


def test_drop_resets_at_once():
    async def work(proxy, got):
        old = await connect(proxy)
        await ask(*old, b"before")
        await proxy.set_mode(Mode.DROP)
        for connection in (old, await connect(proxy)):
            try:
                assert await ask(*connection, b"dropped") == b""
            except ConnectionError:
                continue
        assert got == [b"before"]

    assert with_echo(work) == [b"before"]


def test_drop_after_some_bytes():
    async def work(proxy, _got):
        await proxy.set_mode(Mode.DROP, drop_after=3)
        reader, writer = await connect(proxy)
        writer.write(b"abcdef")
        received = b""
        try:
            while data := await reader.read(100):
                received += data
        except ConnectionError:
            pass
        assert received in (b"", b"abc")

    with_echo(work)


def test_a_store_that_is_not_there():
    async def run():
        async with FaultProxy(("127.0.0.1", 1)) as proxy:
            reader, writer = await connect(proxy)
            with contextlib.suppress(ConnectionError):
                assert await ask(reader, writer) == b""
            assert await proxy.settled(0, within_seconds=2)

    asyncio.run(run())
