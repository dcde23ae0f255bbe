"""Writes a lint report for people: each finding with its source line and a caret under the place."""

from collections.abc import Iterator

from rich.cells import cell_len
from rich.text import Text

from deployer.linting.engine import LintReport
from deployer.linting.finding import Finding, Severity
from deployer.text import count, one_line

_WIDTH = 150
_BEFORE = 50
_STYLES = {Severity.ERROR: "danger", Severity.WARNING: "warning"}
_MANY = 10


def findings_text(report: LintReport) -> Iterator[Text]:
    """Write every finding, then the totals. No line is wrapped: a caret must stay under its place.

    Text from scripts is made visible: it cannot move the cursor or colour anything.
    """
    for finding in report.findings:
        yield _finding(finding)
        yield Text("")
    for line in _totals(report):
        yield Text(line, no_wrap=True)


def _finding(finding: Finding) -> Text:
    style = _STYLES[finding.severity]
    text = Text.assemble(
        (_place(finding), "strong"),
        ": ",
        (finding.severity.value, style),
        " ",
        (finding.code, style),
        f" ({finding.name}): ",
        one_line(finding.message, 400),
        no_wrap=True,
    )
    if finding.source_line and finding.line:
        shown, before, length = _cut(finding)
        gutter = len(str(finding.line)) + 1
        text.append(f"\n{finding.line:>{gutter}} | ", "muted").append(shown)
        text.append(f"\n{'':>{gutter}} | ", "muted").append(" " * before).append("^" * length, style)
    if finding.hint:
        text.append(f"\n   = {one_line(finding.hint, 400)}", "hint")
    return text


def _place(finding: Finding) -> str:
    label = one_line(finding.label or finding.address, 300)
    if finding.label and finding.address and finding.label != finding.address:
        label = f"{one_line(finding.address, 200)} ({label})"
    if finding.template:
        label += f" ({one_line(finding.template, 200)})"
    if not finding.line:
        return label
    return (
        f"{label}: line {finding.line} of the rendered script"
        if finding.template
        else f"{label}:{finding.line}:{finding.column}"
    )


def _cut(finding: Finding) -> tuple[str, int, int]:
    """Cut a long line around the place; also return where in it the caret begins and its length, in terminal cells."""
    line = finding.source_line.replace("\t", " ")
    start = min(finding.column - 1, len(line))
    end = finding.end_column - 1 if finding.end_line == finding.line else len(line)
    end = max(min(end, len(line)), start)
    first = max(0, start - _BEFORE) if len(line) > _WIDTH else 0
    last = min(len(line), first + _WIDTH)
    prefix = "…" if first else ""
    before = prefix + _shown(line[first:start])
    marked = _shown(line[start : min(end, last)])
    shown = before + marked + _shown(line[min(end, last) : last]) + ("…" if last < len(line) else "")
    return shown, cell_len(before), max(1, cell_len(marked))


def _shown(text: str) -> str:
    return one_line(text, len(text) * 8 + 1)


def _totals(report: LintReport) -> list[str]:
    looked_at = count(report.scripts, "script")
    if report.connections:
        looked_at += f" of {count(report.connections, 'connection')}"
    lines = [f"{looked_at}: {count(len(report.errors), 'error')}, {count(len(report.warnings), 'warning')}"]
    if report.silenced:
        lines[0] += f", {report.silenced:,} silenced"
    if report.skipped:
        named = ", ".join(one_line(name) for name in report.skipped[:_MANY])
        more = f" and {len(report.skipped) - _MANY} more" if len(report.skipped) > _MANY else ""
        lines.append(
            f"Not linted, because nothing tells which action script they are: {named}{more}. "
            "Name the file after its script (login.js, get_user.js, ...) or its function (getUser)."
        )
    if report.findings:
        lines.append(f"`deployer explain {report.findings[0].code}` says more about a rule.")
    return lines
