"""Opens the state for the rest of the program: history, releases, locks and the rest under one URL.

Everything is synchronous and may be called from any thread; from asynchronous code use `await
deployer.concurrency.in_thread(function, ...)`.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ParamSpec, Self, TypeVar

from deployer.concurrency import in_thread
from deployer.state.history import History
from deployer.state.inventory import Inventory
from deployer.state.journal import Journal, Journals
from deployer.state.locks import Lock, Locks
from deployer.state.objects import RETRY_SECONDS, Objects
from deployer.state.release_metadata import ReleaseMetadata
from deployer.state.releases import Releases
from deployer.state.snapshots import Snapshots
from deployer.state.test_results import TestResults

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


class StateStore:
    """History, inventories, releases, test results, snapshots, journals and locks in one place."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self.locks = Locks(objects)
        self.journals = Journals(objects)
        self.snapshots = Snapshots(objects)
        self.releases = Releases(objects)
        self.release_metadata = ReleaseMetadata(objects)
        self.test_results = TestResults(objects)
        self.history = History(objects)
        self.inventory = Inventory(objects, self.history)

    @classmethod
    def open(
        cls, url: str | None = None, base_dir: Path | None = None, *, retry_seconds: float = RETRY_SECONDS
    ) -> Self:
        """Open a state by URL: a folder (by default `.deployer/` in `base_dir`), or a bucket.

        A folder that does not exist is made by the first write, owner-only. Raises StateError.
        """
        return cls(Objects.open(url, base_dir, retry_seconds=retry_seconds))

    def __repr__(self) -> str:
        return f"StateStore({str(self.objects.location)!r})"

    @property
    def is_local(self) -> bool:
        """Whether it is a folder."""
        return self.objects.location.folder is not None

    @property
    def is_there(self) -> bool:
        """Whether a folder exists; of a bucket, only a request tells."""
        return self.objects.is_there

    async def read(
        self, function: Callable[_Arguments, _Result], *args: _Arguments.args, **kwargs: _Arguments.kwargs
    ) -> _Result:
        """Run a call that reads little: in a thread where the state is far away; a folder answers before one begins."""
        return function(*args, **kwargs) if self.is_local else await in_thread(function, *args, **kwargs)

    def lock(self, tenant: str, command: str) -> Lock:
        """Take a tenant's lock for a `with` block, or raise LockedError (exit code 3) that names who holds it."""
        return self.locks.acquire(tenant, command)

    def journal(
        self,
        tenant: str,
        command: str,
        plan_digest: str,
        steps: Sequence[dict[str, Any]],
        snapshot: str | None = None,
    ) -> Journal:
        """Begin a journal: durable before it returns."""
        return self.journals.begin(tenant, command, plan_digest, steps, snapshot)
