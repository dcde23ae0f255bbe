"""Takes away what a process that does not run any more has left behind: its lock, a journal that nobody can read."""

from dataclasses import dataclass

from deployer.operations.context import Context
from deployer.state.locks import LockRecord


@dataclass(frozen=True, slots=True)
class Unlocked:
    """The lock that was taken away, and whether an apply was interrupted under it."""

    lock: LockRecord
    interrupted: bool


def unlock(context: Context, lock: str) -> Unlocked:
    """Take away the tenant's lock of this id.

    Raises:
        DeployerError: where the tenant has no lock of this id.
    """
    state = context.state(context.load(), needed=True)
    record = state.locks.unlock(context.tenant, lock)
    return Unlocked(record, bool(state.journals.open_journals(context.tenant)))


def dismiss_journal(context: Context, journal: str) -> None:
    """Stop reporting a journal that cannot be read.

    Raises:
        DeployerError: where the tenant has no such journal, or it can be read.
    """
    context.state(context.load(), needed=True).journals.dismiss(context.tenant, journal)
