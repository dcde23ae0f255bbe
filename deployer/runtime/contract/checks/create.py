"""`create`, then `login` works."""

from deployer.runtime.contract.check import Check
from deployer.runtime.contract.harness import Harness, profile_of


async def run(harness: Harness) -> list[str]:
    """Faults of signing up and logging in."""
    async with harness.created_user() as user:
        result = await harness.login(user)
        profile = profile_of(result)
        if profile is None:
            return [f"`login` after `create` gave no profile but {harness.describe(result)}."]
        if str(profile.get("email", "")).lower() != user.email.lower():
            return ["`login` after `create` answers with another user's e-mail address."]
        known = profile_of(await harness.login(harness.subject.user))
        if known is not None and known.get("user_id") == profile.get("user_id"):
            return ["The new user and the known user have the same `user_id`."]
    return []


CHECK = Check("create", "create, then login works", run, ("create", "login"))
