"""Shows what an apply did as text or JSON."""

from typing import TYPE_CHECKING, Literal

from deployer.reporting.terminal import print_report
from deployer.reporting.views import TextOrJson, load_view

if TYPE_CHECKING:
    from deployer.applying.outcome import Outcome
    from deployer.planning.model import Plan

Goal = Literal["apply", "finish", "undo"]
"""What was to be done: apply a plan, or finish or take back an apply that was interrupted."""


def print_outcome(plan: "Plan", outcome: "Outcome | None", form: str = "text", *, goal: Goal = "apply") -> None:
    """Print how an apply ended, and on standard error what failed; None stands for a plan without changes."""
    print_report(load_view("outcome", TextOrJson(form))(plan, outcome, goal))
