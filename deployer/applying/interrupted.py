"""Finds what an earlier apply of a tenant left half done: it was interrupted, or is at work somewhere."""

from dataclasses import dataclass

from deployer.concurrency import in_thread
from deployer.errors import RefusedError
from deployer.state.errors import StateCorruptError
from deployer.state.locks import LockRecord
from deployer.state.replay import JournalState
from deployer.state.state_store import StateStore
from deployer.text import count, one_line


@dataclass(frozen=True, slots=True)
class Interrupted:
    """An apply that has begun to change its tenant and has not ended, or of which the journal cannot be read.

    `words` say what it is and how far it came, `hint` what to do about it. `holder` has the tenant's lock and may be at
    work still; without one it was interrupted for certain.
    """

    words: str
    hint: str
    holder: LockRecord | None = None
    is_readable: bool = True

    @classmethod
    def of(cls, state: JournalState, holder: LockRecord | None = None) -> "Interrupted":
        """Describe the apply that a journal tells of."""
        how = "is under way, or was interrupted," if holder else "was interrupted"
        recover = recover_hint(state.tenant)
        if holder is not None:
            first = f"If it is certain that it does not run any more: deployer unlock {state.tenant} --id {holder.id}"
            recover = f"{first}, and then {recover}"
        words = (
            f"the {state.command} that {state.who} began at {state.began_at:%Y-%m-%d %H:%M:%S} UTC {how} "
            f"{_how_far(state)}"
        )
        return cls(words, recover, holder)


def _how_far(state: JournalState) -> str:
    """Count how many changes were made for certain, and how many more may have been."""
    done = sum(step.status == "done" for step in state.steps)
    far = f"after {done} of {count(len(state.steps), 'change')}"
    begun = len(state.uncertain)
    if state.phase == "rolling_back":
        return f"while it was taken back: {done + begun} of {count(len(state.steps), 'change')} may still stand"
    return f"{far}, and {begun} more may have been made" if begun else far


def find_interrupted(store: StateStore, tenant: str) -> Interrupted | None:
    """Find the oldest apply of a tenant that has not ended, None where there is none.

    Changes nothing, and never fails for a journal that cannot be read: that one is told of.
    """
    try:
        states = store.journals.open_journals(tenant)
    except StateCorruptError as error:
        return Interrupted(one_line(error.what).removesuffix("."), error.hint or "", is_readable=False)
    for state in states:
        if not is_untouched(state):
            holder = store.locks.holder(tenant)
            return Interrupted.of(state, None if holder is None or holder.is_abandoned else holder)
    return None


async def refuse_unfinished(store: StateStore, tenant: str) -> None:
    """Raise RefusedError where an earlier apply of the tenant was interrupted after it began to change something.

    The lock must be held: what was interrupted before its first change is closed.
    """
    found = await in_thread(store.journals.open_journals, tenant)
    for state in found:
        if is_untouched(state):
            await close_untouched(store, state)
    for state in found:
        if not is_untouched(state):
            left = Interrupted.of(state)
            raise RefusedError(left.words, where=f"tenant {tenant}", hint=left.hint)


async def close_untouched(store: StateStore, state: JournalState) -> None:
    """Close the journal of an apply that was interrupted before its first change. The lock must be held."""
    journal = await in_thread(store.journals.resume, state.tenant, state.id)
    await in_thread(journal.rollback_started, "interrupted before its first change")
    await in_thread(journal.rolled_back)


def recover_hint(tenant: str) -> str:
    """Say what to do about an interrupted apply."""
    return f"`deployer recover {tenant}` takes it back, `deployer recover {tenant} --finish` finishes it."


def is_untouched(state: JournalState) -> bool:
    """Return whether no request of an apply can have reached the tenant: each is in the journal before it is sent."""
    return not state.incomplete and all(step.status == "pending" for step in state.steps)
