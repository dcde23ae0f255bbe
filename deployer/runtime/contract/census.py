"""Finds the rows of a store that the tests did not make, before they change anything."""

import re

from deployer.errors import DeployerError
from deployer.runtime.contract.harness import Harness, normal_address, profile_of
from deployer.text import count, one_line


async def refuse_existing_data(harness: Harness) -> None:
    """Raise DeployerError where the store holds users besides those that `tests:` names and those of earlier runs.

    Says nothing where the store cannot be asked: the checks tell what is wrong with it.
    """
    subject = harness.subject
    if subject.census is None or subject.may_damage or subject.migration == "complete":
        return
    found = profile_of(await harness.run_source(subject.census, "get_user", subject.user.email)) or {}
    addresses = found.get("addresses")
    others = [one for one in addresses if not _is_ours(harness, one)] if isinstance(addresses, list) else []
    if others:
        more = " or more" if len(others) >= 100 else ""
        raise DeployerError(
            f"the store of these tests holds {count(len(others), 'user')}{more} that `tests:` does not name",
            where=f"connection.{one_line(subject.connection, 60)}",
            hint="Give `tests.store` a database that nothing but tests uses, or say --allow-existing-data: the tests"
            " sign users up, and change and delete those.",
        )


def _is_ours(harness: Harness, address: object) -> bool:
    subject = harness.subject
    named = (subject.user, subject.new_user, subject.unverified_user, subject.inactive_user)
    local, _, domain = normal_address(subject.new_user.email).rpartition("@")
    pattern = rf"(other-)?{re.escape(local)}\+[0-9a-f]{{6}}\d+.*@{re.escape(domain)}.*"
    found = normal_address(address)
    return any(user and normal_address(user.email) == found for user in named) or bool(re.fullmatch(pattern, found))
