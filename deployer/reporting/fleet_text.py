"""Writes the results of many tenants for a terminal: reports on what changes, a line per tenant, errors, totals."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.text import Text

from deployer.fleet.fleet import JobResult
from deployer.operations.results import PlanResult
from deployer.planning.drift import Drift
from deployer.reporting.drift_text import drift_text
from deployer.reporting.fleet_wording import error_text, summary_text
from deployer.reporting.lines import ErrorLine
from deployer.reporting.plan import PlanDetail
from deployer.reporting.plan_text import plan_text
from deployer.reporting.plan_wording import saved_text
from deployer.text import count, one_line, visible

_STYLES = {
    "ok": "success",
    "changes": "warning",
    "refused": "caution",
    "failed": "danger",
    "skipped": "muted",
    "interrupted": "caution",
}
_VERDICTS = {
    "ok": "done",
    "changes": "with changes",
    "refused": "refused",
    "failed": "failed",
    "skipped": "not begun",
    "interrupted": "interrupted",
}


def fleet_text(results: Sequence[JobResult], saved_in: Path | None = None) -> Iterator[Text]:
    """Write the reports of tenants with changes, one line per tenant, errors in full, and the totals."""
    for result in results:
        if result.verdict == "changes":
            yield from _report(result, saved_in)
    width = max((len(one_line(result.tenant)) for result in results), default=0)
    for result in results:
        yield Text.assemble(
            (f"{_VERDICTS[result.verdict]:<13}", _STYLES[result.verdict]),
            f"{one_line(result.tenant).ljust(width)}  {one_line(summary_text(result), 160)}",
            (f"  {result.seconds:.1f} s", "muted"),
        )
    for result in results:
        if result.verdict in ("failed", "refused"):
            name = one_line(result.tenant)
            text = visible(error_text(result)).removeprefix(f"tenant {name}: ")
            yield ErrorLine(f"\nerror: {name}: {text}", "error")
    counter = Counter(result.verdict for result in results)
    parts = ", ".join(f"{number} {_VERDICTS[verdict]}" for verdict, number in counter.items())
    yield Text(f"\n{count(len(results), 'tenant')}: {parts}.", "strong")


def _report(result: JobResult, saved_in: Path | None) -> Iterator[Text]:
    if isinstance(result.result, PlanResult):
        yield from _plan(result.result, saved_in)
        yield Text("")
    elif isinstance(result.result, Drift):
        yield from drift_text(result.result)
        yield Text("")


def _plan(result: PlanResult, saved_in: Path | None) -> Iterator[Text]:
    yield from plan_text(result.plan, PlanDetail(saved=saved_in is not None))
    if saved_in is not None:
        yield Text(saved_text(result.plan, saved_in / f"{result.plan.tenant.name}.plan", result.takes_from))
