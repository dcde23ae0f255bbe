"""Writes a lint report as one JSON object."""

from typing import Any

from deployer.linting.engine import LintReport
from deployer.linting.finding import Finding
from deployer.reporting.views import dump_json


def findings_json(report: LintReport) -> str:
    """Write `{"findings": [...], "errors": n, "warnings": n, "silenced": n, "connections": n, "scripts": n, ...}`."""
    value = {
        "findings": [finding_values(finding) for finding in report.findings],
        "errors": len(report.errors),
        "warnings": len(report.warnings),
        "silenced": report.silenced,
        "connections": report.connections,
        "scripts": report.scripts,
        "skipped": list(report.skipped),
    }
    return dump_json(value)


def finding_values(finding: Finding) -> dict[str, Any]:
    """Return one finding as JSON values: lines and columns from 1, the end exclusive, line 0 for a whole definition."""
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "message": finding.message,
        "hint": finding.hint,
        "address": finding.address,
        "label": finding.label or finding.address,
        "template": finding.template or None,
        "line": finding.line,
        "column": finding.column,
        "end_line": finding.end_line,
        "end_column": finding.end_column,
        "source_line": finding.source_line,
    }
