"""Holds a tenant's lock while something is done to it, and gives it back whatever happens."""

import contextlib
from collections.abc import AsyncIterator, Callable

from deployer.concurrency import finish_despite_cancel, in_thread
from deployer.errors import DeployerError
from deployer.state.errors import StateError
from deployer.state.locks import Lock
from deployer.state.state_store import StateStore


@contextlib.asynccontextmanager
async def locked(take: Callable[[], Lock]) -> AsyncIterator[None]:
    """Hold a lock; it is given back whatever happens, also when the interruption comes while it is taken."""
    taken: list[Lock] = []
    try:
        await in_thread(lambda: taken.append(take()))
        yield
    except BaseException:
        for lock in taken:
            # What went wrong first is what the user has to know.
            with contextlib.suppress(DeployerError):
                await in_thread(lock.release)
        raise
    try:
        await finish_despite_cancel(in_thread(taken[0].release))
    except StateError as error:
        tenant = taken[0].record.tenant
        raise DeployerError(
            f"everything is done, but the lock cannot be given back: {error}",
            where=f"tenant {tenant}",
            hint=f"Once the store can be reached: deployer unlock {tenant} --id {taken[0].id}",
        ) from error


def take_lock(store: StateStore, tenant: str, command: str) -> Lock:
    """Take the tenant's lock, also from a holder that was killed on this machine.

    Raises:
        LockedError: where anybody else holds it.
    """
    holder = store.locks.holder(tenant)
    if holder is not None and holder.is_abandoned:
        store.locks.unlock(tenant, holder.id)
    return store.lock(tenant, command)
