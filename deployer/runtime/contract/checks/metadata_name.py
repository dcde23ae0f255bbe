"""Checks that a profile says `metadata` where Auth0 elsewhere says `app_metadata`.

Source: https://auth0.com/docs/manage-users/user-accounts/metadata (custom databases and `metadata`).
"""

from deployer.runtime.contract.check import Check
from deployer.runtime.contract.harness import Harness, profile_of


async def run(harness: Harness) -> list[str]:
    """Find faults in the names of what the scripts answer with."""
    user = harness.subject.user
    profiles = {"login": profile_of(await harness.login(user))}
    if harness.has("get_user"):
        profiles["get_user"] = profile_of(await harness.call("get_user", user.email))
    return [
        f"The profile from `{script}` has `app_metadata`: in a script it is called `metadata`."
        for script, profile in profiles.items()
        if profile and "app_metadata" in profile
    ]


CHECK = Check("metadata-name", "metadata rather than app_metadata", run, ("login",), known_user=True)
