"""Results of many tenants in, progress and a summary on the terminal out.

Reports come before promotion in the order of the layers, so a result is known here by its shape only.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import TracebackType
from typing import Any, Protocol, Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from deployer.reporting.terminal import console, print_lines
from deployer.text import count, one_line, visible

_STYLES = {
    "ok": "green",
    "changes": "yellow",
    "refused": "bold yellow",
    "failed": "bold red",
    "skipped": "dim",
    "interrupted": "bold yellow",
}
_WORDS = {
    "ok": "done",
    "changes": "with changes",
    "refused": "refused",
    "failed": "failed",
    "skipped": "not begun",
    "interrupted": "interrupted",
}


class Result(Protocol):
    """One tenant's result."""

    @property
    def tenant(self) -> str:
        """Its name."""
        ...

    @property
    def verdict(self) -> str:
        """ok, changes, refused, failed, skipped or interrupted."""
        ...

    @property
    def summary(self) -> str:
        """One line."""
        ...

    @property
    def text(self) -> str:
        """An error in full."""
        ...

    @property
    def data(self) -> Any:
        """As the command gives it."""
        ...

    @property
    def seconds(self) -> float:
        """How long it took."""
        ...


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

    def result(self, result: Result) -> None:
        """One more has ended."""
        self._progress.update(self._task, advance=1, description=one_line(result.tenant, 30))


Lines = Callable[[Any], Iterable[Text]]
"""Gives the lines of one tenant's report."""


def print_fleet(results: Sequence[Result], lines: Lines | None = None) -> None:
    """Print the reports of those with changes, one line per tenant, errors in full, and how many of each.

    Args:
        results: in the order in which they are shown.
        lines: makes a report from the data of a result.
    """
    print_lines(_lines(results, lines))
    for result in results:
        if result.verdict in ("failed", "refused"):
            name = one_line(result.tenant)
            text = visible(result.text).removeprefix(f"tenant {name}: ")
            console(error=True).print(Text(f"\nerror: {name}: {text}", "red"))
    counter = Counter(result.verdict for result in results)
    parts = ", ".join(f"{number} {_WORDS[verdict]}" for verdict, number in counter.items())
    console().print(Text(f"\n{count(len(results), 'tenant')}: {parts}.", "bold"))


def _lines(results: Sequence[Result], lines: Lines | None) -> Iterator[Text]:
    for result in results:
        if lines is not None and result.verdict == "changes":
            yield from lines(result.data)
            yield Text("")
    width = max((len(one_line(result.tenant)) for result in results), default=0)
    for result in results:
        yield Text.assemble(
            (f"{_WORDS[result.verdict]:<13}", _STYLES[result.verdict]),
            f"{one_line(result.tenant).ljust(width)}  {one_line(result.summary, 160)}",
            (f"  {result.seconds:.1f} s", "dim"),
        )
