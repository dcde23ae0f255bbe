"""Turns a plan round: finds what the tenant has that the definitions do not say, and was not left so. Pure.

A plan compares with what a tenant was last given, and with today's values of its own file. What differs only since that
file was changed, and not yet applied, is no drift, nor is what the tenant was never given.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from deployer.digests import digest
from deployer.planning.differences import AttributeChange
from deployer.planning.model import Action, Change, Leftover, Plan, PlannedTenant, SecretChange
from deployer.resources.concerns import ConcernCode
from deployer.resources.marker import SecretState
from deployer.resources.registry import KINDS
from deployer.state.deployed_release import DeployedRelease
from deployer.state.inventory import FinalState, Known

_OUTSIDE = (SecretState.CHANGED_OUTSIDE, SecretState.CHANGED_BOTH, SecretState.UNKNOWN, "unnamed")


@dataclass(frozen=True, slots=True)
class Given:
    """What the store tells of what a tenant was given: by which releases, which resources, and how they were left."""

    running: DeployedRelease = field(default_factory=DeployedRelease)
    known: Known = field(default_factory=Known)

    def never(self, change: Change) -> bool:
        """Return whether this resource was not deployed from here, or was taken away from here.

        What is there and bears this tool's mark was, even where the store knows nothing of it.
        """
        if self.running.release_of(change.address) is not None and change.address in self.known.addresses:
            return False
        return change.action is Action.CREATE or any(concern.code is ConcernCode.ADOPT for concern in change.concerns)

    def untouched(self, change: Change) -> bool:
        """Return whether the resource is as it was left, in all that the tenant shows of it."""
        left = self.known.final_states.get(change.address)
        return left is not None and left.digest in (change.live_digest, *_as_read_then(change, left))


@dataclass(frozen=True, slots=True)
class Drifted:
    """One resource that is not as defined. `attributes` go from what is defined to what the tenant has, `known_as` says
    what somebody did to bring that about, where it is known by what it leaves."""

    address: str
    missing: bool
    attributes: list[AttributeChange]
    secrets: list[SecretChange]
    known_as: list[str] = field(default_factory=list)

    @property
    def only_unknown(self) -> bool:
        """Whether all that is said of it is that secrets cannot be compared, by their notes or with this key."""
        return not self.missing and not self.attributes and all(s.state is SecretState.UNKNOWN for s in self.secrets)

    def as_json(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "address": self.address,
            "missing": self.missing,
            "attributes": [attribute.model_dump(mode="json") for attribute in self.attributes],
            "known_as": self.known_as,
            "secrets": [secret.model_dump(mode="json") for secret in self.secrets],
        }


@dataclass(frozen=True, slots=True)
class Drift:
    """What was found out about one tenant. `compared` counts the resources that it was given.

    `not_applied` are addresses that differ only since the tenant's own file was changed, `not_deployed` those that it
    was not given from here, `not_compared` those that cannot be compared, with the reason. `way_back` says what sets
    back what drifted.
    """

    tenant: PlannedTenant
    found: list[Drifted]
    compared: int
    not_applied: list[str] = field(default_factory=list)
    not_deployed: list[str] = field(default_factory=list)
    not_compared: Mapping[str, str] = field(default_factory=dict)
    leftovers: list[Leftover] = field(default_factory=list)
    way_back: str = ""

    @property
    def stays(self) -> list[str]:
        """Secrets that somebody added to what is defined: an apply that has nothing else to write leaves them."""
        return [
            f"{one.address}/{secret.name}" for one in self.found for secret in one.secrets if secret.state == "unnamed"
        ]

    @property
    def is_set_back(self) -> bool:
        """Whether an apply sets back any of what drifted."""
        return any(
            one.missing or one.attributes or any(secret.state != "unnamed" for secret in one.secrets)
            for one in self.found
        )

    @property
    def never_deployed(self) -> bool:
        """Whether the tenant was never given anything from here."""
        return bool(self.not_deployed) and not self.compared


def drift_of(plan: Plan) -> list[Drifted]:
    """Find every resource that differs from its definition."""
    return [one for change in plan.changes if (one := _drifted(change)) is not None]


def find_drift(plan: Plan, given: Given, *, not_compared: Mapping[str, str] | None = None, way_back: str = "") -> Drift:
    """Find what differs from what the tenant was given.

    Args:
        plan: of what it was last given, with today's values of its own file.
        given: what the store tells of it.
        not_compared: addresses that the plan leaves out, with the reason.
        way_back: what sets back what drifted.
    """
    found, not_applied, never = [], [], []
    for change in plan.changes:
        drifted = _drifted(change)
        if drifted is None:
            # A value that was rotated and not applied: the tenant is as it was left, and not as defined.
            if change.action is not Action.NO_OP and not given.never(change):
                not_applied.append(change.address)
            continue
        if given.never(change):
            never.append(change.address)
        elif not given.untouched(change):
            found.append(drifted)
        elif not drifted.only_unknown:
            not_applied.append(change.address)
    compared = len(plan.changes) - len(never)
    return Drift(plan.tenant, found, compared, not_applied, never, not_compared or {}, plan.leftovers, way_back)


def _drifted(change: Change) -> Drifted | None:
    secrets = [s for s in change.secrets if s.state in _OUTSIDE or s.state is SecretState.ADDED]
    if change.action is Action.CREATE:
        return Drifted(change.address, True, [], [])
    attributes = [_turned(each) for each in change.attributes if not each.by_tenant]
    if attributes or secrets:
        known_as = KINDS[change.kind].known_as(change.attributes)
        return Drifted(change.address, False, attributes, secrets, known_as)
    return None


def _as_read_then(change: Change, left: FinalState) -> Iterator[str]:
    """Digest the live state without what is read today, and was not when it was left (enabled applications)."""
    if change.before is None:
        return
    for later in sorted(set(change.read) - set(left.read)):
        attributes = {name: value for name, value in change.before["attributes"].items() if name != later}
        yield digest({**change.before, "attributes": attributes})


def _turned(change: AttributeChange) -> AttributeChange:
    action = {"add": "remove", "remove": "add", "change": "change"}[change.action]
    return change.model_copy(update={"action": action, "before": change.after, "after": change.before})
