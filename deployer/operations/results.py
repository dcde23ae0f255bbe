"""Holds what operations return: typed data, free of secrets, that can travel to another process."""

from dataclasses import dataclass
from pathlib import Path

from deployer.applying.interrupted import Interrupted
from deployer.applying.outcome import Outcome
from deployer.planning.model import Plan


@dataclass(frozen=True, slots=True)
class PlanResult:
    """A plan that was made and not applied. `saved` is the file that holds it, where one was asked for.

    `takes_from` is the tenant whose releases alone the planned tenant takes, None where it takes any.
    """

    plan: Plan
    saved: Path | None = None
    takes_from: str | None = None


@dataclass(frozen=True, slots=True)
class ApplyResult:
    """A plan that was to be applied, and what came of it: no `outcome` where there was nothing to change.

    `notes` are sentences on what an apply without changes has seen to (an interrupted one closed as done, digests noted
    under a new key); `interrupted` is an earlier apply that is still open.
    """

    plan: Plan
    outcome: Outcome | None = None
    notes: tuple[str, ...] = ()
    interrupted: Interrupted | None = None

    @property
    def complete(self) -> bool:
        """Whether the tenant is as planned."""
        return self.outcome is None or self.outcome.complete
