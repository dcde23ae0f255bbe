"""Works out from the records of a journal what had happened when the last of them was written. Pure.

Every prefix of a journal's records replays to a well-defined state, because a process may be killed after any of them.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

FORMAT = 1

Event = Literal[
    "begin",
    "taken_over",
    "step_started",
    "step_done",
    "step_failed",
    "rollback_started",
    "undo_started",
    "step_undone",
    "undo_failed",
    "rolled_back",
    "finished",
]
Phase = Literal["applying", "rolling_back", "rolled_back", "finished"]
Status = Literal["pending", "started", "done", "failed", "undoing", "undone", "undo_failed"]

_STEP_EVENTS: dict[Event, tuple[Status, frozenset[Status]]] = {
    # event: the step's status after it, and those it may have had before it
    "step_started": ("started", frozenset({"pending", "started", "failed"})),
    "step_done": ("done", frozenset({"started"})),
    "step_failed": ("failed", frozenset({"started"})),
    "undo_started": ("undoing", frozenset({"started", "done", "failed", "undoing", "undo_failed"})),
    "step_undone": ("undone", frozenset({"undoing"})),
    "undo_failed": ("undo_failed", frozenset({"undoing"})),
}
_PHASES_OF: dict[Event, frozenset[Phase]] = {
    "taken_over": frozenset({"applying", "rolling_back"}),
    "step_started": frozenset({"applying"}),
    "step_done": frozenset({"applying"}),
    "step_failed": frozenset({"applying"}),
    "rollback_started": frozenset({"applying", "rolling_back"}),
    "undo_started": frozenset({"rolling_back"}),
    "step_undone": frozenset({"rolling_back"}),
    "undo_failed": frozenset({"rolling_back"}),
    "rolled_back": frozenset({"rolling_back"}),
    "finished": frozenset({"applying", "rolling_back"}),
}


class Beginning(BaseModel):
    """What is about to be done: the content of a journal's first record."""

    model_config = ConfigDict(extra="allow", frozen=True)

    tenant: str
    command: str
    plan_digest: str
    snapshot: str | None
    steps: list[dict[str, Any]]


class JournalRecord(BaseModel):
    """One record. `previous` is the digest of the record before it, so that a missing or changed one is found."""

    model_config = ConfigDict(extra="allow", frozen=True)

    format: int = Field(FORMAT, ge=1)
    number: int = Field(ge=0)
    event: Event
    at: datetime
    who: str
    writer: str
    previous: str
    step: int | None = Field(None, ge=0)
    result: Any = None
    error: str | None = None
    begin: Beginning | None = None


@dataclass(frozen=True)
class StepState:
    """One step: what it is, how far it got, what it left (`result`) and what its undoing left (`undo_result`)."""

    number: int
    step: dict[str, Any]
    status: Status = "pending"
    result: Any = None
    undo_result: Any = None
    error: str | None = None


@dataclass(frozen=True)
class JournalState:
    """Everything that a journal says."""

    id: str
    tenant: str
    command: str
    who: str
    plan_digest: str
    snapshot: str | None
    steps: tuple[StepState, ...]
    phase: Phase
    began_at: datetime
    last_at: datetime
    reason: str | None = None
    """Why it was rolled back, if it was."""
    outcome: Any = None
    """What `finished` was told."""
    taken_over_by: str | None = None
    incomplete: bool = False
    """The last record cannot be read: its writer was killed, and had no answer yet."""

    @property
    def is_open(self) -> bool:
        """Whether somebody has to finish or undo it."""
        return self.phase in ("applying", "rolling_back")

    @property
    def uncertain(self) -> tuple[StepState, ...]:
        """The steps whose request may or may not have reached the tenant."""
        return tuple(step for step in self.steps if step.status in ("started", "undoing"))

    @property
    def to_undo(self) -> tuple[StepState, ...]:
        """The steps that a roll-back has still to undo, last first."""
        untouched = ("pending", "failed", "undone")
        return tuple(step for step in reversed(self.steps) if step.status not in untouched)


class InvalidRecordError(ValueError):
    """A record that cannot follow the ones before it."""


def first_state(id: str, record: JournalRecord) -> JournalState:
    """Return the state after a journal's first record."""
    begin = record.begin
    if record.event != "begin" or record.number != 0 or begin is None:
        raise InvalidRecordError("the first record is not the beginning of a journal")
    return JournalState(
        id=id,
        tenant=begin.tenant,
        command=begin.command,
        who=record.who,
        plan_digest=begin.plan_digest,
        snapshot=begin.snapshot,
        steps=tuple(StepState(number, step) for number, step in enumerate(begin.steps)),
        phase="applying",
        began_at=record.at,
        last_at=record.at,
    )


def advance(state: JournalState, record: JournalRecord) -> JournalState:
    """Return the state after one more record. Raises InvalidRecordError for one that cannot come now."""
    event = record.event
    if event not in _PHASES_OF or state.phase not in _PHASES_OF[event]:
        raise InvalidRecordError(f"'{event}' cannot follow in a journal that is {state.phase.replace('_', ' ')}")
    state = replace(state, last_at=record.at, incomplete=False)
    if event in _STEP_EVENTS:
        return _advance_step(state, record)
    if event == "taken_over":
        return replace(state, taken_over_by=record.who)
    if event == "rollback_started":
        return replace(state, phase="rolling_back", reason=record.error or state.reason)
    if event == "rolled_back":
        if state.to_undo:
            raise InvalidRecordError(f"'rolled_back', but step {state.to_undo[0].number} is not undone")
        return replace(state, phase="rolled_back")
    return replace(state, phase="finished", outcome=record.result)


def _advance_step(state: JournalState, record: JournalRecord) -> JournalState:
    number = record.step
    if number is None or number >= len(state.steps):
        raise InvalidRecordError(f"'{record.event}' names no step of the journal")
    step = state.steps[number]
    status, allowed = _STEP_EVENTS[record.event]
    if step.status not in allowed:
        raise InvalidRecordError(f"'{record.event}' cannot follow for step {number}, which is {step.status}")
    changed = replace(step, status=status, error=record.error)
    if status == "done":
        changed = replace(changed, result=record.result)
    elif status == "undone":
        changed = replace(changed, undo_result=record.result)
    return replace(state, steps=(*state.steps[:number], changed, *state.steps[number + 1 :]))
