"""Checks that `login` works after `create`."""

from deployer.runtime.contract.check import Check
from deployer.runtime.contract.harness import Harness, normal_address, profile_of
from deployer.runtime.contract.subject import StoreUser


async def run(harness: Harness) -> list[str]:
    """Find faults of signing up and logging in."""
    user = harness.fresh_user()
    created = await harness.create(user)
    if created.outcome == "error":
        return [f"`create` failed for a new user: {harness.describe(created)}"]
    return await _login(harness, user)


async def _login(harness: Harness, user: StoreUser) -> list[str]:
    result = await harness.login(user)
    profile = profile_of(result)
    if profile is None:
        return [f"`login` after `create` gave no profile but {harness.describe(result)}."]
    if normal_address(profile.get("email", "")) != normal_address(user.email):
        return ["`login` after `create` answers with another user's e-mail address."]
    known = profile_of(await harness.login(harness.subject.user))
    if known is not None and known.get("user_id") == profile.get("user_id"):
        return ["The new user and the known user have the same `user_id`."]
    return []


CHECK = Check("create", "create, then login works", run, ("create", "login"))
