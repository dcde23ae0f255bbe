"""Reads the comments with which a script silences findings: `// deployer-ignore DB406: reason`.

A comment at the end of a line of code speaks of that line, one on a line of its own of the next line of code; one
before all code also of the script and its connection as a whole. Several codes are separated by commas.
"""

import re
from dataclasses import dataclass

from deployer.linting.javascript import Node, SyntaxTree

_MARK = "deployer-ignore"
_COMMENT = re.compile(
    r"deployer-ignore\b\s*(?P<codes>[A-Za-z]+\d+(?:\s*,\s*[A-Za-z]+\d+)*)?\s*(?::\s*(?P<reason>[^\r\n]*))?"
)


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment. `lines` are the lines that it speaks of; `precedes_code` tells that it stands before all code."""

    node: Node
    codes: frozenset[str]
    reason: str
    lines: frozenset[int]
    precedes_code: bool

    @property
    def complete(self) -> bool:
        """Whether it has a code and a reason; if not, it silences nothing."""
        return bool(self.codes and self.reason)


def suppressions(tree: SyntaxTree) -> list[Suppression]:
    """List the suppression comments of a script, in the order of the source."""
    if _MARK not in tree.source:
        return []
    found = []
    first_code = tree.root.children[0].start if tree.root.children else len(tree.data)
    for comment in tree.comments:
        match = _COMMENT.search(comment.text)
        if match is None:
            continue
        precedes_code = comment.start < first_code
        own = tree.position(comment.start)[0]
        line = own if _follows_code(tree, comment) else _next_code_line(tree, comment)
        lines = {line, 1} if precedes_code else {line}
        codes = frozenset(code.strip().upper() for code in (match["codes"] or "").split(",") if code.strip())
        reason = (match["reason"] or "").removesuffix("*/").strip()
        found.append(Suppression(comment, codes, reason, frozenset(lines), precedes_code))
    return found


def _follows_code(tree: SyntaxTree, comment: Node) -> bool:
    start = tree.data.rfind(b"\n", 0, comment.start) + 1
    before = tree.data[start : comment.start].strip()
    return bool(before) and not before.startswith((b"//", b"/*"))


def _next_code_line(tree: SyntaxTree, comment: Node) -> int:
    """Return the line of the first code after the comment and the comments that follow it."""
    at = comment.end
    ends = {other.start: other.end for other in tree.comments if other.start >= at}
    while at < len(tree.data):
        if at in ends:
            at = ends[at]
        elif tree.data[at : at + 1].isspace():
            at += 1
        else:
            break
    return tree.position(min(at, len(tree.data)))[0]
