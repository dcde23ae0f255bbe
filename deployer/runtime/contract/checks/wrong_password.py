"""Checks that a wrong password is a `WrongUsernameOrPasswordError`."""

from deployer.runtime.contract.check import Check
from deployer.runtime.contract.harness import Harness


async def run(harness: Harness) -> list[str]:
    """Find faults of a login with a wrong password."""
    result = await harness.login(harness.subject.user, harness.subject.wrong_password)
    if result.error is not None and result.error.is_wrong_credentials():
        return []
    return [
        (
            "`login` with a wrong password must end in `callback(new WrongUsernameOrPasswordError(...))`, "
            f"but it ended in {harness.describe(result)}."
        )
    ]


CHECK = Check("wrong-password", "a wrong password is WrongUsernameOrPasswordError", run, ("login",), known_user=True)
