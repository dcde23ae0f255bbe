"""Code and this tool's notes in, code with a last line that holds them out; and back again.

Actions and rules have no metadata: what is noted with them stands in a comment, which is no part of what is compared.
"""

import re
from collections.abc import Mapping

from deployer.resources.marker import is_note

_LINE = re.compile(r"^// deployer: (?P<pairs>[^\n]*)(?:\n|\Z)", re.MULTILINE)


def signed(code: str, pairs: Mapping[str, str]) -> str:
    """The code with its notes as the last line, instead of those that it may have."""
    body = unsigned(code)[0]
    body = body if body.endswith("\n") or not body else body + "\n"
    return f"{body}// deployer: {' '.join(f'{key}={value}' for key, value in pairs.items())}\n"


def unsigned(code: str) -> tuple[str, dict[str, str]]:
    """The code without its notes, wherever somebody else's edit has put that line, and the notes."""
    lines = list(_LINE.finditer(code))
    if not lines:
        return code, {}
    found = lines[-1]
    pairs = (part.partition("=")[::2] for part in found["pairs"].split(" "))
    return code[: found.start()] + code[found.end() :], {key: value for key, value in pairs if is_note(key)}
