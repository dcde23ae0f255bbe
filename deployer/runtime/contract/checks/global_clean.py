"""Checks that nothing about a user stays in `global`, where the next user's script could read it."""

import asyncio

from deployer.runtime.contract.check import Check
from deployer.runtime.contract.harness import Harness, profile_of

_PATIENCE_SECONDS = 0.5


async def run(harness: Harness) -> list[str]:
    """Find places under `global` that still hold something about a user after the scripts are done."""
    user = harness.subject.user
    async with harness.make_runtime(1) as runtime:
        profile = profile_of(await harness.login(user, runtime=runtime))
        needles = [user.email, user.password]
        if harness.has("get_user"):
            await harness.call("get_user", user.email, runtime=runtime)
        if profile is not None and len(str(profile.get("user_id", ""))) >= 6:
            needles.append(str(profile["user_id"]))
        if harness.has("create"):
            fresh = harness.fresh_user()
            harness.created.append(fresh)
            await harness.call("create", harness.new_user_argument(fresh), runtime=runtime)
            needles.append(fresh.email)
        # A driver lets go of its last query a moment after it has answered.
        found: list[str] = []
        for _ in range(int(_PATIENCE_SECONDS / 0.1)):
            found = [path for paths in (await runtime.inspect_global(needles)).values() for path in paths]
            if not found:
                return []
            await asyncio.sleep(0.1)
    return [f"`global.{harness.redact(path)}` still holds something about a user." for path in found[:5]]


CHECK = Check("global-clean", "nothing about a user stays in global", run, ("login",), known_user=True)
