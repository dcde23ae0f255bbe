"""Checks, before anything is written, that a plan shows what it writes.

What an apply writes is the `wanted` state of each change; what people look at are its attributes, its secrets and its
concerns. These are computed again here, from what would be written and from what the tenant has.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from deployer.config.models import Tenant
from deployer.errors import RefusedError
from deployer.planning.compute import change_by_digests
from deployer.planning.concerns import guarded, wide_change
from deployer.planning.model import Action, Change, Plan
from deployer.planning.plan_checks import rotation
from deployer.resources.concerns import Concern
from deployer.resources.model import Live
from deployer.text import count, one_line

_SHOWN = 5
_Key = TypeVar("_Key", bound="str | tuple[str, ...]")


def check_disclosed(plan: Plan, live: Mapping[str, Live], tenant: Tenant) -> None:
    """Refuse a plan that writes anything else than it shows.

    Args:
        plan: the plan, which still fits the tenant (`check_fresh`).
        live: what the tenant has, by address.
        tenant: says whether the tenant is protected, and how much of it may change at once.

    Raises:
        RefusedError: naming what differs; nothing was changed.
    """
    found = [words for change in plan.effective for words in _undisclosed(plan, change, live, protect=tenant.protect)]
    wide = wide_change(plan.tenant, plan.changes, tenant.max_change_share)
    found += [f"{name} is not named" for name in _unnamed(wide, plan.wide)]
    if found:
        more = f" and {count(len(found) - _SHOWN, 'more difference')}" if len(found) > _SHOWN else ""
        raise RefusedError(
            f"the plan does not show what it writes: {'; '.join(found[:_SHOWN])}{more}",
            where=f"tenant {one_line(plan.tenant.name)}",
            hint="Nothing was changed. Make a new plan and look at it.",
        )


def _undisclosed(plan: Plan, change: Change, live: Mapping[str, Live], *, protect: bool) -> Iterator[str]:
    """Say what a change writes and does not show, or the other way round."""
    address = one_line(change.address)
    if change.action is Action.DELETE:
        return  # the whole resource goes, and its name is what is shown
    if change.wanted is None:
        yield f"{address} does not say what is written"
        return
    actual = change_by_digests(
        change.to_desired(),
        live.get(change.address),
        change.wanted.secret_digests,
        plan.key_id,
        without_secrets=plan.without_secrets,
        rotates=rotation(change.address) in plan.accepted,
    )
    if protect:
        actual = actual.model_copy(update={"concerns": guarded(actual)})
    if actual.action is not change.action:
        yield f"{address} is shown as {change.action.value} and is {actual.action.value}"
    for path in _others(_attributes(change), _attributes(actual)):
        yield f"{address} at {one_line('.'.join(path))}"
    for name in _others(_secrets(change), _secrets(actual)):
        yield f"{address} secret {one_line(name)}"
    for words in actual.irreversible:
        if words not in change.irreversible:
            yield f"{address}: it is not said that {one_line(words)}"
    for name in _unnamed(actual.concerns, change.concerns):
        yield f"{name} is not named"


def _attributes(change: Change) -> dict[tuple[str, ...], Any]:
    return {attribute.path: attribute.model_dump(mode="json") for attribute in change.attributes}


def _secrets(change: Change) -> dict[str, Any]:
    return {secret.name: secret.state for secret in change.secrets}


def _others(shown: Mapping[_Key, Any], actual: Mapping[_Key, Any]) -> list[_Key]:
    """Find the keys of what is not the same in both."""
    absent = object()
    keys = dict.fromkeys((*shown, *actual))
    return [key for key in keys if shown.get(key, absent) != actual.get(key, absent)]


def _unnamed(needed: Iterable[Concern], shown: Iterable[Concern]) -> list[str]:
    named = {concern.name for concern in shown}
    return [concern.name for concern in needed if concern.name not in named]
