"""A tenant's plan turned round: what the tenant has that the definitions do not say. Pure."""

from dataclasses import dataclass
from typing import Any

from deployer.planning.differences import AttributeChange
from deployer.planning.model import Action, Plan, SecretChange
from deployer.resources.notes import SecretState

_OUTSIDE = (SecretState.CHANGED_OUTSIDE, SecretState.CHANGED_BOTH, SecretState.UNKNOWN, "unnamed")


@dataclass(frozen=True, slots=True)
class Drifted:
    """One resource that is not as defined. `attributes` go from what is defined to what the tenant has."""

    address: str
    missing: bool
    attributes: list[AttributeChange]
    secrets: list[SecretChange]

    def as_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "address": self.address,
            "missing": self.missing,
            "attributes": [attribute.model_dump(mode="json") for attribute in self.attributes],
            "secrets": [secret.model_dump(mode="json") for secret in self.secrets],
        }


def drift_of(plan: Plan) -> list[Drifted]:
    """Every resource that differs from its definition."""
    found = []
    for change in plan.changes:
        secrets = [s for s in change.secrets if s.state in _OUTSIDE or s.state is SecretState.ADDED]
        if change.action is Action.CREATE:
            found.append(Drifted(change.address, True, [], []))
        elif change.attributes or secrets:
            found.append(Drifted(change.address, False, [_turned(a) for a in change.attributes], secrets))
    return found


def _turned(change: AttributeChange) -> AttributeChange:
    action = {"add": "remove", "remove": "add", "change": "change"}[change.action]
    return change.model_copy(update={"action": action, "before": change.after, "after": change.before})
