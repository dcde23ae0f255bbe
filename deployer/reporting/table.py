"""Writes tables; where a terminal is too narrow for them, each row as a line with its details below."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.text import Text

_GAP = 2
_INDENT = 4


@dataclass(frozen=True, slots=True)
class Row:
    """One row, and lines that stand below it in any case."""

    cells: tuple[Text, ...]
    notes: tuple[Text, ...] = ()


def table_lines(
    heads: Sequence[str], rows: Sequence[Row], columns: int | None, *, lead: Sequence[int], style: str
) -> Iterator[Text]:
    """Write one line for each row, below their heads, or where that is too wide one with details below it.

    Args:
        heads: the name of each column.
        rows: their cells, as many as there are heads.
        columns: how many characters fit on a line; None where any number does.
        lead: the indices of the cells that stand on the line where not all fit. Of the others, those that say something
            stand below it, each after its head.
        style: of the heads.
    """
    everything = [Row(tuple(Text(head, style) for head in heads)), *rows]
    lines = list(_aligned([row.cells for row in everything]))
    if columns is None or all(line.cell_len <= columns for line in lines):
        for line, row in zip(lines, everything, strict=True):
            yield line
            yield from row.notes
        return
    for line, row in zip(_aligned([tuple(row.cells[at] for at in lead) for row in rows]), rows, strict=True):
        yield line
        below = [at for at, cell in enumerate(row.cells) if at not in lead and cell.plain not in ("", "-")]
        if below:
            details = Text("; ").join(Text.assemble((f"{heads[at]}: ", "muted"), row.cells[at]) for at in below)
            yield Text.assemble(" " * _INDENT, details)
        yield from row.notes


def _aligned(rows: Sequence[tuple[Text, ...]]) -> Iterator[Text]:
    widths = [max(cell.cell_len for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        line = Text()
        for cell, width in zip(row, widths, strict=True):
            line.append_text(cell)
            line.append(" " * (width - cell.cell_len + _GAP))
        line.rstrip()
        yield line
