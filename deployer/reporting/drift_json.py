"""Writes drift as JSON."""

from typing import Any

from deployer.planning.drift import Drift
from deployer.reporting.views import dump_json


def drift_json(drift: Drift) -> str:
    """Write the tenant's name and what was found out about it as one JSON object."""
    return dump_json({"tenant": drift.tenant.name, **drift_values(drift)})


def drift_values(drift: Drift) -> dict[str, Any]:
    """Return what drifted, what is no drift and why, and what is left over, as JSON values."""
    return {
        "drift": [one.as_json() for one in drift.found],
        "not_applied": drift.not_applied,
        "not_deployed": drift.not_deployed,
        "not_compared": dict(drift.not_compared),
        "leftovers": [one.model_dump(mode="json") for one in drift.leftovers],
    }
