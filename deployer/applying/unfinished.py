"""The store in, out what an earlier apply of a tenant left half done: it was interrupted, or is at work somewhere."""

from dataclasses import dataclass

from deployer.errors import RefusedError
from deployer.store.locks import LockRecord
from deployer.store.replay import JournalState
from deployer.store.store import Store
from deployer.store.threads import in_thread


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An apply that has begun to change its tenant and has not ended.

    `holder` has the tenant's lock and may be at work still; without one it was interrupted for certain.
    """

    state: JournalState
    holder: LockRecord | None = None

    @property
    def words(self) -> str:
        """What it is and how far it came."""
        state = self.state
        done = sum(step.status == "done" for step in state.steps)
        how = "is under way, or was interrupted," if self.holder else "was interrupted"
        return (
            f"the {state.command} that {state.who} began at {state.began_at:%Y-%m-%d %H:%M:%S} UTC {how} after "
            f"{done} of {len(state.steps)} changes"
        )

    @property
    def hint(self) -> str:
        """What to do about it."""
        tenant = self.state.tenant
        if self.holder is None:
            return recover_hint(tenant)
        first = f"If it is certain that it does not run any more: deployer unlock {tenant} --id {self.holder.id}"
        return f"{first}, and then {recover_hint(tenant)}"


def find_unfinished(store: Store, tenant: str) -> Unfinished | None:
    """The oldest apply of a tenant that has not ended, None where there is none. Changes nothing."""
    for state in store.journals.open_journals(tenant):
        if not _is_untouched(state):
            holder = store.locks.holder(tenant)
            return Unfinished(state, None if holder is None or holder.is_abandoned else holder)
    return None


async def refuse_unfinished(store: Store, tenant: str) -> None:
    """Raise RefusedError where an earlier apply of the tenant was interrupted after it began to change something.

    The lock must be held: what was interrupted before its first change is closed.
    """
    found = await in_thread(store.journals.open_journals, tenant)
    for state in found:
        if _is_untouched(state):
            journal = await in_thread(store.journals.resume, tenant, state.id)
            await in_thread(journal.rollback_started, "interrupted before its first change")
            await in_thread(journal.rolled_back)
    for state in found:
        if not _is_untouched(state):
            left = Unfinished(state)
            raise RefusedError(left.words, where=f"tenant {tenant}", hint=left.hint)


def recover_hint(tenant: str) -> str:
    """What to do about an interrupted apply."""
    return f"`deployer recover {tenant}` takes it back, `deployer recover {tenant} --finish` finishes it."


def _is_untouched(state: JournalState) -> bool:
    """Whether no request of an apply can have reached the tenant: each is in the journal before it is sent."""
    return not state.torn and all(step.status == "pending" for step in state.steps)
