"""Writes what an apply did as JSON."""

from typing import Any

from deployer.applying.outcome import Outcome
from deployer.planning.model import Plan
from deployer.reporting.outcome import Goal
from deployer.reporting.views import dump_json


def outcome_json(plan: Plan, outcome: Outcome | None, _goal: Goal = "apply") -> str:
    """Write the outcome as one JSON object; None stands for a plan without changes."""
    return dump_json(outcome_values(plan, outcome))


def outcome_values(plan: Plan, outcome: Outcome | None) -> dict[str, Any]:
    """Return the outcome as JSON values; durations in seconds."""
    steps = outcome.steps if outcome else []
    return {
        "tenant": plan.tenant.name,
        "complete": outcome.complete if outcome else True,
        "result": outcome.result if outcome else "succeeded",
        "notes": outcome.notes if outcome else [],
        "changes": [
            {
                "address": step.change.address,
                "action": step.change.action.value,
                "status": step.status,
                "seconds": round(step.seconds, 3),
                "message": step.message,
                "stands": step.not_restorable,
                "overwritten": step.overwritten,
                "undo_message": step.undo_message,
            }
            for step in steps
        ],
    }
