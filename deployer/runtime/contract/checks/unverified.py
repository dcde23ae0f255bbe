"""Checks that an address that nobody has verified is not reported as verified."""

from deployer.runtime.contract.check import Check
from deployer.runtime.contract.harness import Harness, profile_of
from deployer.runtime.contract.skips import Skipped


async def run(harness: Harness) -> list[str]:
    """Find faults in the profile of the user that `tests:` names as unverified, or else of a new one."""
    user = harness.subject.unverified_user
    if user is not None:
        return await _faults(harness, await harness.required_profile(user), user.email, "the user named as unverified")
    if not harness.has("create"):
        raise Skipped("the connection has no create script, and `tests:` names no `unverified_user`")
    async with harness.created_user() as new:
        return await _faults(harness, await harness.required_profile(new), new.email, "a new user")


async def _faults(harness: Harness, profile: dict[str, object], email: str, who: str) -> list[str]:
    profiles = {"login": profile}
    if harness.has("get_user"):
        profiles["get_user"] = profile_of(await harness.call("get_user", email)) or {}
    return [
        f"The profile of {who} from `{script}` has `email_verified: {said.get('email_verified')!r}`: it must be false."
        for script, said in profiles.items()
        if said.get("email_verified") not in (False, None)
    ]


CHECK = Check("unverified", "an address that nobody verified is not verified", run, ("login",))
