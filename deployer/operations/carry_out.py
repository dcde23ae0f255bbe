"""Takes a plan to its end: the part that apply, promote, rollback and destroy have in common."""

from collections.abc import Callable
from dataclasses import dataclass

from deployer.applying.allowance import check_allowed
from deployer.applying.outcome import Silent
from deployer.applying.request import Request
from deployer.applying.session import apply_plan, conclude_unchanged
from deployer.management.gateway import Gateway
from deployer.operations.context import Context
from deployer.operations.keep_plan import warn_unneeded
from deployer.operations.results import ApplyResult
from deployer.planning.model import Plan
from deployer.planning.resolve import ResolvedTenant
from deployer.state.state_store import StateStore

Approve = Callable[[Plan], None]
"""Asks whether a plan is to be applied; raises, or leaves, where it is not."""


@dataclass(frozen=True)
class Target:
    """A tenant that is ready to be changed: its definitions and secrets, the gateway to it, and its state."""

    ready: ResolvedTenant
    gateway: Gateway
    state: StateStore


async def carry_out(
    context: Context, target: Target, plan: Plan, request: Request, approve: Approve | None, *, saved: bool
) -> ApplyResult:
    """Apply a plan, whole or not at all, after it was approved.

    Args:
        context: of the operation.
        target: the tenant.
        plan: what is to be changed. One that was `saved` is exactly what is applied: also one without changes must
            still fit the tenant.
        request: how it is to be applied.
        approve: asks somebody; None where it was approved before.
        saved: whether the plan comes from a file.

    Raises:
        RefusedError: where the plan is stale, or has concerns that are not accepted; nothing was changed then.
    """
    ready, gateway, state = target.ready, target.gateway, target.state
    context.observer.planned(plan, saved=saved)
    if not plan.effective:
        if saved:
            await apply_plan(ready, gateway, state, plan, request, Silent())
        notes, interrupted = await conclude_unchanged(ready, gateway, state, plan, request, saved=saved)
        return ApplyResult(plan, notes=tuple(notes), interrupted=interrupted)
    warn_unneeded(context, plan, request.allowed)
    if approve is not None:
        check_allowed(plan, request.allowed)  # nobody says yes to what is refused then
        approve(plan)
    with context.observer.applying(plan.tenant.name, request.command) as steps:
        outcome = await apply_plan(ready, gateway, state, plan, request, steps)
    return ApplyResult(plan, outcome)
