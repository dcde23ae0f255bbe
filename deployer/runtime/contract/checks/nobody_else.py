"""Checks that an address that differs by an accent, width or padding finds nobody else, and changes nobody else."""

import unicodedata

from deployer.runtime.contract.check import Check
from deployer.runtime.contract.harness import NEW_PASSWORD, Harness, normal_address, profile_of
from deployer.runtime.contract.subject import StoreUser

_ACCENTS = str.maketrans("aeiounc", "\u00e1\u00e9\u00ed\u00f3\u00fa\u00f1\u00e7")


def variants(email: str) -> dict[str, str]:
    """Build addresses that some collation takes for the given one, by what is different."""
    local, _, domain = email.rpartition("@")
    wide = "".join(chr(ord(letter) + 0xFEE0) if letter.isascii() and letter.isalnum() else letter for letter in local)
    found = {
        "accents": f"{local.translate(_ACCENTS)}@{domain}",
        "wide letters": f"{wide}@{domain}",
        "a dotless i": f"{local.replace('i', chr(0x131))}@{domain}",
        "a space inside": f"{local} @{domain}",
        "a percent sign": f"{local[:-1]}%@{domain}",
        "an underscore": f"{local[:-1]}_@{domain}",
        "capitals": unicodedata.normalize("NFD", email).upper(),
        "spaces around it": f" {email} ",
    }
    return {what: address for what, address in found.items() if address != email}


async def run(harness: Harness) -> list[str]:
    """Find faults of look-ups, resets and deletions with what only looks like a new user's address or id."""
    faults: list[str] = []
    async with harness.created_user() as user:
        profile = await harness.required_profile(user)
        for what, address in variants(user.email).items():
            faults += await _asked(harness, user, what, address)
        if harness.has("delete"):
            user_id = str(profile.get("user_id"))
            for other in (f"{user_id}abc", f"{user_id}%", user_id.replace("1", "\uff11"), f"{user_id[:-1]}\u00e9"):
                if other != user_id:
                    await harness.call("delete", other)
                    if profile_of(await harness.login(user)) is None:
                        return [*faults, "`delete` of an id that only looks like a user's deleted the user."]
    return faults


async def _asked(harness: Harness, user: StoreUser, what: str, address: str) -> list[str]:
    faults = []
    if harness.has("get_user"):
        found = profile_of(await harness.call("get_user", address))
        if found is not None and normal_address(found.get("email")) != normal_address(address):
            faults.append(f"`get_user` of an address that differs in {what} answers with somebody else.")
    if normal_address(address) == normal_address(user.email):
        return faults
    login = await harness.call("login", address, user.password)
    if profile_of(login) is not None:
        faults.append(f"`login` with an address that differs in {what} lets somebody else in.")
    if harness.has("change_password"):
        changed = await harness.call("change_password", address, NEW_PASSWORD)
        if changed.outcome == "value" and changed.value is True:
            faults.append(f"`change_password` of an address that differs in {what} says that it changed a password.")
        if profile_of(await harness.login(user)) is None:
            faults.append(f"`change_password` of an address that differs in {what} changed somebody else's password.")
            await harness.call("change_password", user.email, user.password)
    return faults


CHECK = Check("nobody-else", "an address that only looks the same finds nobody else", run, ("create", "login"))
