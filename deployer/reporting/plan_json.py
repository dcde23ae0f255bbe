"""Writes a plan as JSON: what `plan --out` saves, without the signature."""

from deployer.planning.model import Plan
from deployer.planning.plan_file import to_json
from deployer.reporting.plan import PlanDetail
from deployer.reporting.views import dump_json


def plan_json(plan: Plan, _detail: PlanDetail | None = None) -> str:
    """Write the whole plan as JSON, whatever detail is asked for."""
    return dump_json(to_json(plan))
