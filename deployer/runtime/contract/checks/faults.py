"""Calls every script while the store fails, for the three checks of a failing store."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from deployer.runtime.calls import CallResult
from deployer.runtime.contract.harness import Harness
from deployer.runtime.contract.skips import Skipped
from deployer.runtime.runtime import Runtime
from deployer.runtime.stores.proxy import FaultProxy

Break = Callable[[FaultProxy], Awaitable[None]]


async def call_all(
    harness: Harness, failure: str, break_store: Break, *, warm: bool = False, containers: int = 2
) -> list[str]:
    """Find faults of all scripts while `break_store` is in effect.

    Each runs in a container that knows nothing yet, or, with `warm`, in one that has just logged a user in. Scripts
    wait for each other where there are fewer `containers`.
    """
    proxy = harness.proxy()
    if proxy is None or harness.address is None:
        raise Skipped("the store's address is not to be found in `configuration`")
    # An id of the right form: scripts may know without asking that no other belongs to a user.
    spare = await harness.spare_id() if harness.has("delete") else None
    kinds = [kind for kind in harness.subject.scripts if kind != "delete" or spare is not None]
    values = {kind: (spare,) if kind == "delete" else arguments(harness, kind) for kind in kinds}
    async with proxy, harness.make_runtime(min(len(kinds), containers)) as runtime:
        configuration = harness.address.relocated(harness.configuration, "127.0.0.1", proxy.port)
        if warm and not harness.address.tls:
            user = harness.subject.user
            await asyncio.gather(
                *(
                    _call(harness, runtime, "login", (user.login_name, user.password), configuration)
                    for _ in range(containers)
                )
            )
        await break_store(proxy)
        results = await asyncio.gather(*(_call(harness, runtime, kind, values[kind], configuration) for kind in kinds))
    return [
        fault for kind, result in zip(kinds, results, strict=True) for fault in _faults(harness, kind, failure, result)
    ]


async def _call(
    harness: Harness, runtime: Runtime, kind: str, values: tuple[Any, ...], configuration: dict[str, str]
) -> CallResult:
    return await harness.call(kind, *values, runtime=runtime, configuration=configuration, recorded=False)


def arguments(harness: Harness, kind: str) -> tuple[Any, ...]:
    """Build arguments for a script that would succeed or do no harm if the store could be reached."""
    user, fresh = harness.subject.user, harness.fresh_user()
    known: dict[str, tuple[Any, ...]] = {
        "login": (user.login_name, user.password),
        "get_user": (user.email,),
        "create": (harness.new_user_argument(fresh),),
        "change_password": (fresh.email, fresh.password),
        "change_email": (fresh.email, f"other-{fresh.email}", True),
        "change_username": (fresh.username or "nobody-here", "nobody-there"),
        "change_phone_number": ("+15550100", "+15550101", True),
        "delete": (f"{harness.subject.user_id_prefix or ''}0",),
    }
    return known.get(kind, (fresh.email,))


def _faults(harness: Harness, kind: str, failure: str, result: CallResult) -> list[str]:
    if result.outcome != "error":
        return [f"`{kind}` ended in {harness.describe(result)} although {failure}: it must call back with an error."]
    if result.callback_count == 0:
        return [f"`{kind}` did not call back with an error although {failure}: {harness.describe(result)}."]
    if result.error is not None and result.error.official:
        return [f"`{kind}` blames the user ({result.error.type}) although {failure}."]
    if result.problems:
        return [f"`{kind}` {' and '.join(result.problems)} when {failure}."]
    return []
