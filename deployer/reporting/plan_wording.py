"""Words what a plan does for every format in which people read it: titles, reasons, totals, its release."""

import shlex
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from deployer.planning.former_keys import noted_apart
from deployer.planning.model import Action, Cause, Change, Origin, Plan
from deployer.planning.plan_checks import applying
from deployer.resources.concerns import Concern
from deployer.resources.marker import SecretState
from deployer.state.releases import short_id
from deployer.text import count, one_line

_NAMED = 3
TITLES = {
    Action.CREATE: "will be created",
    Action.UPDATE: "will be updated in place",
    Action.DELETE: "will be deleted",
}
CAUSES = {
    Cause.TEMPLATE: "a changed template",
    Cause.VARIABLE: "a changed variable",
    Cause.DEFINITION: "a changed definition",
    Cause.SECRET: "a changed secret",
    Cause.DRIFT: "drift",
    Cause.VERSION: "another version of deployer",
}
SECRETS = {
    SecretState.ADDED: ("+", "will be set"),
    SecretState.CHANGED: ("~", "has a new value"),
    SecretState.CHANGED_OUTSIDE: ("~", "was changed in the tenant by somebody else, and is set back"),
    SecretState.CHANGED_BOTH: ("~", "has a new value, and was changed in the tenant by somebody else as well"),
    SecretState.UNKNOWN: ("~", "cannot be compared (not noted by this tool, or with another key), and is set again"),
    SecretState.NOT_COMPARED: ("!", "is not compared here: an apply compares it with what the tenant notes"),
    SecretState.ROTATED: ("~", "gets a new value, which is not known here"),
    "known-later": ("+", "will be set to what is known only after an apply"),
    "removed": ("-", "will be removed"),
    "unnamed": ("!", "is in the tenant, and the definition does not name it"),
}
"""The sign of a secret's line and what is said of it, by its state."""


def summary_text(plan: Plan) -> str:
    """Say `Plan: 1 to create, ...`, or that there is nothing to do."""
    counts = plan.counts()
    unchanged = counts[Action.NO_OP]
    leftovers = f", {len(plan.leftovers)} no longer defined" if plan.leftovers else ""
    if not plan.effective:
        return f"No changes. {count(unchanged, 'resource')} as defined{leftovers}."
    parts = [
        f"{counts[action]} to {verb}"
        for action, verb in ((Action.CREATE, "create"), (Action.UPDATE, "update"), (Action.DELETE, "delete"))
        if counts[action]
    ]
    return f"Plan: {', '.join(parts)}{f', {unchanged} unchanged' if unchanged else ''}{leftovers}."


def cause_text(change: Change) -> str:
    """Say why something is changed: `a changed template and drift`."""
    *first, last = (CAUSES[cause] for cause in change.causes)
    return f"{', '.join(first)} and {last}" if first else last


def acceptance_text(concern: Concern, accepted: Collection[str]) -> str:
    """Say that a concern is still to be named before an apply, or was when the plan was made."""
    return f"{'accepted by' if concern.name in accepted else 'needs'} {concern.option}"


def plan_notes(plan: Plan) -> Iterator[str]:
    """Say, a sentence each, what comes with an apply of the plan and is no change of it."""
    apart = noted_apart(plan)
    if apart:
        yield f"Secrets noted under a former key, which an apply notes under the present one: {_named(apart)}."
    if later := [one for one in plan.former_key if one not in apart]:
        yield (
            f"Noted under a former key until they change next, so that this key is needed until then: {_named(later)}."
        )
    if plan.enables_on:
        yield (
            "The tenant enables new applications everywhere (enable_client_connections), those of this plan too on "
            f"connections whose applications are not defined here: {_named(plan.enables_on)}. Nothing is changed there."
        )


def saved_text(plan: Plan, file: Path, takes_from: str | None) -> str:
    """Say in which file a plan is, and by which command exactly that is applied."""
    name = shlex.quote(one_line(str(file)))
    return f"Saved in {name}. To apply exactly this: {applying(plan, name, takes_from)}"


def origin_title(plan: Plan) -> str:
    """Name the release that a plan is of: `Release 0123456789ab, as staging runs it`; empty for the working tree."""
    if plan.origin is None:
        return ""
    release = one_line(short_id(plan.release or "?"))
    if plan.origin.command == "rollback":
        return f"Back to the release {release}"
    return f"Release {release}, {origin_text(plan.origin)}"


def origin_text(origin: Origin) -> str:
    """Say where a release comes from, without its name: `as staging runs it`."""
    return "a roll-back" if origin.command == "rollback" else f"as {one_line(origin.source or '?')} runs it"


def missing_from_release(plan: Plan) -> dict[str, str]:
    """Say, by address, what the tenant's own file defines and the release cannot make."""
    found = plan.origin.left_out.items() if plan.origin else ()
    return {
        one_line(address): f"is left as it is: its file makes it of {one_line(lacking, 300)}, which this release lacks"
        for address, lacking in found
    }


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(one_line(name, 100) for name in names[:_NAMED]) + more
