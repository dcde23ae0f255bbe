"""Runs a function for many tenants at once, in waves, not stopped by a failure, with one result for each.

The function runs on the event loop of this process, or of the workers of a Dask cluster. What goes in and comes out is
data, so that it can travel.
"""

import asyncio
import uuid
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from concurrent.futures import Future, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal

from deployer.concurrency import event_loop
from deployer.errors import DeployerError
from deployer.operations.apply import ApplyOptions
from deployer.operations.observer import Notice
from deployer.operations.plan import PlanOptions
from deployer.operations.promote import PromoteOptions
from deployer.operations.results import ApplyResult, PlanResult
from deployer.operations.tenant_status import TenantStatus
from deployer.planning.drift import Drift
from deployer.text import one_line

AT_ONCE = 64
"""Tenants under way in one process: what is read of each of them is in memory at the same time."""

Verdict = Literal["ok", "changes", "refused", "failed", "skipped", "interrupted"]


Options = PlanOptions | ApplyOptions | PromoteOptions | None
"""What an operation is given beside its tenant; None for one that takes nothing else."""

OneResult = PlanResult | ApplyResult | Drift | TenantStatus
"""What an operation returns for one tenant."""


@dataclass(frozen=True, slots=True)
class Job:
    """One command for one tenant. `root` is the project's folder.

    Jobs of one `run` see the same state of the templates, where they are done in the same process.
    """

    command: str
    root: str
    tenant: str
    options: Options = None
    without_secrets: bool = False
    token_cache: bool = True
    run: str = ""


@dataclass(frozen=True, slots=True)
class JobResult:
    """What became of it: the `result` that the operation returned, or why there is none.

    `brief` is that in one line, `text` an error in full; `notices` is what is to be said beside it.
    """

    tenant: str
    verdict: Verdict
    brief: str = ""
    text: str = ""
    result: OneResult | None = None
    notices: tuple[Notice, ...] = ()
    seconds: float = 0.0


Function = Callable[[Job], Coroutine[Any, Any, JobResult]]
"""Does a job on an event loop. It never raises; where it is cancelled, it takes back what it has begun."""


@dataclass(frozen=True, slots=True)
class Waves:
    """How many tenants come first (`canary`), how many at once after that, and after how many failures to stop."""

    canary: int = 0
    batch: int = 0
    max_failures: int | None = None

    def of(self, names: Sequence[str]) -> Iterator[Sequence[str]]:
        """Divide the tenants into waves; one with all of them where nothing is asked for."""
        start = 0
        if self.canary:
            yield names[: self.canary]
            start = self.canary
        size = self.batch or max(1, len(names) - start)
        for index in range(start, len(names), size):
            yield names[index : index + size]


def run_fleet(
    function: Function,
    jobs: Sequence[Job],
    *,
    engine: str | None = None,
    waves: Waves | None = None,
    on_result: Callable[[JobResult], None] = lambda _: None,
) -> list[JobResult]:
    """Run every job; the results in the order of the jobs.

    A KeyboardInterrupt begins nobody further, stops what is under way here (on a cluster it is waited for), and is in
    the results as `interrupted`; a second one is raised.

    Args:
        function: does one job.
        jobs: what is to be done.
        engine: None for this process, `dask://HOST:PORT` for a cluster.
        waves: how many at a time, and when to stop; what is not begun then is `skipped`.
        on_result: told about each result as it comes.
    """
    order = [job.tenant for job in jobs]
    run = uuid.uuid4().hex
    by_name = {job.tenant: replace(job, run=run) for job in jobs}
    with _engine(engine, function) as (begin, stop):
        fleet = _Fleet(begin, waves or Waves(), on_result)
        why = JobResult("", "skipped", "because others failed")
        try:
            fleet.play([[by_name[name] for name in wave] for wave in fleet.waves.of(order)])
        except KeyboardInterrupt:
            why = JobResult("", "interrupted", "not begun")
            fleet.withdraw()
            stop()
            fleet.wait()
    for name in order:
        if name not in fleet.results:
            fleet.take(replace(why, tenant=name))
    return [fleet.results[name] for name in order]


@dataclass
class _Fleet:
    """Jobs under way."""

    begin: Callable[[Job], Future[JobResult]]
    waves: Waves
    on_result: Callable[[JobResult], None]
    results: dict[str, JobResult] = field(default_factory=dict)
    _begun: dict[Future[JobResult], str] = field(default_factory=dict)

    def play(self, waves: Iterable[Sequence[Job]]) -> None:
        """Run wave after wave, as long as not too many fail."""
        for number, wave in enumerate(waves):
            if self._too_many or (number == 1 and self.waves.canary and self._failures):
                return
            self._begun = {self.begin(job): job.tenant for job in wave}
            self.wait()

    def wait(self) -> None:
        """Take the results of all that were begun, as they come."""
        for future in as_completed(self._begun):
            name = self._begun[future]
            if future.cancelled() or name in self.results:
                continue
            try:
                self.take(future.result())
            except Exception as error:  # noqa: BLE001  a worker that was lost must not take the others with it
                self.take(JobResult(name, "failed", f"the worker failed ({type(error).__name__})"))
            if self._too_many:
                self.withdraw()

    def withdraw(self) -> None:
        """Begin nobody further."""
        for future in self._begun:
            future.cancel()

    def take(self, result: JobResult) -> None:
        """Take a result, and tell who listens."""
        self.results[result.tenant] = result
        self.on_result(result)

    @property
    def _failures(self) -> int:
        return sum(result.verdict in ("failed", "refused") for result in self.results.values())

    @property
    def _too_many(self) -> bool:
        return self.waves.max_failures is not None and self._failures > self.waves.max_failures


def _untyped(anything: Any) -> Any:
    """Dask has no types."""
    return anything


def _done_there(function: Function, job: Job) -> JobResult:
    """Do a job on the event loop of a worker, whose thread waits."""
    return event_loop().run(partial(function, job))


@contextmanager
def _engine(
    engine: str | None, function: Function
) -> Iterator[tuple[Callable[[Job], Future[JobResult]], Callable[[], None]]]:
    """Give what begins a job, and what stops those under way."""
    if engine is None:
        loop, slots = event_loop(), asyncio.Semaphore(AT_ONCE)
        yield lambda job: loop.begin(partial(function, job), slots), loop.stop
        return
    if not engine.startswith("dask://"):
        raise DeployerError(f"there is no engine '{one_line(engine)}'", hint="Write --engine dask://HOST:PORT.")
    try:
        from distributed import Client
    except ImportError:
        raise DeployerError(
            "the Dask engine needs the package distributed", hint="`pip install distributed`, here and on every worker."
        ) from None
    address = engine.removeprefix("dask://")
    try:
        client: Any = _untyped(Client)(f"tcp://{address}", timeout="10s")
    except (OSError, TimeoutError, ValueError) as error:
        raise DeployerError(
            f"the Dask scheduler cannot be reached: {type(error).__name__}", where=one_line(address)
        ) from error
    with client:
        executor = client.get_executor(pure=False)
        yield lambda job: executor.submit(_done_there, function, job), lambda: None
