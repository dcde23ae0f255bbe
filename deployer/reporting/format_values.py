"""Formats paths, values and times for people, in short text; what comes from a tenant is made safe to show."""

import difflib
import json
from datetime import UTC, datetime
from typing import Any

from deployer.planning.differences import AttributeChange
from deployer.planning.model import Action
from deployer.scripts import DEFAULT_TEMPLATE_NAME
from deployer.text import one_line, visible

CONTEXT_LINES = 3
SHORTEST_CUT = 100
"""Values are shown with so many characters at least."""
SIGNS = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.DELETE: "-",
    Action.NO_OP: " ",
    "add": "+",
    "change": "~",
    "remove": "-",
}
"""The sign of a change, or of what happens to an attribute."""


def show_path(path: tuple[str, ...]) -> str:
    """Write a path as `options.customScripts.login`; a part that is no plain word is quoted."""
    return ".".join(
        one_line(part) if part.replace("_", "").replace("-", "").isalnum() else json.dumps(one_line(part))
        for part in path
    )


def show_value(value: Any, limit: int = SHORTEST_CUT) -> str:
    """Write a JSON value on one line of at most `limit` characters; text of several lines by its length."""
    if isinstance(value, str) and "\n" in value:
        lines = value.count("\n") + (not value.endswith("\n"))
        return f"{lines:,} lines"
    return one_line(json.dumps(value, ensure_ascii=False), limit)


def default_template_text(attribute: AttributeChange, sides: tuple[str, str]) -> str:
    """Say which side of a change is a script that nobody has written: `; live: Auth0's default template, ...`.

    `sides` are the names of what is before and after. Empty where somebody has written both.
    """
    side = attribute.default_template
    if side is None:
        return ""
    return f"; {sides[side == 'after']}: {DEFAULT_TEMPLATE_NAME}, which answers every call with an error"


def line_difference(before: str, after: str, name: str, sides: tuple[str, str] = ("live", "planned")) -> list[str]:
    """Compare two texts line by line, as a unified diff without line ends."""
    old, new = visible(before).splitlines(), visible(after).splitlines()
    return list(
        difflib.unified_diff(old, new, f"{sides[0]}/{name}", f"{sides[1]}/{name}", lineterm="", n=CONTEXT_LINES)
    )


def moment(at: datetime) -> str:
    """Write a time as `23 Nov 2026, 01:55 UTC`."""
    utc = at.astimezone(UTC)
    return f"{utc.day} {utc:%b %Y, %H:%M} UTC"
