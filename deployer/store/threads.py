"""The two ways to call the store from asynchronous code: `await in_thread(journal.step_done, 3, result)`, `reading`.

Everything in the store is synchronous and may be called from any thread.
"""

import asyncio
import contextvars
import functools
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from deployer.store.store import Store

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


async def in_thread(
    function: Callable[_Arguments, _Result], *args: _Arguments.args, **kwargs: _Arguments.kwargs
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


async def reading(
    store: "Store", function: Callable[_Arguments, _Result], *args: _Arguments.args, **kwargs: _Arguments.kwargs
) -> _Result:
    """Run a call that reads little: in a thread where the store is far away, for a folder answers before one begins."""
    return function(*args, **kwargs) if store.is_local else await in_thread(function, *args, **kwargs)


@asynccontextmanager
async def in_threads(manager: AbstractContextManager[_Result]) -> AsyncIterator[_Result]:
    """A context that is entered and left in a thread."""
    value = await in_thread(manager.__enter__)
    try:
        yield value
    except BaseException:
        if not await in_thread(manager.__exit__, *sys.exc_info()):
            raise
    else:
        await in_thread(manager.__exit__, None, None, None)
