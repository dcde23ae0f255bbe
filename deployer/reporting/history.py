"""History records in, a table on the terminal out."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from deployer.reporting.terminal import console
from deployer.store.history import HistoryRecord
from deployer.text import one_line

_STYLES = {"succeeded": "green", "rolled-back": "yellow", "partial": "bold red", "failed": "bold red"}


def print_history(tenant: str, records: Sequence[HistoryRecord], *, filtered: bool = False, more: bool = False) -> None:
    """The newest first; `filtered` where not all were asked for, `more` where there are others that fit."""
    if not records:
        what = "that fits has been done to" if filtered else "has been done to"
        console().print(Text(f"Nothing {what} {one_line(tenant)}{'' if filtered else ' yet'}."))
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("when (UTC)", "who", "command", "release", "changes", "result", "reason"):
        table.add_column(title, overflow="fold")
    for record in records:
        changes = ", ".join(f"{number} {one_line(action)}" for action, number in record.changes.items())
        releases = " -> ".join(one_line(name, 12) for name in (record.release_from, record.release_to) if name)
        table.add_row(
            f"{record.at:%Y-%m-%d %H:%M:%S}",
            Text(one_line(record.who, 60)),
            Text(one_line(record.command, 30)),
            Text(releases or "-"),
            Text(changes),
            Text(one_line(record.result, 20), _STYLES.get(record.result, "")),
            Text(one_line(record.reason or "", 100)),
        )
    console().print(table)
    if more:
        console().print(Text("There are older ones: --limit N shows more.", "dim"))
