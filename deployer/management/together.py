"""Several requests in, all their answers or the first error out; none runs on unseen."""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar, overload

_First = TypeVar("_First")
_Second = TypeVar("_Second")
_Each = TypeVar("_Each")


@overload
async def together(first: Awaitable[_First], second: Awaitable[_Second], /) -> tuple[_First, _Second]: ...
@overload
async def together(*calls: Awaitable[_Each]) -> tuple[_Each, ...]: ...
async def together(*calls: Awaitable[Any]) -> tuple[Any, ...]:
    """All results in order. After the first failure, which is raised as it is, the others are stopped and waited for.

    `asyncio.gather` alone would let them run on, into a gateway that is closed by then.
    """
    tasks = [asyncio.ensure_future(call) for call in calls]
    try:
        return tuple(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
