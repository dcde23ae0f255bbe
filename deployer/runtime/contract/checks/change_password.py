"""Checks that after `change_password` the old password fails and the new one works."""

from deployer.runtime.contract.check import Check
from deployer.runtime.contract.harness import NEW_PASSWORD, Harness, profile_of
from deployer.runtime.contract.subject import StoreUser


async def run(harness: Harness) -> list[str]:
    """Find faults of a password change; without `create`, of the known user's, which is then changed back."""
    if harness.has("create"):
        async with harness.created_user() as user:
            return await _change(harness, user)
    user = harness.subject.user
    faults = await _change(harness, user)
    await harness.call("change_password", user.email, user.password)
    if profile_of(await harness.login(user)) is None:
        faults.append("The known user's password could not be changed back to what it was.")
    return faults


async def _change(harness: Harness, user: StoreUser) -> list[str]:
    await harness.required_profile(user)
    changed = await harness.call("change_password", user.email, NEW_PASSWORD)
    if changed.outcome == "error" or changed.value is False:
        return [f"`change_password` of a known user ended in {harness.describe(changed)}."]
    faults = []
    new = await harness.login(user, NEW_PASSWORD)
    if profile_of(new) is None:
        faults.append(f"After `change_password`, `login` with the new password ended in {harness.describe(new)}.")
    old = await harness.login(user)
    if old.error is None or not old.error.is_wrong_credentials():
        faults.append(f"After `change_password`, `login` with the old password ended in {harness.describe(old)}.")
    unknown = await harness.call("change_password", harness.fresh_user().email, NEW_PASSWORD)
    if unknown.outcome == "value" and unknown.value is True:
        faults.append("`change_password` of an unknown user says that it changed a password.")
    return faults


CHECK = Check(
    "change-password",
    "change password, then the old one fails and the new one works",
    run,
    ("change_password", "login"),
)
