"""Holds what every operation on one tenant works with: its project, its name, its state, a gateway, and an observer."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from deployer.applying.interrupted import Interrupted, find_interrupted
from deployer.config.models import Tenant
from deployer.errors import DeployerError
from deployer.operations.observer import Notice, Observer, SilentObserver
from deployer.project import Project
from deployer.state.location import named_state
from deployer.state.state_store import StateStore
from deployer.text import one_line

if TYPE_CHECKING:
    from deployer.management.access import Access
    from deployer.management.gateway import Gateway
    from deployer.management.tokens import TokenCache

_Result = TypeVar("_Result")


class Do(Protocol):
    """Runs a function for an operation: here, or in a thread where it `waits` for others than the tenant."""

    async def __call__(self, function: Callable[[], _Result], *, waits: bool = False) -> _Result:
        """Run it and return its result."""
        ...


async def do_here(function: Callable[[], _Result], *, waits: bool = False) -> _Result:  # noqa: ARG001
    """Run a function where the operation runs: right for one tenant alone, which nothing else waits for."""
    return function()


@dataclass(frozen=True)
class Context:
    """One tenant of a project, and how an operation on it reaches everything else.

    `do` runs what computes or waits; `token_cache` keeps access tokens between runs, None keeps none.
    """

    project: Project
    tenant: str
    observer: Observer = field(default_factory=SilentObserver)
    do: Do = do_here
    token_cache: "TokenCache | None" = None

    def gateway(self, access: "Access") -> "Gateway":
        """Open a gateway to a tenant; it is an asynchronous context manager."""
        from deployer.management.gateway import Gateway  # not every operation asks the tenant

        return Gateway(access, self.token_cache)

    def of(self, tenant: str) -> "Context":
        """Return the same context for another tenant of the project."""
        return replace(self, tenant=tenant)

    def load(self) -> Tenant:
        """Read the tenant's files.

        Raises:
            ConfigError: every mistake in them.
        """
        return self.project.tenant(self.tenant)

    def state(self, tenant: Tenant, *, needed: bool = False) -> StateStore:
        """Open where the tenant's history, snapshots, journals and locks are.

        That is its `state`, DEPLOYER_STATE, or `.deployer/` in the project. A folder that was named and is not there
        may be mistyped: the observer is warned.

        Raises:
            DeployerError: instead, where such a folder is `needed`: nothing but what is in it was asked for.
        """
        named, source = named_state(tenant)
        opened = StateStore.open(named, self.project.root)
        if named is None or opened.is_there:
            return opened
        what = f"the folder {one_line(str(opened.objects.location))}, which {source} names, does not exist"
        if needed:
            raise DeployerError(what, hint="Correct the name. The first apply makes the folder.")
        self.observer.warn(Notice("state", f"{what}: nothing is known of what was done", "The first apply makes it."))
        return opened

    @asynccontextmanager
    async def entered(self, manager: AbstractContextManager[_Result]) -> AsyncIterator[_Result]:
        """Enter and leave a context whose beginning and end wait for others than the tenant."""
        value = await self.do(manager.__enter__, waits=True)
        try:
            yield value
        except BaseException:
            if not await self.do(partial(manager.__exit__, *sys.exc_info()), waits=True):
                raise
        else:
            await self.do(partial(manager.__exit__, None, None, None), waits=True)

    @asynccontextmanager
    async def reading(self, state: StateStore) -> AsyncIterator[None]:
        """Surround the reading of the tenant; warn of an apply of it that was interrupted or is under way."""
        if state.is_local:
            self._warn_of(find_interrupted(state, self.tenant))
            with self.observer.reading(self.tenant):
                yield
            return
        # To look into a bucket takes as long as to ask the tenant: both are done at once.
        looking = asyncio.ensure_future(state.read(find_interrupted, state, self.tenant))
        try:
            with self.observer.reading(self.tenant):
                yield
        except BaseException:
            await asyncio.gather(looking, return_exceptions=True)
            raise
        self._warn_of(await looking)

    def _warn_of(self, interrupted: Interrupted | None) -> None:
        if interrupted is not None:
            self.observer.warn(Notice("interrupted", interrupted.words, interrupted.hint))
