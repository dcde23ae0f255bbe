"""Writes history records as a table for a terminal."""

from collections.abc import Iterator

from rich.text import Text

from deployer.operations.history import History
from deployer.reporting.table import Row, table_lines
from deployer.reporting.terminal import terminal_width
from deployer.state.history import HistoryRecord
from deployer.state.releases import short_id
from deployer.text import one_line

_STYLES = {"succeeded": "success", "rolled-back": "warning", "partial": "danger", "failed": "danger"}
_SHOWN = 3
_HEADS = ("when (UTC)", "who", "command", "release", "changes", "result", "reason")
_LEAD = (0, 2, 5)
"""When, command and result: what a line begins with where a terminal is too narrow for all."""


def history_text(tenant: str, found: History, filtered: bool = False) -> Iterator[Text]:
    """Write one line for each record, or a few where the terminal is too narrow."""
    if not found.records:
        what = "that fits has been done to" if filtered else "has been done to"
        yield Text(f"Nothing {what} {one_line(tenant)}{'' if filtered else ' yet'}.")
        return
    rows = [Row(_cells(record)) for record in found.records]
    yield from table_lines(_HEADS, rows, terminal_width(), lead=_LEAD, style="muted")
    if found.more:
        yield Text("There are older ones: --limit N shows more.", "muted")


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
    """Say what was done, and to what where it was not the whole tenant: `apply --target connection.users`."""
    command = one_line(record.command, 30)
    if not record.targets:
        return command
    targets = ", ".join(one_line(target, 100) for target in record.targets[:_SHOWN])
    more = f" and {len(record.targets) - _SHOWN:,} more" if len(record.targets) > _SHOWN else ""
    return f"{command}{'' if command == 'destroy' else ' --target'} {targets}{more}"
