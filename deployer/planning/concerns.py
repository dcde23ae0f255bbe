"""A change in, the reasons out for which it must be named before it is applied.

Nothing here forbids anything: it makes sure that what cannot be taken back, or locks users out, is said aloud.
"""

import re

from deployer.planning.adoption import adoption_words
from deployer.planning.differences import AttributeChange
from deployer.planning.model import Action, Change, Concern, PlannedTenant, SecretChange
from deployer.planning.password_policy import policy_concern
from deployer.planning.ways_in import closed_ways
from deployer.resources import connection
from deployer.resources.marker import NOTE_KEY, SecretState
from deployer.resources.model import Desired, Live
from deployer.scripts import is_default_template

# `user_id: "users|" + id`, or with a template string: `user_id: `users|${id}``.
_USER_ID = re.compile(r"""\buser_id\s*:\s*(?:(["'`])([^"'`$\n]*)\1\s*\+|`([^`$\n]*)\$\{)""")
_ANY_ID = re.compile(r"\buser_id\s*:")

_NAME_IT = {
    "connection": "Name it, or say `!remove` or `!keep` in `configuration`",
    "action": "Name it, or say `!remove` or `!keep` in `secrets`",
}

# A share of very few connections says nothing.
_FEW = 4


def concerns_of(
    action: Action,
    wanted: Desired,
    have: Live | None,
    attributes: list[AttributeChange],
    secrets: list[SecretChange],
) -> list[Concern]:
    """Every concern about one change, most serious first."""
    found: list[Concern] = []

    def add(code: str, why: str, part: str = "") -> None:
        found.append(Concern(code=code, address=wanted.address + part, why=why))

    if have is None or action in (Action.NO_OP, Action.CREATE):
        return found
    if NOTE_KEY not in have.notes:
        add("adopt", adoption_words(wanted, have))
    if (policy := policy_concern(wanted, have)) is not None:
        found.append(policy)
    for way in closed_ways(wanted, have) if wanted.kind == connection.KIND else []:
        add(way.code, way.why, way.part)
    changed = {change.path: change for change in attributes}
    context = changed.get(("options", "enable_script_context"))
    if context and context.after is True:
        add("script-context", "Auth0 does not let `enable_script_context` be turned off again")
    for path, change in changed.items():
        if path[:2] != ("options", "customScripts") or len(path) != 3:
            continue
        if is_default_template(change.before):
            continue  # nobody has written it: no user has an id of it
        if change.action == "change" and user_id_prefix(change.before) != user_id_prefix(change.after):
            if user_id_prefix(change.after) is None:
                why = "it finds nobody any more: users who have not moved to Auth0 yet can no longer log in"
                add("end-migration", why, f"/{path[2]}")
            else:
                add("user-id-prefix", "users get other ids: Auth0 takes each of them for a new user", f"/{path[2]}")
    for secret in secrets:
        if secret.state == "unnamed":
            add(
                "drop-secret",
                "the tenant has this secret and the definition does not name it; the write drops it. "
                + _NAME_IT.get(wanted.kind, "Name it"),
                f"/{secret.name}",
            )
    return found


def guarded(change: Change) -> list[Concern]:
    """The concerns about a change of a protected tenant, where what cannot be taken back must be named."""
    if not change.irreversible:
        return change.concerns
    why = "; ".join(change.irreversible)
    return [*change.concerns, Concern(code="irreversible", address=change.address, why=why)]


def keep_conflict(kept: list[str], attributes: list[AttributeChange], secrets: list[SecretChange]) -> bool:
    """Whether a write of the options would destroy secrets that are to be kept without their values being known."""
    writes_options = any(change.path[0] == "options" for change in attributes) or any(
        secret.state not in (SecretState.SAME, SecretState.NOT_COMPARED, "unnamed") for secret in secrets
    )
    return bool(kept) and writes_options


def user_id_prefix(source: object) -> str | None:
    """What a script puts before a user's id: empty where it puts nothing there, None where it returns no user."""
    if not isinstance(source, str):
        return None
    found = _USER_ID.search(source)
    if found:
        return found[2] if found[2] is not None else found[3]
    return "" if _ANY_ID.search(source) else None


def wide_change(tenant: PlannedTenant, changes: list[Change], max_share: float) -> list[Concern]:
    """A concern where one plan changes more of a tenant's connections at once than it may."""
    connections = [change for change in changes if change.kind == "connection"]
    existing = [change for change in connections if change.live_digest is not None]
    touched = [change for change in existing if change.action in (Action.UPDATE, Action.DELETE)]
    if len(touched) < _FEW or len(touched) <= max_share * len(existing):
        return []
    why = f"{len(touched)} of {len(existing)} connections change at once, more than {max_share:.0%} (max_change_share)"
    return [Concern(code="many-changes", address=f"tenant.{tenant.name}", why=why)]
