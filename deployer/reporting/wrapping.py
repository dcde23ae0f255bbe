"""Wraps styled lines to the width of a terminal: between words, and with their indentation kept."""

import re
from collections.abc import Iterator

from rich.cells import cell_len
from rich.text import Text

NARROWEST = 20
"""Narrower terminals get lines as they are."""
_HANGING = 2
_WORD = re.compile(r"\s*\S+")


def wrapped(text: Text, columns: int | None) -> Text:
    """Wrap text to lines of at most `columns`, but for words that are longer and for what says `no_wrap`."""
    if columns is None or columns < NARROWEST or text.no_wrap:
        return text
    lines = text.split("\n", allow_blank=True)
    if all(line.cell_len <= columns for line in lines):
        return text
    return Text("\n", no_wrap=True).join(part for line in lines for part in _parts(line, columns))


def _parts(line: Text, columns: int) -> Iterator[Text]:
    if line.cell_len <= columns:
        yield line
        return
    plain = line.plain
    hanging = min(len(plain) - len(plain.lstrip(" ")) + _HANGING, columns // 2)
    first, *others = line.divide(_breaks(plain, columns, columns - hanging))
    first.rstrip()
    yield first
    for other in others:
        part = other[len(other.plain) - len(other.plain.lstrip(" ")) :]
        part.rstrip()
        yield Text.assemble(" " * hanging, part)


def _breaks(plain: str, first: int, others: int) -> list[int]:
    """Find where a line of `first` cells, then lines of `others`, are broken: before a word that does not fit."""
    offsets: list[int] = []
    room, used = first, 0
    for word in _WORD.finditer(plain):
        length = cell_len(word.group())
        if used and used + length > room:
            offsets.append(word.start())
            room, used = others, cell_len(word.group().lstrip())
        else:
            used += length
    return offsets
