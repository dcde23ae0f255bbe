"""Shows the results of a command for many tenants: progress, a line for each, and JSON."""

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from deployer.fleet.fleet import JobResult, OneResult
from deployer.operations.observer import Notice
from deployer.operations.results import ApplyResult, PlanResult
from deployer.operations.tenant_status import TenantStatus
from deployer.planning.drift import Drift
from deployer.planning.model import Action, Plan
from deployer.planning.plan_checks import applying
from deployer.planning.plan_file import to_json
from deployer.reporting.drift import drift_json, drift_lines, drift_words
from deployer.reporting.leftovers import with_leftovers
from deployer.reporting.outcomes import outcome_json
from deployer.reporting.plan_text import render_plan
from deployer.reporting.terminal import console, print_lines
from deployer.text import count, one_line, visible

_TO_DO = {Action.CREATE: "create", Action.UPDATE: "update", Action.DELETE: "delete"}
_DONE = {Action.CREATE: "created", Action.UPDATE: "updated", Action.DELETE: "deleted"}
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
        """One more has ended."""
        self._progress.update(self._task, advance=1, description=one_line(result.tenant, 30))


def print_fleet(results: Sequence[JobResult], *, saved_in: Path | None = None) -> None:
    """Print the reports of those with changes, one line per tenant, errors in full, and how many of each.

    Args:
        results: in the order in which they are shown.
        saved_in: the folder that the plans are in, as it was named on the command line.
    """
    print_lines(_lines(results, saved_in))
    for result in results:
        if result.verdict in ("failed", "refused"):
            name = one_line(result.tenant)
            text = visible(error_text(result)).removeprefix(f"tenant {name}: ")
            console(error=True).print(Text(f"\nerror: {name}: {text}", "red"))
    counter = Counter(result.verdict for result in results)
    parts = ", ".join(f"{number} {_WORDS[verdict]}" for verdict, number in counter.items())
    console().print(Text(f"\n{count(len(results), 'tenant')}: {parts}.", "bold"))


def fleet_json(results: Sequence[JobResult]) -> list[dict[str, Any]]:
    """The results as JSON values; `data` is what the command gives for one tenant."""
    return [
        {
            "tenant": result.tenant,
            "verdict": result.verdict,
            "summary": summary(result),
            "seconds": round(result.seconds, 3),
            "data": None if result.result is None else _json(result.result),
            **({"error": error_text(result)} if result.verdict in ("failed", "refused") else {}),
        }
        for result in results
    ]


def common_notices(results: Sequence[JobResult]) -> list[Notice]:
    """What is to be said once for all tenants: of one plan alone it may be wrong, of every one it is not."""
    planned = [result for result in results if isinstance(result.result, PlanResult | ApplyResult)]
    found = dict.fromkeys(notice for result in results for notice in result.notices)
    return [
        notice
        for notice in found
        if notice.about == "state" or (notice.about == "allow" and all(notice in one.notices for one in planned))
    ]


def summary(result: JobResult) -> str:
    """What became of one tenant, in one line."""
    told = [notice.what for notice in result.notices if notice.about == "interrupted"]
    return "; ".join([_summary(result), *told])


def error_text(result: JobResult) -> str:
    """Why a tenant failed or was refused, in full."""
    if isinstance(result.result, ApplyResult):
        return _first_message(result.result)
    return result.text


def _summary(result: JobResult) -> str:
    match result.result:
        case PlanResult(plan=plan):
            return with_leftovers(_counts(plan), plan.leftovers)
        case Drift() as drift:
            return with_leftovers(drift_words(drift), drift.leftovers)
        case ApplyResult() as applied:
            return _applied(applied)
        case TenantStatus() as status:
            return status.words
        case None:
            return result.brief


def _applied(applied: ApplyResult) -> str:
    outcome, leftovers = applied.outcome, applied.plan.leftovers
    if outcome is None:
        left = [applied.interrupted.words] if applied.interrupted else []
        return "; ".join([with_leftovers("no changes", leftovers), *applied.notes, *left])
    if outcome.complete:
        actions = Counter(step.change.action for step in outcome.steps)
        done = ", ".join(f"{number} {_DONE[action]}" for action, number in actions.items())
        return with_leftovers(done, leftovers)
    return f"{outcome.result}: {one_line(_first_message(applied), 120)}"


def _first_message(applied: ApplyResult) -> str:
    steps = applied.outcome.steps if applied.outcome else []
    return next((step.message for step in steps if step.message), "interrupted")


def _counts(plan: Plan) -> str:
    """`1 to create, 2 to update`, or `no changes`."""
    counts = plan.counts()
    return ", ".join(f"{counts[a]} to {word}" for a, word in _TO_DO.items() if counts[a]) or "no changes"


def _json(result: OneResult) -> Any:
    match result:
        case PlanResult(plan=plan):
            return to_json(plan)
        case Drift() as drift:
            return drift_json(drift)
        case ApplyResult(plan=plan, outcome=outcome):
            return outcome_json(plan, outcome)
        case TenantStatus():
            return None


def _lines(results: Sequence[JobResult], saved_in: Path | None) -> Iterator[Text]:
    for result in results:
        if result.verdict != "changes":
            continue
        if isinstance(result.result, PlanResult):
            yield from _plan_lines(result.result, saved_in)
            yield Text("")
        elif isinstance(result.result, Drift):
            yield from drift_lines(result.result)
            yield Text("")
    width = max((len(one_line(result.tenant)) for result in results), default=0)
    for result in results:
        yield Text.assemble(
            (f"{_WORDS[result.verdict]:<13}", _STYLES[result.verdict]),
            f"{one_line(result.tenant).ljust(width)}  {one_line(summary(result), 160)}",
            (f"  {result.seconds:.1f} s", "dim"),
        )


def _plan_lines(result: PlanResult, saved_in: Path | None) -> Iterator[Text]:
    yield from render_plan(result.plan, saved=saved_in is not None)
    if saved_in is not None:
        file = shlex.quote(one_line(str(saved_in / f"{result.plan.tenant.name}.plan")))
        command = applying(result.plan, file, result.takes_from)
        yield Text(f"Saved in {file}. To apply exactly this: {command}")
