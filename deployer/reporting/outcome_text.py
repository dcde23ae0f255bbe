"""Shows as text what an apply does, change by change while it runs, and what it did."""

from collections.abc import Iterator
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Self

from rich.text import Text

from deployer.applying.outcome import Outcome, Step
from deployer.planning.model import Action, Plan
from deployer.reporting.lines import ErrorLine
from deployer.reporting.outcome import Goal
from deployer.reporting.terminal import console
from deployer.reporting.waiting import waiting
from deployer.text import count, one_line, visible

_DONE = {Action.CREATE: "created", Action.UPDATE: "updated", Action.DELETE: "deleted"}
_STYLES = {"applied": "success", "failed": "danger", "rolled-back": "warning", "unknown": "danger"}


class Progress:
    """`with Progress("Applying to prod") as progress:` around an apply: one line when a change has ended.

    Between them a spinner says what takes its time, on a terminal. `silent` for output that a machine reads.
    """

    def __init__(self, activity: str, *, silent: bool = False) -> None:
        self._activity = activity
        self._silent = silent
        self._spinner = ExitStack()

    def __enter__(self) -> Self:
        self._spinner.enter_context(waiting(self._activity))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._spinner.close()

    def started(self, step: Step) -> None:
        """Show nothing: changes are quick, and what ended is what counts."""

    def finished(self, step: Step) -> None:
        """Show what became of the change."""
        if self._silent:
            return
        self._spinner.close()
        with suppress(OSError):  # a full disk behind standard output must not stop an apply half-way
            console().print(step_line(step))
        self._spinner.enter_context(waiting(self._activity))


def step_line(step: Step) -> Text:
    """Write what became of one change, and how long that took."""
    done = _DONE[step.change.action] if step.status == "applied" else step.status
    status = (f"{done:<11} ", _STYLES.get(step.status, ""))
    return Text.assemble(status, one_line(step.change.address), (f"  {step.seconds:.1f} s", "muted"))


def outcome_text(plan: Plan, outcome: Outcome | None, goal: Goal = "apply") -> Iterator[Text]:
    """Write the last lines of an apply: what failed, how many changes there were, and how the tenant stands."""
    if outcome is None:
        return
    yield Text("")
    for step in outcome.steps:
        yield from _troubles(step)
    for note in outcome.notes:
        yield Text(f"note: {visible(note)}.", "warning")
    yield _conclusion(outcome, plan.tenant.name, goal)


def _troubles(step: Step) -> Iterator[ErrorLine]:
    if step.message:
        yield ErrorLine(f"error: {visible(step.message)}", "error")
    if step.undo_message:
        yield ErrorLine(f"error: could not be taken back: {visible(step.undo_message)}", "error")
    for text in step.not_restorable:
        yield ErrorLine(f"stands: {visible(text)}.", "warning")
    for text in step.overwritten:
        yield ErrorLine(f"overwritten: {visible(text)}.", "warning")


def _conclusion(outcome: Outcome, tenant: str, goal: Goal) -> Text:
    if outcome.complete:
        return Text(f"Applied {count(len(outcome.steps), 'change')}; read back and as defined.", "success")
    if outcome.incomplete:
        text = "Not applied, and not all of it could be taken back: the tenant is in between. "
        return Text(f"{text}Run `deployer recover {one_line(tenant)}` as soon as it can be reached.", "danger")
    if any(step.not_restorable for step in outcome.steps):
        start = "T" if goal == "undo" else "Not applied; t"
        return Text(f"{start}aken back as far as it can be: what stands is listed above.", "caution")
    start = "Taken back" if goal == "undo" else "Not applied"
    return Text(f"{start}: the tenant is as it was before.", "caution")
