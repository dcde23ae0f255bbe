"""What an apply did in, lines for people or JSON out; progress while it runs."""

from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Any, Literal, Self

from rich.text import Text

from deployer.applying.outcome import Outcome, Step
from deployer.planning.model import Action, Plan
from deployer.reporting.terminal import console
from deployer.reporting.waiting import waiting
from deployer.text import count, one_line, visible

_DONE = {Action.CREATE: "created", Action.UPDATE: "updated", Action.DELETE: "deleted"}
_STYLES = {"applied": "green", "failed": "bold red", "rolled-back": "yellow", "unknown": "bold red"}


class Progress:
    """`with Progress("Applying to prod") as progress:` around an apply: one line when a change has ended.

    Between them a spinner says what takes its time, on a terminal. `silent` for output that a machine reads.
    """

    def __init__(self, words: str, *, silent: bool = False) -> None:
        self._words = words
        self._silent = silent
        self._spinner = ExitStack()

    def __enter__(self) -> Self:
        self._spinner.enter_context(waiting(self._words))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._spinner.close()

    def started(self, step: Step) -> None:
        """Nothing: changes are quick, and what ended is what counts."""

    def finished(self, step: Step) -> None:
        """Say what became of the change."""
        if self._silent:
            return
        words = _DONE[step.change.action] if step.status == "applied" else step.status
        line = Text.assemble((f"{words:<11} ", _STYLES.get(step.status, "")), f"{one_line(step.change.address)}")
        self._spinner.close()
        with suppress(OSError):  # a full disk behind standard output must not stop an apply half-way
            console().print(Text.assemble(line, (f"  {step.seconds:.1f} s", "dim")))
        self._spinner.enter_context(waiting(self._words))


def show_outcome(outcome: Outcome, tenant: str, *, wanted: Literal["apply", "finish", "undo"] = "apply") -> None:
    """The last lines of an apply: how many changes, what failed, and how the tenant stands."""
    out, err = console(), console(error=True)
    head = "T" if wanted == "undo" else "Not applied; t"
    out.print()
    for step in outcome.steps:
        if step.message:
            err.print(Text(f"error: {visible(step.message)}", "red"))
        if step.undo_message:
            err.print(Text(f"error: could not be taken back: {visible(step.undo_message)}", "red"))
        for text in step.not_restorable:
            err.print(Text(f"stands: {visible(text)}.", "yellow"))
        for text in step.overwritten:
            err.print(Text(f"overwritten: {visible(text)}.", "yellow"))
    for text in outcome.notes:
        out.print(Text(f"note: {visible(text)}.", "yellow"))
    if outcome.complete:
        out.print(Text(f"Applied {count(len(outcome.steps), 'change')}; read back and as defined.", "green"))
    elif outcome.incomplete:
        text = "Not applied, and not all of it could be taken back: the tenant is in between. "
        out.print(Text(f"{text}Run `deployer recover {one_line(tenant)}` as soon as it can be reached.", "bold red"))
    elif any(step.not_restorable for step in outcome.steps):
        out.print(Text(f"{head}aken back as far as it can be: what stands is listed above.", "bold yellow"))
    else:
        text = "Taken back: the tenant" if wanted == "undo" else "Not applied: the tenant"
        out.print(Text(f"{text} is as it was before.", "bold yellow"))


def outcome_json(plan: Plan, outcome: Outcome | None) -> dict[str, Any]:
    """The outcome as JSON values; None stands for a plan without changes."""
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
