"""Compares two texts line by line, as rows of a page: line numbers, sign, and the pieces of a line that differ."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from deployer.reporting.format_values import CONTEXT_LINES
from deployer.text import visible

Piece = tuple[str, bool]
"""Part of a line, and whether it is what differs."""

_WORDS = re.compile(r"\w+|\s+|[^\w\s]")
_LONGEST_COMPARED = 400
_ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a difference. `gap` stands for lines that are equal and left out, `note` is a word of ours."""

    sign: Literal["+", "-", " ", "gap", "note"]
    old: int | None
    new: int | None
    pieces: tuple[Piece, ...]


def diff_rows(before: str, after: str, context: int = CONTEXT_LINES) -> list[Row]:
    """Make the rows of a unified difference, a gap before each later hunk. Empty where the lines are equal."""
    old, new = visible(before).splitlines(), visible(after).splitlines()
    rows: list[Row] = []
    for group in difflib.SequenceMatcher(None, old, new).get_grouped_opcodes(context):
        if group[0][1] > 0:
            rows.append(Row("gap", None, None, ()))
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                rows += [Row(" ", i + 1, j1 + i - i1 + 1, ((old[i], False),)) for i in range(i1, i2)]
            else:
                rows += _replaced(old[i1:i2], new[j1:j2], i1 + 1, j1 + 1)
    return rows


def count_lines(rows: list[Row]) -> tuple[int, int]:
    """Count the lines that are added and removed."""
    return sum(row.sign == "+" for row in rows), sum(row.sign == "-" for row in rows)


def _replaced(old: list[str], new: list[str], first_old: int, first_new: int) -> Iterator[Row]:
    """Make removed lines, then added ones; lines that stand for each other show what differs within them."""
    removed: list[tuple[Piece, ...]] = [((line, False),) for line in old]
    added: list[tuple[Piece, ...]] = [((line, False),) for line in new]
    if len(old) == len(new):
        for index, (left, right) in enumerate(zip(old, new, strict=True)):
            removed[index], added[index] = _within(left, right)
    yield from (Row("-", first_old + index, None, pieces) for index, pieces in enumerate(removed))
    yield from (Row("+", None, first_new + index, pieces) for index, pieces in enumerate(added))


def _within(left: str, right: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    whole = ((left, False),), ((right, False),)
    if max(len(left), len(right)) > _LONGEST_COMPARED:
        return whole
    a, b = _WORDS.findall(left), _WORDS.findall(right)
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return whole
    before: list[Piece] = []
    after: list[Piece] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        differs = tag != "equal"
        before += [("".join(a[i1:i2]), differs)] if i2 > i1 else []
        after += [("".join(b[j1:j2]), differs)] if j2 > j1 else []
    return tuple(before), tuple(after)
