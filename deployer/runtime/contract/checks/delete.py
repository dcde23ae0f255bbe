"""Checks that `delete` removes the user that it was told to, and nobody else."""

from deployer.runtime.contract.check import Check
from deployer.runtime.contract.harness import Harness, profile_of


async def run(harness: Harness) -> list[str]:
    """Find faults of deleting a new user."""
    async with harness.created_user() as user:
        profile = await harness.required_profile(user)
        if not profile.get("user_id"):
            return ["`login` after `create` gave no `user_id`, so there is nobody to delete."]
        result = await harness.call("delete", profile["user_id"])
        if result.outcome == "error" or result.value is False:
            return [f"`delete` of a known user ended in {harness.describe(result)}."]
        faults = []
        if profile_of(await harness.login(user)) is not None:
            faults.append("After `delete`, the user can still log in.")
        if harness.has("get_user") and profile_of(await harness.call("get_user", user.email)) is not None:
            faults.append("After `delete`, `get_user` still finds the user.")
    if profile_of(await harness.login(harness.subject.user)) is None:
        faults.append("After `delete` of another user, the known user cannot log in any more.")
    return faults


CHECK = Check("delete", "delete removes the user, and nobody else", run, ("delete", "create", "login"))
