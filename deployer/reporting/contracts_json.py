"""Writes the results of contract tests as JSON."""

from collections.abc import Sequence
from typing import Any

from deployer.reporting.views import dump_json
from deployer.runtime.contract.results import ContractReport


def contracts_json(_tenant: str, reports: Sequence[ContractReport]) -> str:
    """Write one object for each connection, as a JSON array; durations in milliseconds."""
    return dump_json([_values(report) for report in reports])


def _values(report: ContractReport) -> dict[str, Any]:
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
