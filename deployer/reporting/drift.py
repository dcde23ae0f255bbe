"""Drift in, what a person reads of it out, in lines or JSON: what is defined, and what the tenant has instead."""

from collections.abc import Iterator
from typing import Any

from rich.text import Text

from deployer.planning.drift import Drift
from deployer.reporting.format_values import show_path
from deployer.reporting.leftovers import leftover_lines
from deployer.reporting.plan_text import attribute_lines, sign_line
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


def drift_json(drift: Drift) -> dict[str, Any]:
    """What drifted, what is no drift and why, and what is left over, as JSON values."""
    return {
        "drift": [one.as_json() for one in drift.found],
        "not_applied": drift.not_applied,
        "not_deployed": drift.not_deployed,
        "not_compared": dict(drift.not_compared),
        "leftovers": [one.model_dump(mode="json") for one in drift.leftovers],
    }


def drift_lines(drift: Drift) -> Iterator[Text]:
    """The lines of a report on drift: what drifted, or that nothing did."""
    yield Text(f"Tenant {one_line(drift.tenant.name)} ({one_line(drift.tenant.domain)})", "bold")
    for one in drift.found:
        yield Text("")
        if one.missing:
            yield Text.assemble(("- ", "red"), (one_line(one.address), "bold"), " is not in the tenant")
            continue
        yield Text.assemble(("~ ", "yellow"), (one_line(one.address), "bold"), " is not as defined")
        for text in one.known_as:
            yield sign_line("!", one_line(text, 400))
        width = min(48, max((len(show_path(attribute.path)) for attribute in one.attributes), default=0))
        for attribute in one.attributes:
            yield from attribute_lines(attribute, width, ("defined", "live"))
        for secret in one.secrets:
            sign, words = _SECRETS[secret.state]
            yield sign_line(sign, f"secret {one_line(secret.name)} {words}")
    yield from _no_drift(drift)
    yield from leftover_lines(drift.tenant.name, drift.leftovers)
    yield from _stays(drift)
    yield Text("")
    yield _summary(drift)


def _stays(drift: Drift) -> Iterator[Text]:
    """What no apply of the definition as it is sets back, and what does."""
    if drift.stays:
        yield Text("")
        yield Text(
            f"An apply leaves {one_line(', '.join(drift.stays), 400)} as long as nothing else is written there. Say "
            "`!remove` for it in the definition to take it away, or name it to have it managed."
        )


def _no_drift(drift: Drift) -> Iterator[Text]:
    """What is otherwise than today's files say, and is no drift."""
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
            yield Text(f"{title}:", "bold")
            for address, why in addresses.items():
                yield Text.assemble("    ", (one_line(address), "bold"), f": {one_line(why, 400)}" if why else "")


def _summary(drift: Drift) -> Text:
    if drift.found:
        words = f"Drift in {count(len(drift.found), 'resource')} of {drift.compared}."
        sets_back = drift.way_back and drift.is_set_back
        return Text(f"{words} {drift.way_back} sets it back." if sets_back else words, "bold yellow")
    if drift.never_deployed:
        return Text("No drift: it is defined, and not deployed.", "bold")
    later = len(drift.not_applied)
    as_left = f", {later:,} as left" if later else ""
    return Text(f"No drift. {count(drift.compared - later, 'resource')} as defined{as_left}.", "green")


def drift_words(drift: Drift) -> str:
    """The same in one line, for one tenant of many."""
    if drift.found:
        return f"{count(len(drift.found), 'resource')} drifted"
    if drift.never_deployed:
        return "defined, and not deployed"
    parts = {
        "not applied": drift.not_applied,
        "not deployed": drift.not_deployed,
        "not compared": drift.not_compared,
    }
    return "; ".join(["no drift", *(f"{len(found):,} {words}" for words, found in parts.items() if found)])
