"""Words what became of one tenant of many, in one line or, where it failed, in full."""

from collections import Counter

from deployer.fleet.fleet import JobResult
from deployer.operations.results import ApplyResult, PlanResult
from deployer.operations.tenant_status import TenantStatus
from deployer.planning.drift import Drift
from deployer.planning.model import Action, Plan
from deployer.reporting.drift_text import drift_summary
from deployer.reporting.leftovers import with_leftovers
from deployer.text import one_line

_TO_DO = {Action.CREATE: "create", Action.UPDATE: "update", Action.DELETE: "delete"}
_DONE = {Action.CREATE: "created", Action.UPDATE: "updated", Action.DELETE: "deleted"}


def summary_text(result: JobResult) -> str:
    """Say in one line what became of a tenant."""
    interrupted = [notice.what for notice in result.notices if notice.about == "interrupted"]
    return "; ".join([_summary(result), *interrupted])


def error_text(result: JobResult) -> str:
    """Say in full why a tenant failed or was refused."""
    if isinstance(result.result, ApplyResult):
        return _first_message(result.result)
    return result.text


def _summary(result: JobResult) -> str:
    match result.result:
        case PlanResult(plan=plan):
            return with_leftovers(_counts(plan), plan.leftovers)
        case Drift() as drift:
            return with_leftovers(drift_summary(drift), drift.leftovers)
        case ApplyResult() as applied:
            return _applied(applied)
        case TenantStatus() as status:
            return status.words
        case None:
            return result.brief


def _applied(applied: ApplyResult) -> str:
    outcome, leftovers = applied.outcome, applied.plan.leftovers
    if outcome is None:
        interrupted = [applied.interrupted.words] if applied.interrupted else []
        return "; ".join([with_leftovers("no changes", leftovers), *applied.notes, *interrupted])
    if outcome.complete:
        actions = Counter(step.change.action for step in outcome.steps)
        done = ", ".join(f"{number} {_DONE[action]}" for action, number in actions.items())
        return with_leftovers(done, leftovers)
    return f"{outcome.result}: {one_line(_first_message(applied), 120)}"


def _first_message(applied: ApplyResult) -> str:
    steps = applied.outcome.steps if applied.outcome else []
    return next((step.message for step in steps if step.message), "interrupted")


def _counts(plan: Plan) -> str:
    """Say `1 to create, 2 to update`, or `no changes`."""
    counts = plan.counts()
    return ", ".join(f"{counts[a]} to {word}" for a, word in _TO_DO.items() if counts[a]) or "no changes"
