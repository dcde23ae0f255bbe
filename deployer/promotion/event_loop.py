"""Many jobs in, done on one event loop of this process; what they compute is done on it as well, a little at a time.

Threads that compute beside it would fight for the interpreter and carry everything from one processor core's memory to
another's: one thread beside the loop costs half as much CPU time again, one for each job twice as much.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from deployer.store.threads import in_thread

WAITING = 64
"""Threads for what waits for something else than the tenant: stores, providers of secrets, git."""

IN_A_ROW = 0.05
"""Seconds that are computed before the loop looks at what has come in from tenants."""

_Result = TypeVar("_Result")
Work = Callable[[], Coroutine[Any, Any, _Result]]


class EventLoop:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._loop.set_default_executor(ThreadPoolExecutor(WAITING, thread_name_prefix="waiting"))
        self._computed = 0.0
        self._tasks: set[asyncio.Task[None]] = set()
        threading.Thread(target=self._loop.run_forever, name="event loop", daemon=True).start()

    def begin(self, work: Work[_Result], slots: asyncio.Semaphore) -> Future[_Result]:
        """Do the work on the loop as soon as there is a slot for it; called from any other thread.

        Like the future of an executor, that which comes back can be cancelled as long as the work has not begun.
        """
        future: Future[_Result] = Future()
        self._loop.call_soon_threadsafe(self._start, work, slots, future)
        return future

    def run(self, work: Work[_Result]) -> _Result:
        """Do the work on the loop and wait for it; called from any other thread.

        Raises:
            concurrent.futures.CancelledError: where the work ended because of `stop`.
        """
        return self.begin(work, asyncio.Semaphore()).result()

    def stop(self) -> None:
        """Cancel everything: a future is done when its work has ended, not before."""
        self._loop.call_soon_threadsafe(lambda: [task.cancel() for task in self._tasks])

    async def do(self, function: Callable[[], _Result], *, waits: bool = False) -> _Result:
        """Call something from a job: in its turn what computes, in a thread what `waits` for others than the tenant."""
        if waits:
            return await in_thread(function)
        while self._computed > IN_A_ROW:
            await asyncio.sleep(0)
        if not self._computed:
            self._loop.call_soon(self._look_up)
        began = time.monotonic()
        try:
            return function()
        finally:
            self._computed += time.monotonic() - began

    def _look_up(self) -> None:
        """The loop has come round, and has looked at what came in."""
        self._computed = 0.0

    def _start(self, work: Work[_Result], slots: asyncio.Semaphore, future: Future[_Result]) -> None:
        task = self._loop.create_task(_in_slot(work, slots, future))
        self._tasks.add(task)
        task.add_done_callback(partial(self._ended, future))

    def _ended(self, future: Future[Any], task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled() and future.running():
            future.set_exception(CancelledError())
        elif task.cancelled() and future.cancel():
            future.set_running_or_notify_cancel()


async def _in_slot(work: Work[_Result], slots: asyncio.Semaphore, future: Future[_Result]) -> None:
    async with slots:
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(await work())
        except Exception as error:  # noqa: BLE001  whoever waits for the future has to know it
            future.set_exception(error)


_own: EventLoop | None = None
_making = threading.Lock()


def event_loop() -> EventLoop:
    """That of this process."""
    global _own  # noqa: PLW0603 - one for each process, made when it is first needed
    with _making:
        if _own is None:
            _own = EventLoop()
        return _own
