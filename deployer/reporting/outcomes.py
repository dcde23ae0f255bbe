"""What an apply did in, lines for people or JSON out; progress while it runs."""

from typing import Any

from rich.text import Text

from deployer.applying.outcome import Outcome, Step
from deployer.planning.model import Action, Plan
from deployer.reporting.terminal import console
from deployer.text import count, one_line, visible

_DONE = {Action.CREATE: "created", Action.UPDATE: "updated", Action.DELETE: "deleted"}
_STYLES = {"applied": "green", "failed": "bold red", "rolled-back": "yellow", "unknown": "bold red"}


class Progress:
    """One line when a change has ended. `silent` for output that a machine reads."""

    def __init__(self, *, silent: bool = False) -> None:
        self._silent = silent

    def started(self, step: Step) -> None:
        """Nothing: changes are quick, and what ended is what counts."""

    def finished(self, step: Step) -> None:
        """Say what became of the change."""
        if self._silent:
            return
        words = _DONE[step.change.action] if step.status == "applied" else step.status
        line = Text.assemble((f"{words:<9}", _STYLES.get(step.status, "")), f"{one_line(step.change.address)}")
        console().print(Text.assemble(line, (f"  {step.seconds:.1f} s", "dim")))


def show_outcome(outcome: Outcome) -> None:
    """The last lines of an apply: how many changes, and what failed."""
    out = console()
    out.print()
    done = [step for step in outcome.steps if step.status == "applied"]
    for step in outcome.steps:
        if step.message:
            console(error=True).print(Text(f"error: {visible(step.message)}", "red"))
    if outcome.complete:
        out.print(Text(f"Applied {count(len(done), 'change')}; read back and as defined.", "green"))
        return
    rest = len(outcome.steps) - len(done)
    out.print(Text(f"Applied {count(len(done), 'change')}; {rest} not applied.", "bold red"))


def outcome_json(plan: Plan, outcome: Outcome | None) -> dict[str, Any]:
    """The outcome as JSON values; None stands for a plan without changes."""
    steps = outcome.steps if outcome else []
    return {
        "tenant": plan.tenant.name,
        "complete": outcome.complete if outcome else True,
        "changes": [
            {
                "address": step.change.address,
                "action": step.change.action.value,
                "status": step.status,
                "seconds": round(step.seconds, 3),
                "message": step.message,
            }
            for step in steps
        ],
    }
