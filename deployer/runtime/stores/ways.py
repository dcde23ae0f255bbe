"""The ways of a connection in, nothing out: they are walked until one of them ends, and then none of them goes on."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def until_one_ends(*ways: Coroutine[Any, Any, None]) -> None:
    """Run them all; as soon as one ends, however it ends, the others are stopped and waited for."""
    tasks = {asyncio.ensure_future(way) for way in ways}
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
