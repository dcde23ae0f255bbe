"""Says how a plan is to be applied: by which command, with which concerns accepted, for which reason."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Request:
    """How a plan is to be applied.

    `command` is the word for the history (`apply`, `rollback`, `promote`), `allowed` are the names of the concerns
    that the user accepts, `reason` why rules were broken, where they were.
    """

    command: str = "apply"
    allowed: frozenset[str] = field(default_factory=frozenset)
    release_from: str | None = None
    reason: str | None = None
