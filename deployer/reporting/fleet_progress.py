"""Shows how many tenants of a fleet have ended, while an operation runs for all of them."""

from types import TracebackType
from typing import Any, Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deployer.fleet.fleet import JobResult
from deployer.reporting.terminal import console
from deployer.text import one_line


class FleetProgress:
    """A bar on standard error, if that is a terminal."""

    def __init__(self, command: str, total: int) -> None:
        out = console(error=True)
        columns: list[Any] = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()]
        self._progress = Progress(*columns, console=out, transient=True, disable=not out.is_terminal)
        self._task = self._progress.add_task(command, total=total)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._progress.stop()

    def result(self, result: JobResult) -> None:
        """Count one more tenant that has ended."""
        self._progress.update(self._task, advance=1, description=one_line(result.tenant, 30))
