"""A prepared tenant and its plan in, the outcome out; the one door through which a tenant is changed."""

from deployer.applying.apply import Applier
from deployer.applying.outcome import Observer, Outcome
from deployer.management.gateway import Gateway
from deployer.planning.model import Plan
from deployer.planning.preparation import Prepared


async def apply_plan(
    prepared: Prepared, gateway: Gateway, plan: Plan, allowed: frozenset[str], observer: Observer
) -> Outcome:
    """Apply a plan to its tenant.

    Raises:
        RefusedError: where the plan is stale or has concerns that are not among `allowed`; nothing was changed then.
    """
    return await Applier(gateway, plan, prepared.values, prepared.key, observer).run(allowed)
