"""History records in, a table on the terminal out."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from deployer.reporting.terminal import print_lines
from deployer.store.history import HistoryRecord
from deployer.store.releases import short_id
from deployer.text import one_line

_STYLES = {"succeeded": "green", "rolled-back": "yellow", "partial": "bold red", "failed": "bold red"}
_SHOWN = 3


def print_history(tenant: str, records: Sequence[HistoryRecord], *, filtered: bool = False, more: bool = False) -> None:
    """Print the newest first; `filtered` where not all were asked for, `more` where there are others that fit."""
    print_lines(_lines(tenant, records, filtered=filtered, more=more))


def _lines(tenant: str, records: Sequence[HistoryRecord], *, filtered: bool, more: bool) -> Iterator[Text]:
    if not records:
        what = "that fits has been done to" if filtered else "has been done to"
        yield Text(f"Nothing {what} {one_line(tenant)}{'' if filtered else ' yet'}.")
        return
    heads = ("when (UTC)", "who", "command", "release", "changes", "result", "reason")
    rows = [tuple(Text(head, "dim") for head in heads), *(_cells(record) for record in records)]
    widths = [max(row[index].cell_len for row in rows) for index in range(len(heads))]
    for row in rows:
        # One line for each record whatever the width: a terminal wraps it, and a pipe gets it whole.
        line = Text()
        for cell, width in zip(row, widths, strict=True):
            line.append_text(cell)
            line.append(" " * (width - cell.cell_len + 2))
        line.rstrip()
        yield line
    if more:
        yield Text("There are older ones: --limit N shows more.", "dim")


def _cells(record: HistoryRecord) -> tuple[Text, ...]:
    changes = ", ".join(f"{number} {one_line(action, 20)}" for action, number in record.changes.items())
    releases = " -> ".join(one_line(short_id(name), 12) for name in (record.release_from, record.release_to) if name)
    return (
        Text(f"{record.at:%Y-%m-%d %H:%M:%S}"),
        Text(one_line(record.who, 60)),
        Text(_command(record)),
        Text(releases or "-"),
        Text(changes or "-"),
        Text(one_line(record.result, 20), _STYLES.get(record.result, "")),
        Text(one_line(record.reason or "", 100)),
    )


def _command(record: HistoryRecord) -> str:
    """What was done, and to what where it was not the whole tenant: `apply --target connection.users`."""
    command = one_line(record.command, 30)
    if not record.targets:
        return command
    targets = ", ".join(one_line(target, 100) for target in record.targets[:_SHOWN])
    more = f" and {len(record.targets) - _SHOWN:,} more" if len(record.targets) > _SHOWN else ""
    return f"{command}{'' if command == 'destroy' else ' --target'} {targets}{more}"
