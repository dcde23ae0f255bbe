"""Writes drift as the lines that a person reads: what is defined, and what the tenant has instead."""

from collections.abc import Iterator

from rich.text import Text

from deployer.planning.drift import Drift, Drifted
from deployer.reporting.leftovers import leftover_lines
from deployer.reporting.plan_text import attribute_lines, path_width, sign_line
from deployer.resources.marker import SecretState
from deployer.text import count, one_line

_SECRETS = {
    SecretState.ADDED: ("-", "is no longer in the tenant"),
    SecretState.CHANGED_OUTSIDE: ("~", "was changed in the tenant by somebody else"),
    SecretState.CHANGED_BOTH: ("~", "was changed in the tenant by somebody else"),
    SecretState.ROTATED: ("!", "is not known here"),
    SecretState.UNKNOWN: ("!", "cannot be compared: not noted by this tool, or with another key"),
    "unnamed": ("!", "is in the tenant, and the definition does not name it"),
}


def drift_text(drift: Drift) -> Iterator[Text]:
    """Write what drifted, resource by resource, or that nothing did, and what is no drift although it differs."""
    yield Text(f"Tenant {one_line(drift.tenant.name)} ({one_line(drift.tenant.domain)})", "strong")
    for one in drift.found:
        yield Text("")
        yield from _resource(one)
    yield from _no_drift(drift)
    yield from leftover_lines(drift.tenant.name, drift.leftovers)
    yield from _not_set_back(drift)
    yield Text("")
    yield _conclusion(drift)


def drift_summary(drift: Drift) -> str:
    """Say in one line, for one tenant of many, what drifted."""
    if drift.found:
        return f"{count(len(drift.found), 'resource')} drifted"
    if drift.never_deployed:
        return "defined, and not deployed"
    parts = {
        "not applied": drift.not_applied,
        "not deployed": drift.not_deployed,
        "not compared": drift.not_compared,
    }
    return "; ".join(["no drift", *(f"{len(found):,} {state}" for state, found in parts.items() if found)])


def _resource(one: Drifted) -> Iterator[Text]:
    address = (one_line(one.address), "strong")
    if one.missing:
        yield Text.assemble(("- ", "removed"), address, " is not in the tenant")
        return
    yield Text.assemble(("~ ", "changed"), address, " is not as defined")
    for text in one.known_as:
        yield sign_line("!", one_line(text, 400))
    width = path_width(one.attributes)
    for attribute in one.attributes:
        yield from attribute_lines(attribute, width, ("defined", "live"))
    for secret in one.secrets:
        sign, state = _SECRETS[secret.state]
        yield sign_line(sign, f"secret {one_line(secret.name)} {state}")


def _not_set_back(drift: Drift) -> Iterator[Text]:
    """Say what no apply of the definition as it is sets back, and what does."""
    if drift.stays:
        yield Text("")
        yield Text(
            f"An apply leaves {one_line(', '.join(drift.stays), 400)} as long as nothing else is written there. Say "
            "`!remove` for it in the definition to take it away, or name it to have it managed."
        )


def _no_drift(drift: Drift) -> Iterator[Text]:
    """List what differs from today's files, and is no drift."""
    if drift.never_deployed:
        return
    groups = {
        "Defined, and not deployed": dict.fromkeys(drift.not_deployed, ""),
        "As it was left, but its definition or a secret was changed since and that is not applied": dict.fromkeys(
            drift.not_applied, ""
        ),
        "Not compared": drift.not_compared,
    }
    for title, addresses in groups.items():
        if addresses:
            yield Text("")
            yield Text(f"{title}:", "strong")
            for address, why in addresses.items():
                yield Text.assemble("    ", (one_line(address), "strong"), f": {one_line(why, 400)}" if why else "")


def _conclusion(drift: Drift) -> Text:
    if drift.found:
        found = f"Drift in {count(len(drift.found), 'resource')} of {drift.compared}."
        sets_back = drift.way_back and drift.is_set_back
        return Text(f"{found} {drift.way_back} sets it back." if sets_back else found, "caution")
    if drift.never_deployed:
        return Text("No drift: it is defined, and not deployed.", "strong")
    later = len(drift.not_applied)
    as_left = f", {later:,} as left" if later else ""
    return Text(f"No drift. {count(drift.compared - later, 'resource')} as defined{as_left}.", "success")
