"""Many jobs in, done on one event loop of this process; what they compute is done in turn, beside it.

A job's own thread only waits. Sixty-four threads that ask and compute at the same time fight for the interpreter, and
need twice the CPU time of one.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, ParamSpec, TypeVar

WAITING = 64
"""Threads for what waits for something else than the tenant: stores, providers of secrets, git."""

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


class EventLoop:
    """An event loop in a thread of its own, and a second thread that computes."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._loop.set_default_executor(ThreadPoolExecutor(WAITING, thread_name_prefix="waiting"))
        self._computing = ThreadPoolExecutor(1, thread_name_prefix="computing")
        self._tasks: set[asyncio.Task[Any]] = set()
        threading.Thread(target=self._loop.run_forever, name="event loop", daemon=True).start()

    def run(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        """Do the work on the loop; called from any other thread, which waits.

        Raises:
            concurrent.futures.CancelledError: where the work ended because of `stop`.
        """
        return asyncio.run_coroutine_threadsafe(self._noted(work), self._loop).result()

    def stop(self) -> None:
        """Cancel everything under way. Each `run` returns or raises when its work has ended, not before."""
        self._loop.call_soon_threadsafe(lambda: [task.cancel() for task in self._tasks])

    async def in_turn(
        self, function: Callable[_Arguments, _Result], *args: _Arguments.args, **kwargs: _Arguments.kwargs
    ) -> _Result:
        """Compute something, one such call at a time, while the loop goes on."""
        return await self._loop.run_in_executor(self._computing, partial(function, *args, **kwargs))

    async def _noted(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        try:
            return await task
        finally:
            self._tasks.discard(task)


_own: EventLoop | None = None
_making = threading.Lock()


def event_loop() -> EventLoop:
    """That of this process."""
    global _own  # noqa: PLW0603 - one for each process, made when it is first needed
    with _making:
        if _own is None:
            _own = EventLoop()
        return _own
