"""Checks that `verify` marks the user's address as verified, and nobody else's."""

from deployer.runtime.contract.check import Check
from deployer.runtime.contract.harness import Harness, profile_of


async def run(harness: Harness) -> list[str]:
    """Find faults of verifying a new user's address."""
    async with harness.created_user() as user, harness.created_user() as other:
        before = await harness.required_profile(user)
        faults = []
        if before.get("email_verified") is True:
            faults.append("A new user's address counts as verified before `verify` has run.")
        result = await harness.call("verify", user.email)
        if result.outcome == "error" or result.value is False:
            return [*faults, f"`verify` of a known user ended in {harness.describe(result)}."]
        after = profile_of(await harness.login(user)) or {}
        if after.get("email_verified") is not True:
            faults.append("After `verify`, the profile does not say `email_verified: true`.")
        bystander = profile_of(await harness.login(other)) or {}
        if bystander.get("email_verified") is True and before.get("email_verified") is not True:
            faults.append("`verify` of one user's address verified another user's as well.")
    unknown = await harness.call("verify", harness.fresh_user().email)
    if unknown.outcome == "value" and unknown.value is True:
        faults.append("`verify` of an unknown user says that it verified an address.")
    return faults


CHECK = Check("verify", "verify marks the e-mail address as verified", run, ("verify", "create", "login"))
