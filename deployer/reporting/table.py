"""Rows with named cells in, a table out where it is wide enough; else each row as a line with its details below."""

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
    """One line for each row, below their `heads`; where that is wider than `columns` (None: nothing is), the cells at
    the indices `lead` on one line, and the others that say something below it, each after its head."""
    everything = [Row(tuple(Text(head, style) for head in heads)), *rows]
    lines = list(_aligned([row.cells for row in everything]))
    if columns is None or all(line.cell_len <= columns for line in lines):
        for line, row in zip(lines, everything, strict=True):
            yield line
            yield from row.notes
        return
    for line, row in zip(_aligned([tuple(row.cells[at] for at in lead) for row in rows]), rows, strict=True):
        yield line
        told = [at for at, cell in enumerate(row.cells) if at not in lead and cell.plain not in ("", "-")]
        if told:
            details = Text("; ").join(Text.assemble((f"{heads[at]}: ", "dim"), row.cells[at]) for at in told)
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
