"""Results of contract tests and of tried scripts in, terminal lines, JSON or JUnit out."""

import json
import re
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree as ET

from rich.text import Text

from deployer.reporting.terminal import console
from deployer.runtime.calls import CallResult
from deployer.runtime.contract.results import CheckOutcome, CheckResult, ContractReport
from deployer.text import count, one_line, visible

_STYLES = {CheckOutcome.PASSED: "green", CheckOutcome.FAILED: "bold red", CheckOutcome.SKIPPED: "yellow"}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def show_check(result: CheckResult) -> None:
    """One line when a check has ended, and one per fault."""
    out = console()
    line = Text.assemble((f"{result.outcome:<8}", _STYLES[result.outcome]), f" {result.title}")
    out.print(Text.assemble(line, (f"  {result.name}, {result.duration_ms / 1000:.1f} s", "dim")))
    for detail in result.details:
        out.print(Text(f"         {one_line(detail, 400)}"))
    if result.reason:
        out.print(Text(f"         {one_line(result.reason, 400)}", "dim"))


def show_report(report: ContractReport) -> None:
    """The last lines: how many checks ended how, and how well scripts were confined."""
    out = console()
    counts = ", ".join(f"{report.count(outcome)} {outcome.value}" for outcome in CheckOutcome)
    style = "green" if report.passed else "bold red"
    calls = f"{count(report.calls, 'call')} in {report.duration_ms / 1000:.1f} s on Node.js {report.node}"
    out.print(Text.assemble((f"{one_line(report.connection)}: {counts}", style), (f"  {calls}", "dim")))
    for time in report.times:
        words = f"{one_line(time.kind, 40)}: median {time.median_ms:.0f} ms, p95 {time.p95_ms:.0f} ms"
        out.print(Text(f"         {words} of {count(time.calls, 'call')}", "dim"))
    for note in report.notes:
        out.print(Text(one_line(note, 400), "yellow"))
    if not report.isolated:
        out.print(Text("This Node.js has no permission model: scripts could read files. Use 20 or newer.", "yellow"))


def report_json(report: ContractReport) -> dict[str, Any]:
    """A report as JSON values; durations in milliseconds."""
    return {
        "connection": report.connection,
        "digest": report.digest,
        "passed": report.passed,
        "calls": report.calls,
        "duration_ms": round(report.duration_ms),
        "node": report.node,
        "isolated": report.isolated,
        "notes": list(report.notes),
        "times": [
            {
                "script": time.kind,
                "calls": time.calls,
                "median_ms": round(time.median_ms, 1),
                "p95_ms": round(time.p95_ms, 1),
            }
            for time in report.times
        ],
        "checks": [
            {
                "name": result.name,
                "title": result.title,
                "outcome": result.outcome.value,
                "details": list(result.details),
                "reason": result.reason,
                "premise_failed": result.premise_failed,
                "duration_ms": round(result.duration_ms),
            }
            for result in report.results
        ],
    }


def reports_junit(tenant: str, reports: Sequence[ContractReport]) -> str:
    """Reports as a JUnit document: a suite per connection, a case per check."""
    root = ET.Element("testsuites", name=f"deployer test {_xml(tenant)}")
    for report in reports:
        suite = ET.SubElement(
            root,
            "testsuite",
            name=_xml(report.connection),
            tests=str(len(report.results)),
            failures=str(report.count(CheckOutcome.FAILED)),
            skipped=str(report.count(CheckOutcome.SKIPPED)),
            time=f"{report.duration_ms / 1000:.3f}",
        )
        for result in report.results:
            case = ET.SubElement(
                suite,
                "testcase",
                classname=_xml(report.connection),
                name=result.name,
                time=f"{result.duration_ms / 1000:.3f}",
            )
            if result.outcome is CheckOutcome.FAILED:
                failure = ET.SubElement(case, "failure", message=_xml(one_line(result.title)))
                failure.text = _xml("\n".join(result.details))
            elif result.outcome is CheckOutcome.SKIPPED:
                ET.SubElement(case, "skipped", message=_xml(one_line(result.reason or "")))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def show_call(kind: str, result: CallResult) -> None:
    """What one script answered: its log, its outcome, the time it took."""
    out = console()
    for line in result.logs:
        out.print(Text(f"{line.level:>5}  {visible(line.text)}", "dim"))
    if result.error is not None:
        code = f" ({one_line(result.error.code, 80)})" if result.error.code else ""
        at = f" at {one_line(result.error.at, 80)}" if result.error.at else ""
        out.print(Text(f"{one_line(result.error.name, 80)}{code}: {visible(result.error.message)}{at}", "bold red"))
        if result.error.cause:
            out.print(Text(f"The store said: {visible(result.error.cause)}", "red"))
    elif result.outcome == "nothing":
        out.print(Text("callback(null): nothing", "yellow"))
    else:
        out.print(Text(json.dumps(result.value, indent=2, ensure_ascii=True), no_wrap=True))
    for problem in result.problems:
        out.print(Text(f"The script {problem}.", "bold red"))
    out.print(Text(f"{kind} took {result.duration_ms:.0f} ms", "dim"))


def call_json(kind: str, result: CallResult) -> dict[str, Any]:
    """The same as JSON values."""
    error = result.error
    return {
        "script": kind,
        "outcome": result.outcome,
        "value": result.value,
        "error": error
        and {
            "type": error.type,
            "name": error.name,
            "message": error.message,
            "code": error.code,
            "at": error.at,
            "cause": error.cause,
        },
        "problems": [problem.value for problem in result.problems],
        "callbacks": result.callback_count,
        "duration_ms": round(result.duration_ms, 1),
        "log": [{"level": line.level, "text": line.text} for line in result.logs],
    }


def _xml(text: str) -> str:
    """Text without what XML 1.0 cannot hold."""
    return _NOT_XML.sub("\ufffd", text)
