"""Checks that creating a user twice is `ValidationError('user_exists')`."""

from deployer.runtime.contract.check import Check
from deployer.runtime.contract.harness import Harness


async def run(harness: Harness) -> list[str]:
    """Find faults of a second sign-up with the same address."""
    async with harness.created_user() as user:
        result = await harness.call("create", harness.new_user_argument(user))
    if result.error is not None and result.error.is_validation("user_exists"):
        return []
    return [
        (
            "`create` of a user who exists must end in `callback(new ValidationError('user_exists', ...))`, "
            f"but it ended in {harness.describe(result)}."
        )
    ]


CHECK = Check("create-twice", "create twice is ValidationError('user_exists')", run, ("create",))
