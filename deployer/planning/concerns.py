"""Finds the concerns that a user must accept with `--allow CODE:ADDRESS` before a change is applied.

Nothing here forbids anything: it makes sure that what cannot be taken back, or locks users out, is said aloud. What is
dangerous about a change of one kind, that kind says.
"""

from collections.abc import Iterable

from deployer.planning.differences import AttributeChange
from deployer.planning.model import Action, Change, PlannedTenant, SecretChange
from deployer.resources.concerns import Concern, ConcernCode
from deployer.resources.kinds import connection
from deployer.resources.kinds.base import BaseKind, Comparison
from deployer.resources.marker import NOTE_KEY, SecretState
from deployer.resources.model import Desired, Live
from deployer.resources.registry import KINDS

_ADOPTED = "it exists in the tenant and was not made by this tool; from then on it is managed here"
# A share of very few connections says nothing.
_FEW = 4


def concerns_of(
    action: Action,
    desired: Desired,
    live: Live | None,
    attributes: Iterable[AttributeChange],
    secrets: Iterable[SecretChange],
) -> list[Concern]:
    """Find every concern about one change, most serious first."""
    if live is None or action in (Action.NO_OP, Action.CREATE):
        return []
    kind = KINDS[desired.kind]
    found: list[Concern] = []
    if NOTE_KEY not in live.notes:
        why = _ADOPTED + kind.adoption_note(desired, live)
        found.append(Concern(code=ConcernCode.ADOPT, address=desired.address, why=why))
    found += kind.concerns(comparison_of(desired, live, attributes))
    found += [_dropped(kind, desired, secret) for secret in secrets if secret.state == "unnamed"]
    return found


def comparison_of(desired: Desired, live: Live, attributes: Iterable[AttributeChange]) -> Comparison:
    """Build what a kind is shown of an update."""
    return Comparison(desired, live, {change.path: change for change in attributes})


def guarded(change: Change) -> list[Concern]:
    """Find the concerns about a change of a protected tenant, where what cannot be taken back must be named."""
    if not change.irreversible:
        return change.concerns
    why = "; ".join(change.irreversible)
    return [*change.concerns, Concern(code=ConcernCode.IRREVERSIBLE, address=change.address, why=why)]


def loses_unsent_secrets(kind: BaseKind, attributes: list[AttributeChange], secrets: list[SecretChange]) -> bool:
    """Return whether a write would destroy secrets that are to be kept without their values being known."""
    if not kind.replaces_secrets:
        return False
    return any(change.path[0] in kind.replaces_secrets for change in attributes) or any(
        secret.state not in (SecretState.SAME, SecretState.NOT_COMPARED, "unnamed") for secret in secrets
    )


def wide_change(tenant: PlannedTenant, changes: list[Change], max_share: float) -> list[Concern]:
    """Find the concern where one plan changes more of a tenant's connections at once than it may."""
    connections = [change for change in changes if change.kind == connection.KIND]
    existing = [change for change in connections if change.live_digest is not None]
    touched = [change for change in existing if change.action in (Action.UPDATE, Action.DELETE)]
    if len(touched) < _FEW or len(touched) <= max_share * len(existing):
        return []
    why = f"{len(touched)} of {len(existing)} connections change at once, more than {max_share:.0%} (max_change_share)"
    return [Concern(code=ConcernCode.MANY_CHANGES, address=f"tenant.{tenant.name}", why=why)]


def _dropped(kind: BaseKind, desired: Desired, secret: SecretChange) -> Concern:
    name_it = f"Name it, or say `!remove` or `!keep` in `{kind.secrets_section}`" if kind.secrets_section else "Name it"
    why = f"the tenant has this secret and the definition does not name it; the write drops it. {name_it}"
    return Concern(code=ConcernCode.DROP_SECRET, address=f"{desired.address}/{secret.name}", why=why)
