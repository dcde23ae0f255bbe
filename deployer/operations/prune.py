"""Deletes from a state what is old and nothing needs."""

import contextlib
from collections.abc import Callable

from deployer.errors import DeployerError
from deployer.operations.context import Context
from deployer.project import Project
from deployer.state.pruning import Prunable, Retention, delete, find_prunable


def find(context: Context, retention: Retention) -> Prunable:
    """Find what could be deleted from the state of the tenant, which may be that of others as well.

    Raises:
        DeployerError: where the state cannot be read, or the folder that is named for it is not there.
    """
    return find_prunable(context.state(context.load(), needed=True), retention)


def prune(context: Context, retention: Retention, begin: Callable[[], None]) -> Prunable:
    """Delete it, with the locks of every tenant in the state; `begin` is called right before the first deletion.

    Raises:
        DeployerError: where the state cannot be read or written.
        RefusedError: where a tenant is locked; nothing was deleted then.
    """
    state = context.state(context.load(), needed=True)
    with contextlib.ExitStack() as locks:
        for each in state.history.tenants():
            locks.enter_context(state.lock(each, "history prune"))
        found = find_prunable(state, retention)
        begin()
        delete(state, found)
        return found


def any_tenant(project: Project) -> str:
    """Choose whichever tenant, where all keep their history in one place.

    Raises:
        DeployerError: where they do not.
    """
    places = {name: project.tenant(name).state for name in project.tenants.names()}
    if len(set(places.values())) != 1:
        raise DeployerError(
            "the tenants have states of their own" if places else "there is no tenant",
            where="tenants",
            hint="Name the tenant whose state is meant: `deployer history prune TENANT`.",
        )
    return next(iter(places))
