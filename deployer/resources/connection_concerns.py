"""Finds what is dangerous about a change of a connection: what locks people out, or gives them other ids."""

import re
from collections.abc import Iterator

from deployer.resources.changes import AttributeChange
from deployer.resources.concerns import Concern, ConcernCode
from deployer.resources.connection_policy_changes import policy_concern
from deployer.resources.connection_ways_in import closed_ways
from deployer.resources.kinds.base import Comparison
from deployer.scripts import is_default_template

SCRIPT_CONTEXT = ("options", "enable_script_context")
# `user_id: "users|" + id`, or with a template string: `user_id: `users|${id}``.
_USER_ID = re.compile(r"""\buser_id\s*:\s*(?:(["'`])([^"'`$\n]*)\1\s*\+|`([^`$\n]*)\$\{)""")
_ANY_ID = re.compile(r"\buser_id\s*:")


def connection_concerns(comparison: Comparison) -> Iterator[Concern]:
    """Find every concern about an update of a connection, most serious first."""
    desired, live = comparison.desired, comparison.live
    if (policy := policy_concern(desired, live)) is not None:
        yield policy
    for way in closed_ways(desired, live):
        yield Concern(code=way.code, address=desired.address + way.part, why=way.why)
    if turns_on_script_context(comparison):
        why = "Auth0 does not let `enable_script_context` be turned off again"
        yield Concern(code=ConcernCode.SCRIPT_CONTEXT, address=desired.address, why=why)
    for path, change in comparison.changes.items():
        if path[:2] == ("options", "customScripts") and len(path) == 3:
            yield from _of_script(f"{desired.address}/{path[2]}", change)


def turns_on_script_context(comparison: Comparison) -> bool:
    """Return whether an update turns on what Auth0 lets nobody turn off."""
    change = comparison.changes.get(SCRIPT_CONTEXT)
    return change is not None and change.after is True


def _of_script(address: str, change: AttributeChange) -> Iterator[Concern]:
    if is_default_template(change.before):
        return  # nobody has written it: no user has an id of it
    before, after = user_id_prefix(change.before), user_id_prefix(change.after)
    if change.action != "change" or before == after:
        return
    if after is None:
        why = "it finds nobody any more: users who have not moved to Auth0 yet can no longer log in"
        yield Concern(code=ConcernCode.END_MIGRATION, address=address, why=why)
    else:
        why = "users get other ids: Auth0 takes each of them for a new user"
        yield Concern(code=ConcernCode.USER_ID_PREFIX, address=address, why=why)


def user_id_prefix(source: object) -> str | None:
    """Find what a script puts before a user's id: empty where it puts nothing there, None where it returns no user."""
    if not isinstance(source, str):
        return None
    found = _USER_ID.search(source)
    if found:
        return found[2] if found[2] is not None else found[3]
    return "" if _ANY_ID.search(source) else None
