"""A prepared tenant in, in words when the contract tests last ran on exactly the scripts that it would be given."""

from deployer.planning.model import Plan
from deployer.planning.preparation import Prepared
from deployer.store.store import Store


def last_tests(ready: Prepared, store: Store) -> dict[str, str]:
    """`passed 2026-11-23 10:15 UTC` by address, for connections that define tests or have been tested."""
    found = {}
    for name, rendered in ready.rendered.items():
        last = store.notes.last_test(rendered.digest)
        if last is not None:
            found[f"connection.{name}"] = f"{'passed' if last.passed else 'FAILED'} {last.at:%Y-%m-%d %H:%M} UTC"
        elif ready.tenant.connections[name].tests is not None:
            found[f"connection.{name}"] = f"never run on these scripts: deployer test {ready.tenant.name} {name}"
    return found


def with_tests(plan: Plan, ready: Prepared, store: Store) -> Plan:
    """The plan with what is known of its scripts' tests."""
    planned = {change.address for change in plan.effective}
    tests = {address: words for address, words in last_tests(ready, store).items() if address in planned}
    return plan.model_copy(update={"tests": tests})
