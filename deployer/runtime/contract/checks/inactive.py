"""Checks that no script lets in who may not log in any more, and that the address stays taken."""

from deployer.runtime.contract.check import Check
from deployer.runtime.contract.harness import Harness, profile_of
from deployer.runtime.contract.skips import Skipped


async def run(harness: Harness) -> list[str]:
    """Find faults of a login, a look-up and a sign-up of the user that `tests:` names as inactive."""
    user = harness.subject.inactive_user
    if user is None:
        raise Skipped("`tests:` names no `inactive_user`")
    faults = []
    login = await harness.login(user)
    if login.error is None or not login.error.is_wrong_credentials():
        faults.append(f"`login` of an inactive user with the right password ended in {harness.describe(login)}.")
    if harness.has("get_user"):
        found = await harness.call("get_user", user.email)
        if profile_of(found) is not None:
            faults.append(
                "`get_user` gives the profile of an inactive user: a reset of the password would let them in."
            )
    if harness.has("create"):
        again = await harness.call("create", harness.new_user_argument(user))
        if again.outcome != "error":
            faults.append("`create` gave away the address of an inactive user.")
    return faults


CHECK = Check("inactive", "who may not log in is let in by no script", run, ("login",), known_user=True)
