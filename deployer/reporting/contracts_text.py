"""Writes the results of contract tests for a terminal: each check when it has ended, and the totals."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from deployer.runtime.contract.results import CheckOutcome, CheckResult, ContractReport
from deployer.text import count, one_line

_STYLES = {CheckOutcome.PASSED: "success", CheckOutcome.FAILED: "danger", CheckOutcome.SKIPPED: "warning"}


def contracts_text(_tenant: str, reports: Sequence[ContractReport]) -> Iterator[Text]:
    """Write the totals of each connection, below which its checks were shown before."""
    for report in reports:
        yield from _totals(report)


def check_lines(result: CheckResult) -> Iterator[Text]:
    """Write how a check ended, and a line per fault."""
    line = Text.assemble((f"{result.outcome:<8}", _STYLES[result.outcome]), f" {result.title}")
    yield Text.assemble(line, (f"  {result.name}, {result.duration_ms / 1000:.1f} s", "muted"))
    for detail in result.details:
        yield Text(f"         {one_line(detail, 400)}")
    if result.reason:
        yield Text(f"         {one_line(result.reason, 400)}", "muted")


def _totals(report: ContractReport) -> Iterator[Text]:
    """Write how many checks ended how, and how well scripts were confined."""
    counts = ", ".join(f"{report.count(outcome)} {outcome.value}" for outcome in CheckOutcome)
    style = "success" if report.passed else "danger"
    calls = f"{count(report.calls, 'call')} in {report.duration_ms / 1000:.1f} s on Node.js {report.node}"
    yield Text.assemble((f"{one_line(report.connection)}: {counts}", style), (f"  {calls}", "muted"))
    for time in report.times:
        speed = f"{one_line(time.kind, 40)}: median {time.median_ms:.0f} ms, p95 {time.p95_ms:.0f} ms"
        yield Text(f"         {speed} of {count(time.calls, 'call')}", "muted")
    for note in report.notes:
        yield Text(one_line(note, 400), "warning")
    if not report.isolated:
        yield Text("This Node.js has no permission model: scripts could read files. Use 20 or newer.", "warning")
