"""Checks that two users never share an e-mail address, in whatever letters it is written."""

from dataclasses import replace

from deployer.runtime.contract.check import Check
from deployer.runtime.contract.harness import Harness, profile_of
from deployer.runtime.contract.skips import Skipped


async def run(harness: Harness) -> list[str]:
    """Find faults of attempts to give a second user an address that is taken."""
    if not harness.has("create"):
        raise Skipped("the connection has no create script, so its scripts make no second user")
    async with harness.created_user() as first:
        owner = await harness.required_profile(first)
        faults = await _second_sign_up(harness, first.email.upper(), first.email, owner)
        if harness.has("change_email"):
            faults += await _change_to_taken(harness, first.email)
    return faults


async def _second_sign_up(harness: Harness, written: str, taken: str, owner: dict[str, object]) -> list[str]:
    other = replace(harness.fresh_user(), email=written)
    result = await harness.create(other)
    if result.outcome == "error":
        return []
    found = profile_of(await harness.login(other))
    same = found is not None and found.get("user_id") == owner.get("user_id")
    harness.created.remove(other)
    if same:
        return ["`create` for an address that is taken, written in capitals, said that it created a user."]
    return [f"`create` made a second user for an address that differs from a taken one ({taken}) only in its letters."]


async def _change_to_taken(harness: Harness, taken: str) -> list[str]:
    async with harness.created_user() as second:
        result = await harness.call("change_email", second.email, taken, False)
        if result.outcome == "error" or result.value is False:
            return []
        return [f"`change_email` to an address that is taken ended in {harness.describe(result)}."]


CHECK = Check("unique-email", "two users never share an e-mail address", run, ("login",))
