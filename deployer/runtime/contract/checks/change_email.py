"""Checks that `change_email` moves the user to another address and keeps the `user_id`."""

from dataclasses import replace

from deployer.runtime.contract.check import Check
from deployer.runtime.contract.harness import Harness, normal_address, profile_of


async def run(harness: Harness) -> list[str]:
    """Find faults of changing a new user's address."""
    async with harness.created_user() as user:
        before = await harness.required_profile(user)
        moved = replace(user, email=harness.fresh_user().email)
        harness.created.append(moved)
        result = await harness.call("change_email", user.email, moved.email, True)
        if result.outcome == "error" or result.value is False:
            return [f"`change_email` of a known user ended in {harness.describe(result)}."]
        faults = []
        login = await harness.login(moved)
        after = profile_of(login)
        if after is None:
            faults.append(f"After `change_email`, `login` with the new address ended in {harness.describe(login)}.")
        elif after.get("user_id") != before.get("user_id"):
            faults.append("`change_email` changed the `user_id`.")
        elif normal_address(after.get("email", "")) != normal_address(moved.email):
            faults.append("After `change_email`, the profile still has the old address.")
        old = await harness.login(user)
        if profile_of(old) is not None:
            faults.append("After `change_email`, `login` with the old address still works.")
    return faults


CHECK = Check(
    "change-email", "change e-mail moves the user and keeps the user_id", run, ("change_email", "create", "login")
)
