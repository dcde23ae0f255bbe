"""Finds writes that weaken a connection's password policy, and names a policy that the Dashboard has converted."""

from collections.abc import Iterable, Mapping
from typing import Any

from deployer.auth0_defaults import PASSWORD_OPTIONS
from deployer.resources.changes import AttributeChange
from deployer.resources.concerns import Concern, ConcernCode
from deployer.resources.connection_defaults import OLD_PASSWORD_FIELDS
from deployer.resources.connection_password_policy import PasswordPolicy
from deployer.resources.connection_payload import written_options
from deployer.resources.model import Desired, Live


def policy_concern(desired: Desired, live: Live) -> Concern | None:
    """Find the concern about a write that drops `password_options`, or asks for less than is asked for today."""
    before, after = live.attributes["options"], written_options(desired, live)
    now, then = PasswordPolicy.of(before), PasswordPolicy.of(after)
    dropped = _is_new(before) and not _is_new(after)
    shorter = then.min_length < now.min_length
    weaker = list(then.weaker_than(now))
    if not (dropped or shorter or weaker):
        return None
    parts = []
    if dropped:
        parts.append("`password_options` (Flexible Password Policy) go, for the old fields that Auth0 is replacing")
    length = "falls from" if shorter else "is"
    lengths = f"{now.min_length} to {then.min_length}" if shorter else f"{now.min_length}, and {then.min_length} then"
    parts.append(f"the minimum length of a password {length} {lengths}")
    return Concern(code=ConcernCode.WEAKENS_PASSWORD_POLICY, address=desired.address, why="; ".join([*parts, *weaker]))


def conversion(changes: Iterable[AttributeChange]) -> str | None:
    """Say what the Dashboard's button did to a connection, by the changes that would set it back; else None."""
    by_name = {change.path[1]: change for change in changes if len(change.path) > 1 and change.path[0] == "options"}
    new = by_name.get(PASSWORD_OPTIONS)
    if new is None or new.action != "remove" or new.by_tenant:
        return None
    if not any(name in by_name and by_name[name].action == "add" for name in OLD_PASSWORD_FIELDS):
        return None
    length = PasswordPolicy.of({PASSWORD_OPTIONS: new.before}).min_length
    return (
        "the Flexible Password Policy was activated, which turns the old password fields into `password_options` "
        f"(minimum length {length}); to keep it, name `password_options` in the definition, or neither"
    )


def _is_new(options: Mapping[str, Any]) -> bool:
    return isinstance(options.get(PASSWORD_OPTIONS), Mapping)
