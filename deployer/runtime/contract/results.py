"""Describes what contract tests say, as plain data: one named result per check, and the report of them all."""

from dataclasses import dataclass, field
from enum import StrEnum


class CheckOutcome(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check. `details`: each fault in a sentence, where it failed; `reason`: why, where it was skipped.
    `premise_failed`: skipped because what it stands on does not work, so that nothing is known."""

    name: str
    title: str
    outcome: CheckOutcome
    details: tuple[str, ...] = ()
    reason: str | None = None
    premise_failed: bool = False
    duration_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class ScriptTimes:
    """How long the calls of one script took, in milliseconds of its own time. They gate nothing."""

    kind: str
    calls: int
    median_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class ContractReport:
    """All results of one connection, in the order of the checks.

    `digest` is that of the tested scripts and modules, `calls` how often scripts were called, `node` the version,
    `notes` what may be wrong with the store where checks failed, and what the tests left in it.
    """

    connection: str
    digest: str
    results: tuple[CheckResult, ...]
    calls: int
    duration_ms: float
    node: str
    isolated: bool
    notes: tuple[str, ...] = field(default=())
    times: tuple[ScriptTimes, ...] = field(default=())

    @property
    def passed(self) -> bool:
        """Whether no check failed, and none was skipped because what it stands on does not work."""
        return not any(result.outcome is CheckOutcome.FAILED or result.premise_failed for result in self.results)

    def count(self, outcome: CheckOutcome) -> int:
        """Count the checks that ended that way."""
        return sum(result.outcome is outcome for result in self.results)
