"""Checks that fifty logins at once leave no connection open but what pools keep, and none after the containers."""

import asyncio

from deployer.runtime.calls import CallResult
from deployer.runtime.contract.check import Check
from deployer.runtime.contract.harness import Harness, profile_of
from deployer.runtime.contract.skips import Skipped

LOGINS = 50
_CONTAINERS = 2
# Long enough for idle connections of HTTP to be closed, which Node does after four seconds.
_PATIENCE_SECONDS = 8.0


async def run(harness: Harness) -> list[str]:
    """Find faults of fifty logins: failed ones, more connections than pools may keep, any left when containers end."""
    proxy = harness.proxy()
    if proxy is None or harness.address is None:
        raise Skipped("the store's address is not to be found in `configuration`")
    if harness.address.tls:
        raise Skipped("the store proves its name by TLS, so that connections cannot be counted in between")
    most, user = harness.subject.max_connections, harness.subject.user
    async with proxy:
        configuration = harness.address.relocated(harness.configuration, "127.0.0.1", proxy.port)
        async with harness.make_runtime(_CONTAINERS, concurrency=LOGINS // _CONTAINERS) as runtime:
            calls = (
                harness.call("login", user.login_name, user.password, runtime=runtime, configuration=configuration)
                for _ in range(LOGINS)
            )
            faults = _failed(harness, await asyncio.gather(*calls))
            if not faults and not await proxy.settled(most, within_seconds=_PATIENCE_SECONDS):
                faults = [f"{LOGINS} logins at once left {proxy.open} connections open; pools may keep {most} at most."]
        if not faults and not await proxy.settled(0, within_seconds=_PATIENCE_SECONDS):
            faults = [f"{proxy.open} connections were still open after the containers had ended."]
    return faults


def _failed(harness: Harness, results: list[CallResult]) -> list[str]:
    failed = [result for result in results if profile_of(result) is None]
    if not failed:
        return []
    return [f"{len(failed)} of {LOGINS} logins at once failed: {harness.describe(failed[0])}."]


CHECK = Check(
    "connections", f"{LOGINS} logins at once leave no open connection behind", run, ("login",), known_user=True
)
