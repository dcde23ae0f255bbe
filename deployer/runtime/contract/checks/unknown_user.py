"""Checks that a user who does not exist is a `WrongUsernameOrPasswordError` from `login`."""

from deployer.runtime.contract.check import Check
from deployer.runtime.contract.harness import Harness


async def run(harness: Harness) -> list[str]:
    """Find faults of a login of nobody."""
    result = await harness.login(harness.fresh_user())
    if result.error is not None and result.error.is_wrong_credentials():
        return []
    return [
        (
            "`login` of an unknown user must end in `callback(new WrongUsernameOrPasswordError(...))`, "
            f"but it ended in {harness.describe(result)}."
        )
    ]


CHECK = Check("unknown-user", "login of an unknown user is WrongUsernameOrPasswordError", run, ("login",))
