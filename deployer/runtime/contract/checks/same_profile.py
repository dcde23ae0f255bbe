"""Checks that `login` and `get_user` answer with the same profile."""

from deployer.runtime.contract.check import Check
from deployer.runtime.contract.harness import Harness, profile_of
from deployer.text import one_line


async def run(harness: Harness) -> list[str]:
    """Find differences between the two profiles of one user; values are not shown."""
    user = harness.subject.user
    login = await harness.login(user)
    found = await harness.call("get_user", user.email)
    first, second = profile_of(login), profile_of(found)
    if first is None or second is None:
        script, result = ("login", login) if first is None else ("get_user", found)
        return [f"`{script}` of a known user gave no profile but {harness.describe(result)}."]
    faults = []
    for key in sorted(first.keys() | second.keys()):
        shown = one_line(key, 60)
        if key not in second:
            faults.append(f"`{shown}` is in the profile from `login` but not in that from `get_user`.")
        elif key not in first:
            faults.append(f"`{shown}` is in the profile from `get_user` but not in that from `login`.")
        elif first[key] != second[key]:
            faults.append(f"`{shown}` differs between `login` and `get_user`.")
    return faults


CHECK = Check("same-profile", "login and get_user return the same profile", run, ("login", "get_user"), known_user=True)
