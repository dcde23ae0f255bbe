"""Keeps a plan that is not applied: with what was accepted, in a file where one is named."""

from collections.abc import Iterable
from pathlib import Path

from deployer.operations.context import Context
from deployer.operations.observer import Notice
from deployer.operations.results import PlanResult
from deployer.planning.model import Plan
from deployer.planning.plan_checks import accepting, unneeded
from deployer.planning.plan_file import write_plan
from deployer.planning.resolve import ResolvedTenant


def keep_plan(
    context: Context, ready: ResolvedTenant, plan: Plan, allowed: frozenset[str], out: Path | None
) -> PlanResult:
    """Return a plan that is not applied, with what is accepted, and save it where a file is named.

    Raises:
        DeployerError: where the file cannot be written.
    """
    plan = accepting(plan, allowed)
    if out is not None:
        write_plan(plan, out, ready.key)
    warn_unneeded(context, plan, allowed)
    return PlanResult(plan, out, ready.tenant.promote_from)


def warn_unneeded(context: Context, plan: Plan, allowed: Iterable[str]) -> None:
    """Warn of each accepted concern that nothing in the plan has: it may be mistyped."""
    for sentence in unneeded(plan, frozenset(allowed)):
        context.observer.warn(Notice("allow", sentence))
