"""Tells what an apply did, change by change, for whoever reports it."""

from dataclasses import dataclass, field
from typing import Literal, Protocol

from deployer.planning.model import Change

Status = Literal["applied", "failed", "not-started", "rolled-back", "unknown"]


@dataclass(slots=True)
class Step:
    """One change and what became of it.

    `seconds` runs from its first request to the answer of its last. `not_restorable` says what a roll-back could not
    take back, `overwritten` what it took back although somebody else had done it, `undo_message` why it failed.
    """

    change: Change
    status: Status = "not-started"
    seconds: float = 0.0
    message: str | None = None
    not_restorable: list[str] = field(default_factory=list)
    overwritten: list[str] = field(default_factory=list)
    undo_message: str | None = None


@dataclass(slots=True)
class Outcome:
    """All steps of one apply, in the order of the plan. `undone`: it was to be taken back. `notes` say what the tenant
    did by itself beside that."""

    steps: list[Step] = field(default_factory=list)
    interrupted: bool = False
    undone: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether every change was applied and read back."""
        return not self.interrupted and not self.undone and all(step.status == "applied" for step in self.steps)

    @property
    def incomplete(self) -> bool:
        """Whether a step could neither be finished nor taken back."""
        return any(step.status == "unknown" for step in self.steps)

    @property
    def result(self) -> str:
        """The word for the history: succeeded, rolled-back, or partial where something stands."""
        if self.complete:
            return "succeeded"
        return "partial" if self.incomplete or any(step.not_restorable for step in self.steps) else "rolled-back"


class Observer(Protocol):
    """Told about each step as it happens."""

    def started(self, step: Step) -> None:
        """Learn that the first request of a step comes next."""
        ...

    def finished(self, step: Step) -> None:
        """Learn that a step ended or was taken back; its status says which."""
        ...


class Silent:
    """An observer that is told and says nothing."""

    def started(self, step: Step) -> None:
        """Say nothing of a step that begins."""

    def finished(self, step: Step) -> None:
        """Say nothing of a step that has ended."""
