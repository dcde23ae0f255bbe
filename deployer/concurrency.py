"""Runs several things at once, or one to its end, without leaving anything that goes on unseen."""

import asyncio
import contextvars
import functools
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from functools import partial
from typing import Any, ParamSpec, TypeVar, overload

WAITING = 64
"""Threads for what waits for something else than the tenant: stores, providers of secrets, git."""

IN_A_ROW = 0.05
"""Seconds that are computed before the loop looks at what has come in from tenants."""

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")
_First = TypeVar("_First")
_Second = TypeVar("_Second")
_Each = TypeVar("_Each")


@overload
async def gather_or_cancel(first: Awaitable[_First], second: Awaitable[_Second], /) -> tuple[_First, _Second]: ...
@overload
async def gather_or_cancel(*calls: Awaitable[_Each]) -> tuple[_Each, ...]: ...
async def gather_or_cancel(*calls: Awaitable[Any]) -> tuple[Any, ...]:
    """Return all results in order. After the first failure, which is raised, stop the others and wait for them.

    `asyncio.gather` alone would let them run on, into a gateway that is closed by then.
    """
    tasks = [asyncio.ensure_future(call) for call in calls]
    try:
        return tuple(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until_first_ends(*calls: Coroutine[Any, Any, None]) -> None:
    """Run all of them; as soon as one ends, however it ends, stop the others and wait for them."""
    tasks = {asyncio.ensure_future(call) for call in calls}
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def finish_despite_cancel(work: Coroutine[Any, Any, None]) -> bool:
    """Run a coroutine to its end even if the caller is cancelled; return whether that was asked for meanwhile.

    Raises what the coroutine raises.
    """
    task, asked = asyncio.ensure_future(work), False
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            asked = True
    task.result()
    return asked


async def in_thread(
    function: Callable[_Arguments, _Result],
    *args: _Arguments.args,
    **kwargs: _Arguments.kwargs,
) -> _Result:
    """Run a call in a thread. A cancellation waits until the call has ended, then goes on.

    A record that was about to be written is therefore written or has failed when the caller goes on: nothing that was
    begun is still under way behind its back, as `asyncio.to_thread` would leave it.
    """
    context = contextvars.copy_context()
    call = functools.partial(context.run, functools.partial(function, *args, **kwargs))
    work = asyncio.get_running_loop().run_in_executor(None, call)
    cancelled: asyncio.CancelledError | None = None
    while not work.done():
        try:
            await asyncio.wait([work])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled
    return work.result()


Work = Callable[[], Coroutine[Any, Any, _Result]]


class EventLoop:
    """An event loop in a thread of its own, for work on many tenants; what they compute is done on it as well.

    Threads that compute beside it would fight for the interpreter and carry everything from one processor core's memory
    to another's: one thread beside the loop costs half as much CPU time again, one for each tenant twice as much.
    """

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
        """Note that the loop has come round, and has looked at what came in."""
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
    """Return the loop of this process, which is made when it is first needed."""
    global _own  # noqa: PLW0603 - one for each process, made when it is first needed
    with _making:
        if _own is None:
            _own = EventLoop()
        return _own
