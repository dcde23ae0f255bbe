"""Runs a tenant's JavaScript for calls from any event loop.

The containers live in an event loop and a thread of their own, which start with the first call and end with the tenant.
What needs the same modules shares two containers, each with a `global` of its own. Which of them serves a call is left
to chance, as on Auth0, whose containers come from a pool and are recycled: nothing that a script keeps in `global` is
promised to the next call. https://auth0.com/docs/authenticate/database-connections/custom-db/
custom-database-connections-scripts/environment
"""

import asyncio
import contextlib
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TypeVar

from deployer.runtime.runtime import Runtime
from deployer.scripts import EXECUTION_LIMIT_SECONDS

T = TypeVar("T")
_Key = tuple[tuple[str, str], ...]
_MAX_RUNTIMES = 4
_CLOSE_SECONDS = 15.0


class ScriptHost:
    """Runs what it is given on a `Runtime` with the modules that it asks for.

    `pins` are versions for modules that scripts require without one. What else can be set is for the runtimes that are
    started from then on: `containers` of each, the `seed` of the choice between them (None: another one each time),
    `limit_seconds` and `cache`.
    """

    def __init__(self, *, containers: int = 2, seed: int | None = None) -> None:
        self.pins: dict[str, str] = {}
        self.limit_seconds: float = EXECUTION_LIMIT_SECONDS
        self.containers = containers
        self.seed = seed
        self.concurrency = 16
        self.cache: Path | None = None
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._runtimes: OrderedDict[_Key, asyncio.Task[Runtime]] = OrderedDict()
        self._busy: dict[_Key, int] = {}

    @property
    def started(self) -> bool:
        """Whether anything has run."""
        return self._thread is not None

    async def run(self, modules: Mapping[str, str], use: Callable[[Runtime], Awaitable[T]]) -> T:
        """Call `use` with a runtime that has the modules. Raises DeployerError where there can be none."""
        future = asyncio.run_coroutine_threadsafe(self._run(tuple(sorted(modules.items())), use), self._start())
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """End every container, and the thread; it may be used again."""
        with self._lock:
            loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
        if loop is None or thread is None:
            return
        with contextlib.suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(self._close(), loop).result(_CLOSE_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_CLOSE_SECONDS)
        if not thread.is_alive():
            loop.close()

    def _start(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=self._loop.run_forever, name="deployer-sandbox-scripts", daemon=True
                )
                self._thread.start()
            return self._loop

    async def _run(self, key: _Key, use: Callable[[Runtime], Awaitable[T]]) -> T:
        self._busy[key] = self._busy.get(key, 0) + 1
        try:
            return await use(await self._runtime(key))
        finally:
            self._busy[key] -= 1
            await self._shrink()

    async def _runtime(self, key: _Key) -> Runtime:
        task = self._runtimes.get(key)
        if task is None:
            made = Runtime(
                modules=dict(key),
                containers=self.containers,
                concurrency=self.concurrency,
                limit_seconds=self.limit_seconds,
                cache=self.cache,
                on_demand=True,
                seed=self.seed,
            )
            task = self._runtimes[key] = asyncio.get_running_loop().create_task(made.__aenter__())
        self._runtimes.move_to_end(key)
        try:
            return await asyncio.shield(task)
        except Exception:
            # What failed once, such as an install without a network, may work the next time.
            if self._runtimes.get(key) is task:
                del self._runtimes[key]
            raise

    async def _shrink(self) -> None:
        """Close what was not used for longest; older pins of redeployed scripts would else stay for ever."""
        idle = [key for key in self._runtimes if not self._busy.get(key)]
        for key in idle[: max(0, len(self._runtimes) - _MAX_RUNTIMES)]:
            task = self._runtimes.pop(key)
            self._busy.pop(key, None)
            await _end(task)

    async def _close(self) -> None:
        tasks = list(self._runtimes.values())
        self._runtimes.clear()
        self._busy.clear()
        await asyncio.gather(*(_end(task) for task in tasks))


async def _end(task: asyncio.Task[Runtime]) -> None:
    try:
        runtime = await task
    except Exception:  # noqa: BLE001 - it never started, whatever the reason: there is nothing to end
        return
    await runtime.close()
