"""Checks that no password and no hash of one is in a profile."""

import base64
import hashlib
import re
from collections.abc import Iterator
from typing import Any

from deployer.runtime.contract.check import Check
from deployer.runtime.contract.harness import Harness, profile_of
from deployer.text import one_line

_NAMES = re.compile(r"passw|passwd|pwd|secret|salt$|^salt|(^|_)hash|hash$", re.IGNORECASE)
_HASHES = re.compile(r"^(\$2[abxy]?\$|\$argon2|\$scrypt\$|\$pbkdf2|pbkdf2_|\{S?SHA|\$[156]\$|scrypt:|bcrypt\$)")
_ALGORITHMS = ("md5", "sha1", "sha256", "sha512")


async def run(harness: Harness) -> list[str]:
    """Find places in profiles that hold, or by their name must hold, a secret. Values are not shown."""
    user = harness.subject.user
    profiles = {"login": profile_of(await harness.login(user))}
    if harness.has("get_user"):
        profiles["get_user"] = profile_of(await harness.call("get_user", user.email))
    derived = _derived(user.password)
    return [
        f"The profile from `{script}` holds {what} in `{one_line(path, 80)}`."
        for script, profile in profiles.items()
        for path, what in _secrets(profile or {}, derived)
    ]


def _derived(password: str) -> dict[str, str]:
    found = {password: "the password"}
    for algorithm in _ALGORITHMS:
        digest = hashlib.new(algorithm, password.encode(), usedforsecurity=False).digest()
        found[digest.hex()] = found[base64.b64encode(digest).decode()] = "a hash of the password"
    return found


def _secrets(value: Any, derived: dict[str, str], path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            place = f"{path}.{key}" if path else str(key)
            if _NAMES.search(str(key)) and isinstance(item, str) and item:
                yield place, "what looks like a password or its hash"
            else:
                yield from _secrets(item, derived, place)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _secrets(item, derived, f"{path}[{index}]")
    elif isinstance(value, str):
        what = derived.get(value) or derived.get(value.lower()) or ("a password hash" if _HASHES.match(value) else None)
        if what:
            yield path, what


CHECK = Check("no-secrets", "no password or hash in the profile", run, ("login",), known_user=True)
