"""A plan in, what drifted out, in lines or JSON: what is defined, and what the tenant has instead."""

from collections.abc import Iterator
from typing import Any

from rich.text import Text

from deployer.planning.drift import drift_of
from deployer.planning.model import Plan
from deployer.reporting.leftovers import leftover_lines
from deployer.reporting.plan_text import attribute_lines, sign_line
from deployer.reporting.values import show_path
from deployer.resources.notes import SecretState
from deployer.text import count, one_line

_SECRETS = {
    SecretState.ADDED: ("-", "is no longer in the tenant"),
    SecretState.CHANGED_OUTSIDE: ("~", "was changed in the tenant by somebody else"),
    SecretState.CHANGED_BOTH: ("~", "was changed in the tenant by somebody else"),
    SecretState.UNKNOWN: ("!", "cannot be compared: not noted by this tool, or with another key"),
    "unnamed": ("!", "is in the tenant, and the definition does not name it"),
}


def drift_json(plan: Plan) -> dict[str, Any]:
    """What drifted, and what is left over, as JSON values."""
    return {
        "drift": [one.as_json() for one in drift_of(plan)],
        "leftovers": [one.model_dump(mode="json") for one in plan.leftovers],
    }


def drift_lines(plan: Plan) -> Iterator[Text]:
    """The lines of a report on drift: what drifted, or that nothing did."""
    found = drift_of(plan)
    yield Text(f"Tenant {one_line(plan.tenant.name)} ({one_line(plan.tenant.domain)})", "bold")
    for one in found:
        yield Text("")
        if one.missing:
            yield Text.assemble(("- ", "red"), (one_line(one.address), "bold"), " is not in the tenant")
            continue
        yield Text.assemble(("~ ", "yellow"), (one_line(one.address), "bold"), " is not as defined")
        width = min(48, max((len(show_path(attribute.path)) for attribute in one.attributes), default=0))
        for attribute in one.attributes:
            yield from attribute_lines(attribute, width, ("defined", "live"))
        for secret in one.secrets:
            sign, words = _SECRETS[secret.state]
            yield sign_line(sign, f"secret {one_line(secret.name)} {words}")
    yield from leftover_lines(plan.tenant.name, plan.leftovers)
    yield Text("")
    if found:
        hint = f"`deployer apply {one_line(plan.tenant.name)}` sets it back."
        yield Text(f"Drift in {count(len(found), 'resource')} of {len(plan.changes)}. {hint}", "bold yellow")
    else:
        yield Text(f"No drift. {count(len(plan.changes), 'resource')} as defined.", "green")
