"""What an apply did, change by change, for whoever reports it."""

from dataclasses import dataclass, field
from typing import Literal, Protocol

from deployer.planning.model import Change

Status = Literal["applied", "failed", "not-started", "rolled-back", "unknown"]


@dataclass(slots=True)
class Step:
    """One change and what became of it. `seconds` from its first request to the answer of its last."""

    change: Change
    status: Status = "not-started"
    seconds: float = 0.0
    message: str | None = None


@dataclass(slots=True)
class Outcome:
    """All steps of one apply, in the order of the plan."""

    steps: list[Step] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether every change was applied and read back."""
        return all(step.status == "applied" for step in self.steps)


class Observer(Protocol):
    """Told about each step as it happens, for progress and for the journal."""

    def started(self, step: Step) -> None:
        """Before the first request of a step."""
        ...

    def finished(self, step: Step) -> None:
        """After the step ended, in whatever way; its status says which."""
        ...
