"""Writes the status of tenants for a terminal: one line per tenant, and what is the matter below it."""

from collections.abc import Iterator, Sequence
from datetime import UTC

from rich.text import Text

from deployer.operations.tenant_status import (
    WORDS,
    ConnectionStatus,
    FleetStatus,
    State,
    TenantStatus,
    problems_first,
)
from deployer.reporting.leftovers import leftover_sentence
from deployer.reporting.table import Row, table_lines
from deployer.reporting.terminal import terminal_width
from deployer.state.releases import short_id
from deployer.text import count, one_line

STYLES = {
    State.IN_SYNC: "success",
    State.BEHIND: "notice",
    State.DRIFTED: "warning",
    State.UNKNOWN: "unknown",
    State.FAILED: "danger",
}
_MOST_COLUMNS = 4
"""With more different connections than this each tenant lists its own."""
_LEAD = (0, 1)
"""Tenant and state: what a line begins with where a terminal is too narrow for all."""


def status_text(fleet: FleetStatus) -> Iterator[Text]:
    """Write a table of the tenants, the most serious first; each as a few lines where the terminal is too narrow."""
    tenants = problems_first(fleet.tenants)
    names = fleet.connection_names()
    columns = names if len(names) <= _MOST_COLUMNS else None
    heads = [one_line(name) for name in columns] if columns is not None else ["connections"]
    rows = [Row(_cells(tenant, columns), tuple(_notes(tenant))) for tenant in tenants]
    yield from table_lines(
        ["tenant", "state", *heads, "release", "last applied", "by"], rows, terminal_width(), lead=_LEAD, style="strong"
    )
    yield Text("")
    yield _summary(fleet)


def _cells(tenant: TenantStatus, columns: list[str] | None) -> tuple[Text, ...]:
    by_name = {connection.name: connection for connection in tenant.connections}
    cells = (
        [Text(_named_or_counted(tenant.connections))]
        if columns is None
        else [_cell(by_name.get(name)) for name in columns]
    )
    applied = tenant.applied_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M") if tenant.applied_at else "-"
    return (
        Text(one_line(tenant.name), "strong"),
        Text(tenant.words, STYLES[tenant.state]),
        *cells,
        Text(one_line(short_id(tenant.release)) if tenant.release else "-"),
        Text(applied),
        Text(one_line(tenant.applied_by) if tenant.applied_by else "-"),
    )


def _cell(connection: ConnectionStatus | None) -> Text:
    return Text(connection.words, STYLES[connection.state]) if connection else Text("-", "muted")


def _named_or_counted(connections: Sequence[ConnectionStatus]) -> str:
    """Name all connections where they are few; of many, those that are not in sync, and how many are."""
    if len(connections) <= _MOST_COLUMNS:
        return ", ".join(_named(connection) for connection in connections) or "-"
    others = [connection for connection in connections if connection.state is not State.IN_SYNC]
    parts = [_named(connection) for connection in others[:_MOST_COLUMNS]]
    if len(others) > _MOST_COLUMNS:
        parts.append(f"{len(others) - _MOST_COLUMNS:,} more not in sync")
    in_sync = len(connections) - len(others)
    return ", ".join([*parts, *([f"{in_sync:,} {WORDS[State.IN_SYNC]}"] if in_sync else [])])


def _named(connection: ConnectionStatus) -> str:
    return f"{one_line(connection.name)} {connection.words}"


def _notes(tenant: TenantStatus) -> Iterator[Text]:
    if tenant.message:
        yield Text(f"    {one_line(tenant.message, 400)}")
    for connection in tenant.connections:
        if connection.message:
            yield Text(f"    {one_line(connection.name)}: {one_line(connection.message, 400)}")
    for one in tenant.leftovers:
        yield Text(f"    {one_line(one.name)} {leftover_sentence(tenant.name, one)}")


def _summary(fleet: FleetStatus) -> Text:
    parts = [f"{number:,} {WORDS[state]}" for state, number in fleet.counts().items() if number]
    looked = f"{fleet.looked_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    good = all(tenant.state is State.IN_SYNC for tenant in fleet.tenants)
    words = f"{count(len(fleet.tenants), 'tenant')}: {', '.join(parts)}" if parts else "No tenants"
    return Text(f"{words}. Looked at {looked}.", "success" if good else "strong")
