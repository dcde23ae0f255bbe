"""Writes the results of a command for many tenants as JSON."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deployer.fleet.fleet import JobResult, OneResult
from deployer.operations.results import ApplyResult, PlanResult
from deployer.operations.tenant_status import TenantStatus
from deployer.planning.drift import Drift
from deployer.planning.plan_file import to_json
from deployer.reporting.drift_json import drift_values
from deployer.reporting.fleet_wording import error_text, summary_text
from deployer.reporting.outcome_json import outcome_values
from deployer.reporting.views import dump_json


def fleet_json(results: Sequence[JobResult], _saved_in: Path | None = None) -> str:
    """Write one object for each tenant, as a JSON array; `data` is what the command gives for one tenant."""
    return dump_json([_values(result) for result in results])


def _values(result: JobResult) -> dict[str, Any]:
    return {
        "tenant": result.tenant,
        "verdict": result.verdict,
        "summary": summary_text(result),
        "seconds": round(result.seconds, 3),
        "data": None if result.result is None else _data(result.result),
        **({"error": error_text(result)} if result.verdict in ("failed", "refused") else {}),
    }


def _data(result: OneResult) -> Any:
    match result:
        case PlanResult(plan=plan):
            return to_json(plan)
        case Drift() as drift:
            return drift_values(drift)
        case ApplyResult(plan=plan, outcome=outcome):
            return outcome_values(plan, outcome)
        case TenantStatus():
            return None
