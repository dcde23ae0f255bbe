"""Checks that a good login answers with a profile that has a prefixed `user_id` and the user's e-mail address."""

import re

from deployer.runtime.contract.check import Check
from deployer.runtime.contract.harness import Harness, normal_address, profile_of

# What bytes, objects and missing values become as text, and characters that no id has.
_DAMAGED = re.compile(r"[\ufffd\x00-\x1f\x7f]|\[object |(^|\|)(undefined|null|NaN|true|false)$")


async def run(harness: Harness) -> list[str]:
    """Find faults of one login with the right password."""
    user = harness.subject.user
    result = await harness.login(user)
    profile = profile_of(result)
    if profile is None:
        return [f"`login` with the right password gave no profile but {harness.describe(result)}."]
    faults = user_id_faults(profile.get("user_id"), harness.subject.user_id_prefix)
    if normal_address(profile.get("email", "")) != normal_address(user.email):
        faults.append("The profile from `login` does not have the user's e-mail address in `email`.")
    return faults


def user_id_faults(user_id: object, prefix: str | None) -> list[str]:
    """Find what is wrong with a `user_id`; with a prefix given, it must begin with that."""
    if not isinstance(user_id, str) or not user_id:
        return ["The profile from `login` has no `user_id` that is a string."]
    if prefix is not None and not user_id.startswith(prefix):
        return [f"The `user_id` does not begin with '{prefix}'."]
    head, bar, tail = user_id.partition("|")
    if prefix is None and not (head and bar and tail):
        return ["The `user_id` has no prefix (`name|id`): users of two custom databases could be taken for each other."]
    if prefix is not None and len(user_id) == len(prefix):
        return ["The `user_id` is nothing but its prefix."]
    if _DAMAGED.search(user_id):
        return ["The `user_id` holds no id of the store: replacement characters, an object or nothing made into text."]
    return []


CHECK = Check("good-login", "a good login returns a profile with a prefixed user_id and an e-mail", run, ("login",))
