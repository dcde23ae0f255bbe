"""Checks that ten logins of one user, over several containers and after recycling them, give the same `user_id`."""

import asyncio

from deployer.runtime.calls import CallResult
from deployer.runtime.contract.check import Check
from deployer.runtime.contract.harness import Harness, profile_of

TIMES = 10


async def run(harness: Harness) -> list[str]:
    """Find faults of ten logins of one user."""
    user = harness.subject.user
    results: list[CallResult] = []
    # Two at once take two containers; whatever these remember is gone for the second half.
    for half in range(2):
        for _ in range(TIMES // 2 // 2):
            results += await asyncio.gather(harness.login(user), harness.login(user))
        results.append(await harness.login(user))
        if half == 0:
            await harness.runtime.recycle()
    failed = [result for result in results if profile_of(result) is None]
    if failed:
        return [f"{len(failed)} of {TIMES} logins of one user gave no profile: {harness.describe(failed[0])}."]
    ids = {str((profile_of(result) or {}).get("user_id")) for result in results}
    if len(ids) > 1:
        return [f"{TIMES} logins of one user gave {len(ids)} different `user_id`s: Auth0 would see {len(ids)} users."]
    containers = {result.container for result in results}
    return [] if len(containers) > 1 else ["All logins ran in one container, which proves nothing."]


CHECK = Check(
    "stable-user-id", "the same login returns the same user_id, in any container", run, ("login",), known_user=True
)
