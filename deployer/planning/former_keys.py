"""Finds what a plan leaves as it is and whose secrets are noted under a key of before. Pure."""

from collections.abc import Iterable, Mapping

from deployer.planning.model import Action, Change, Plan
from deployer.resources.model import Live
from deployer.resources.registry import KINDS


def noted_under_former_key(
    changes: Iterable[Change], live: Mapping[str, Live], present: Mapping[str, Live]
) -> list[str]:
    """Find the addresses of unchanged resources whose notes a former key made.

    Args:
        changes: the changes of a plan.
        live: what the tenant has, by address.
        present: the same with its notes read under the present key (`resources.rekeying.under_key`).
    """
    return [
        change.address
        for change in changes
        if change.action is Action.NO_OP and change.address in live
        if present[change.address] is not live[change.address]
    ]


def noted_apart(plan: Plan) -> list[str]:
    """Find what of the plan is noted under a former key and can be noted anew while all that runs stays untouched."""
    kinds = {change.address: change.kind for change in plan.changes}
    return [address for address in plan.former_key if address in kinds and KINDS[kinds[address]].notes_apart]
