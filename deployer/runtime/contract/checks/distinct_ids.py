"""Checks that different users have different ids, each the same from every script and a text that Auth0 can keep."""

from deployer.runtime.contract.check import Check
from deployer.runtime.contract.checks.good_login import user_id_faults
from deployer.runtime.contract.harness import Harness, profile_of

USERS = 3


async def run(harness: Harness) -> list[str]:
    """Find faults in the ids of some new users, and of the known one."""
    known = await harness.required_profile(harness.subject.user)
    ids = [str(known.get("user_id"))]
    faults: list[str] = []
    for _ in range(USERS):
        async with harness.created_user() as user:
            profile = await harness.required_profile(user)
            faults += user_id_faults(profile.get("user_id"), harness.subject.user_id_prefix)
            ids.append(str(profile.get("user_id")))
            if harness.has("get_user"):
                found = profile_of(await harness.call("get_user", user.email)) or {}
                if found.get("user_id") != profile.get("user_id"):
                    faults.append("`get_user` of a new user answers with another `user_id` than `login`.")
    if len(set(ids)) < len(ids):
        faults.append(
            f"{len(ids)} users have {len(set(ids))} different `user_id`s: Auth0 would take them for each other."
        )
    return list(dict.fromkeys(faults))


CHECK = Check("distinct-ids", "different users have different ids", run, ("create", "login"), known_user=True)
