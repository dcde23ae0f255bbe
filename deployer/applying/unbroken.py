"""Work in, the same work done to its end out, whatever asks to stop meanwhile."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def unbroken(work: Coroutine[Any, Any, None]) -> bool:
    """Do the work to its end; whether somebody asked to stop meanwhile. Raises what the work raises."""
    task, asked = asyncio.ensure_future(work), False
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            asked = True
    task.result()
    return asked
