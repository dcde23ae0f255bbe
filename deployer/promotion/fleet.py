"""Many tenants and one function in, one result per tenant out: concurrently, in waves, not stopped by a failure.

The function is called through `concurrent.futures.Executor`: threads of this process, or a Dask cluster. What goes in
and comes out is plain data, so that it can travel.
"""

import fnmatch
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from deployer.errors import DeployerError
from deployer.rendering.project import Project
from deployer.text import did_you_mean, one_line

MAX_THREADS = 64

Verdict = Literal["ok", "changes", "refused", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Job:
    """One command for one tenant. `root` is the project's folder, `options` are plain values.

    Jobs of one `run` see the same state of the templates, where they are done in the same process.
    """

    command: str
    root: str
    tenant: str
    options: dict[str, Any] = field(default_factory=dict)
    run: str = ""


@dataclass(frozen=True, slots=True)
class JobResult:
    """What became of it: `summary` in one line, `text` in full, `data` as JSON values."""

    tenant: str
    verdict: Verdict
    summary: str
    text: str = ""
    data: Any = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Waves:
    """How many tenants come first (`canary`), how many at once after that, and after how many failures to stop."""

    canary: int = 0
    batch: int = 0
    max_failures: int | None = None

    def of(self, names: Sequence[str]) -> Iterator[Sequence[str]]:
        """The tenants in waves; one wave with all of them where nothing is asked for."""
        start = 0
        if self.canary:
            yield names[: self.canary]
            start = self.canary
        size = self.batch or max(1, len(names) - start)
        for index in range(start, len(names), size):
            yield names[index : index + size]


def select_tenants(project: Project, *, every: bool, globs: Iterable[str], tags: Iterable[str]) -> list[str]:
    """The tenants that `--all`, `--tenant GLOB` and `--tag TAG` name, sorted; a glob and a tag narrow each other.

    Raises:
        DeployerError: where nothing fits.
    """
    names = project.tenants.names()
    globs, tags = list(globs), list(tags)
    for pattern in globs:
        if not fnmatch.filter(names, pattern):
            near = did_you_mean(pattern, names) or f"There are: {', '.join(names[:10]) or 'none'}."
            raise DeployerError(f"no tenant fits '{one_line(pattern)}'", where="--tenant", hint=near)
    if globs:
        names = [name for name in names if any(fnmatch.fnmatchcase(name, pattern) for pattern in globs)]
    if tags:
        names = [name for name in names if set(tags) & set(project.tenants.tags(name))]
    if not names and (every or globs or tags):
        raise DeployerError("no tenant fits", hint="Look at the files in tenants/, their names and their `tags`.")
    return names


def run_fleet(
    function: Callable[[Job], JobResult],
    jobs: Sequence[Job],
    *,
    engine: str | None = None,
    waves: Waves | None = None,
    on_result: Callable[[JobResult], None] = lambda _: None,
) -> list[JobResult]:
    """Run every job; the results in the order of the jobs.

    Args:
        function: takes a job and never raises.
        jobs: what is to be done.
        engine: None for threads, `dask://HOST:PORT` for a cluster.
        waves: how many at a time, and when to stop; what is not begun then is `skipped`.
        on_result: told about each result as it comes.
    """
    order = [job.tenant for job in jobs]
    run = uuid.uuid4().hex
    by_name = {job.tenant: replace(job, run=run) for job in jobs}
    results: dict[str, JobResult] = {}
    plan = waves or Waves()
    with _executor(engine, len(jobs)) as executor:
        for number, wave in enumerate(plan.of(order)):
            if number and _stopped(results.values(), plan, number):
                break
            for result in _run_wave(executor, function, [by_name[name] for name in wave], plan, results):
                results[result.tenant] = result
                on_result(result)
    for name in order:
        if name not in results:
            results[name] = JobResult(name, "skipped", "not begun, because others failed")
            on_result(results[name])
    return [results[name] for name in order]


def _run_wave(
    executor: Executor,
    function: Callable[[Job], JobResult],
    wave: Sequence[Job],
    plan: Waves,
    before: dict[str, JobResult],
) -> Iterator[JobResult]:
    futures: dict[Future[JobResult], Job] = {executor.submit(function, job): job for job in wave}
    failures = sum(result.verdict in ("failed", "refused") for result in before.values())
    for future in as_completed(futures):
        if future.cancelled():
            continue
        try:
            result = future.result()
        except Exception as error:  # noqa: BLE001  a worker that was lost must not take the others with it
            result = JobResult(futures[future].tenant, "failed", f"the worker failed ({type(error).__name__})")
        failures += result.verdict in ("failed", "refused")
        if plan.max_failures is not None and failures > plan.max_failures:
            for other in futures:
                other.cancel()
        yield result


def _stopped(results: Iterable[JobResult], plan: Waves, number: int) -> bool:
    failures = sum(result.verdict in ("failed", "refused") for result in results)
    if plan.canary and number == 1 and failures:
        return True
    return plan.max_failures is not None and failures > plan.max_failures


def _untyped(anything: Any) -> Any:
    """Dask has no types."""
    return anything


@contextmanager
def _executor(engine: str | None, jobs: int) -> Iterator[Executor]:
    if engine is None:
        with ThreadPoolExecutor(max_workers=max(1, min(MAX_THREADS, jobs)), thread_name_prefix="tenant") as pool:
            yield pool
        return
    if not engine.startswith("dask://"):
        raise DeployerError(f"there is no engine '{one_line(engine)}'", hint="Write --engine dask://HOST:PORT.")
    try:
        from distributed import Client
    except ImportError:
        raise DeployerError(
            "the Dask engine needs the package `distributed`", hint="Install deployer with its extra: deployer[dask]"
        ) from None
    address = engine.removeprefix("dask://")
    try:
        client: Any = _untyped(Client)(f"tcp://{address}", timeout="10s")
    except (OSError, TimeoutError, ValueError) as error:
        raise DeployerError(
            f"the Dask scheduler cannot be reached: {type(error).__name__}", where=one_line(address)
        ) from error
    with client:
        yield client.get_executor(pure=False)
