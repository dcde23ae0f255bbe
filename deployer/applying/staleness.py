"""Refuses a plan that no longer fits the tenant, with the reasons."""

import shlex
from collections.abc import Mapping

from deployer.digests import digest
from deployer.errors import RefusedError
from deployer.planning.differences import all_differences
from deployer.planning.model import Change, Plan
from deployer.planning.plan_checks import rotation
from deployer.resources.marker import OwnershipMarker, SecretState
from deployer.resources.model import Live
from deployer.resources.registry import KINDS
from deployer.text import count, one_line

_SHOWN = 5


class StaleError(RefusedError):
    """The tenant, or a secret, is no longer what the plan was computed from. Nothing was changed."""


def check_fresh(plan: Plan, live: Mapping[str, Live], secret_digests: Mapping[str, Mapping[str, str]]) -> None:
    """Compare every resource of the plan with the tenant.

    Args:
        plan: the plan.
        live: what the tenant has now, by address.
        secret_digests: the keyed digests of the secrets' values now, by address and name.

    Raises:
        StaleError: naming what changed since.
        RefusedError: where a secret that was not compared for the plan is another than the tenant notes.
    """
    reasons = []
    for change in plan.changes:
        reasons += _reasons(change, live.get(change.address))
        if change.wanted is not None:
            now = secret_digests.get(change.address, {})
            reasons += [
                f"the value of the secret {KINDS[change.kind].secret_label(change.name, name)} is another one now"
                for name, value in change.wanted.secret_digests.items()
                if now.get(name) != value
            ]
    if reasons:
        more = f" and {count(len(reasons) - _SHOWN, 'more difference')}" if len(reasons) > _SHOWN else ""
        raise StaleError(
            f"the plan is stale: {'; '.join(reasons[:_SHOWN])}{more}",
            where=f"tenant {plan.tenant.name}",
            hint="Nothing was changed. Make a new plan and look at it.",
        )
    _check_uncompared(plan, live, secret_digests)


def _check_uncompared(plan: Plan, live: Mapping[str, Live], secret_digests: Mapping[str, Mapping[str, str]]) -> None:
    """Compare what could not be compared when the plan was made. Raises RefusedError."""
    for change in plan.changes:
        now = live.get(change.address)
        notes = OwnershipMarker.read(now.notes) if now is not None else None
        for secret in change.secrets:
            if secret.state is not SecretState.NOT_COMPARED or now is None or notes is None:
                continue
            value = secret_digests.get(change.address, {}).get(secret.name, "")
            word = shlex.quote(one_line(rotation(change.address)))
            label = KINDS[change.kind].secret_label(change.name, secret.name)
            state = notes.state(secret.name, value, plan.key_id, now.ciphertexts.get(secret.name))
            if state is SecretState.SAME:
                continue
            raise RefusedError(
                f"the secret {label} is another one than the tenant notes, and the plan, which was made without its "
                "value, does not say that it changes",
                where=f"tenant {plan.tenant.name}",
                hint=f"Nothing was changed. If it is to change, plan it with: --allow {word}",
            )


def _reasons(change: Change, now: Live | None) -> list[str]:
    state = digest(now.comparable()) if now else None
    if state == change.live_digest:
        return []
    if now is None:
        return [f"{change.address} was deleted"]
    if change.live_digest is None:
        return [f"{change.address} was created by somebody else"]
    if change.before is None:
        return [f"{change.address} was changed"]
    paths = [".".join(found.path) for found in all_differences(change.before, now.comparable())]
    return [f"{change.address} changed at {one_line(path.removeprefix('attributes.'))}" for path in paths]
