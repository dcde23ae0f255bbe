"""Attribute values and scripts in, short readable text out. What comes from a tenant is made safe to show."""

import difflib
import json
from datetime import UTC, datetime
from typing import Any

from deployer.text import one_line, visible

CONTEXT_LINES = 3
SHORTEST_CUT = 100
"""Values are shown with so many characters at least."""


def show_path(path: tuple[str, ...]) -> str:
    """`options.customScripts.login`; a part that is no plain word is quoted."""
    return ".".join(
        one_line(part) if part.replace("_", "").replace("-", "").isalnum() else json.dumps(one_line(part))
        for part in path
    )


def show_value(value: Any, limit: int = SHORTEST_CUT) -> str:
    """A JSON value on one line; text of several lines by its length."""
    if isinstance(value, str) and "\n" in value:
        lines = value.count("\n") + (not value.endswith("\n"))
        return f"{lines:,} lines"
    return one_line(json.dumps(value, ensure_ascii=False), limit)


def line_difference(before: str, after: str, name: str, sides: tuple[str, str] = ("live", "planned")) -> list[str]:
    """A unified diff, line by line, without line ends."""
    old, new = visible(before).splitlines(), visible(after).splitlines()
    return list(
        difflib.unified_diff(old, new, f"{sides[0]}/{name}", f"{sides[1]}/{name}", lineterm="", n=CONTEXT_LINES)
    )


def moment(at: datetime) -> str:
    """`23 Nov 2026, 01:55 UTC`."""
    utc = at.astimezone(UTC)
    return f"{utc.day} {utc:%b %Y, %H:%M} UTC"
