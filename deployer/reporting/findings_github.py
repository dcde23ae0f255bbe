"""Writes a lint report as workflow commands, which GitHub shows as annotations in a pull request.

https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
"""

from deployer.linting.engine import LintReport
from deployer.linting.finding import Finding
from deployer.text import count


def findings_github(report: LintReport) -> str:
    """Write one `::error` or `::warning` command for each finding, and a line that counts them."""
    lines = [_command(finding) for finding in report.findings]
    lines.append(f"{count(len(report.errors), 'error')}, {count(len(report.warnings), 'warning')}")
    return "\n".join(lines) + "\n"


def _command(finding: Finding) -> str:
    file = finding.template or finding.label or finding.address
    values = {"file": file, "title": f"{finding.code} {finding.name}"}
    if finding.line and not finding.template:
        values |= {"line": str(finding.line), "col": str(finding.column)}
        if finding.end_line == finding.line:
            values |= {"endLine": str(finding.end_line), "endColumn": str(max(finding.column, finding.end_column - 1))}
        elif finding.end_line:
            values |= {"endLine": str(finding.end_line)}
    message = finding.message if not finding.hint else f"{finding.message}. {finding.hint}"
    if finding.template:
        message = f"{finding.address}, line {finding.line} of the rendered script: {message}"
    properties = ",".join(f"{key}={_property(value)}" for key, value in values.items())
    return f"::{finding.severity.value} {properties}::{_data(message)}"


def _data(text: str) -> str:
    # GitHub reads a command to the end of its line: what would end it is escaped, other control characters are dropped.
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return "".join(character for character in escaped if character.isprintable())


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
