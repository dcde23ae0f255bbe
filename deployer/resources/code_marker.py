"""Writes this tool's marker into code as its last line, and reads it back.

Actions and rules have no metadata: what is noted with them stands in a comment, which is no part of what is compared.
"""

import re
from collections.abc import Mapping

from deployer.resources.marker import is_note

_LINE = re.compile(r"^// deployer: (?P<pairs>[^\n]*)(?:\n|\Z)", re.MULTILINE)


def signed(code: str, pairs: Mapping[str, str]) -> str:
    """Put the notes at the end of the code as its last line, instead of those that it may have."""
    body = unsigned(code)[0]
    body = body if body.endswith("\n") or not body else body + "\n"
    return f"{body}// deployer: {' '.join(f'{key}={value}' for key, value in pairs.items())}\n"


def unsigned(code: str) -> tuple[str, dict[str, str]]:
    """Take the notes out of the code, wherever somebody else's edit has put that line; return both."""
    lines = list(_LINE.finditer(code))
    if not lines:
        return code, {}
    found = lines[-1]
    pairs = (part.partition("=")[::2] for part in found["pairs"].split(" "))
    return code[: found.start()] + code[found.end() :], {key: value for key, value in pairs if is_note(key)}
