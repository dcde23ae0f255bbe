"""Checks that `get_user` says `callback(null)` for a user who does not exist."""

from deployer.runtime.contract.check import Check
from deployer.runtime.contract.harness import Harness


async def run(harness: Harness) -> list[str]:
    """Find faults of looking up nobody."""
    result = await harness.call("get_user", harness.fresh_user().email)
    if result.outcome == "nothing":
        return []
    return [f"`get_user` of an unknown user must end in `callback(null)`, but it ended in {harness.describe(result)}."]


CHECK = Check("get-user-unknown", "an unknown user is callback(null) from get_user", run, ("get_user",))
