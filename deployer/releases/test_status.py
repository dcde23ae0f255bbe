"""Tells when contract tests last ran on exactly the scripts that a tenant would be given."""

from deployer.planning.model import Plan
from deployer.planning.resolve import ResolvedTenant
from deployer.resources.kinds.connection import KIND as CONNECTION
from deployer.state.state_store import StateStore


def with_tests(plan: Plan, ready: ResolvedTenant, store: StateStore) -> Plan:
    """Add to a plan what is known of the tests of the scripts that it changes.

    That is `passed 2026-11-23 10:15 UTC` by address, for connections that define tests or have been tested.
    """
    tests = {}
    for change in plan.effective:
        rendered = ready.rendered.get(change.name) if change.kind == CONNECTION else None
        if rendered is None:
            continue
        last = store.test_results.last(rendered.digest)
        if last is not None:
            tests[change.address] = f"{'passed' if last.passed else 'FAILED'} {last.at:%Y-%m-%d %H:%M} UTC"
        elif ready.tenant.connections[change.name].tests is not None:
            tests[change.address] = f"never run on these scripts: deployer test {ready.tenant.name} {change.name}"
    return plan.model_copy(update={"tests": tests})
