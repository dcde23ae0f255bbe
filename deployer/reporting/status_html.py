"""Writes the status of tenants as one self-contained HTML page: the pipeline, drawn, and a table with a filter."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from deployer.operations.tenant_status import (
    SEVERITY,
    WORDS,
    ConnectionStatus,
    FleetStatus,
    State,
    TenantStatus,
    problems_first,
)
from deployer.reporting.leftovers import leftover_sentence
from deployer.reporting.page import render_page
from deployer.reporting.status_pipeline import Node, pipeline_of
from deployer.state.releases import short_id
from deployer.text import count, one_line

TONES = {
    State.IN_SYNC: "good",
    State.BEHIND: "note",
    State.DRIFTED: "warn",
    State.UNKNOWN: "plain",
    State.FAILED: "bad",
}
_MOST_COLUMNS = 4
"""With more different connections than this each tenant lists its own."""

# The drawing, in CSS pixels.
_WIDTH, _HEIGHT, _GAP_X, _GAP_Y, _EDGE = 208, 68, 56, 16, 2
_LONGEST_NAME, _LONGEST_WORDS = 20, 27
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class _Box:
    """One node of the drawing: where its corner is, and what stands in it, cut to its width and in full.

    `path` leads to it from its parent.
    """

    x: int
    y: int
    name: str
    whole: str
    words: str
    all: str
    source: str
    tone: str
    icon: str
    depth: int
    link: str | None
    path: str | None
    bar: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """One tenant of the table; `cells` are its connections by column, or all of them in one."""

    anchor: str
    tenant: TenantStatus
    cells: tuple[tuple[ConnectionStatus, ...], ...]
    tone: str
    rank: int
    at: int


def status_html(fleet: FleetStatus) -> str:
    """Write the status as an HTML page (to be saved as UTF-8) that makes no request and runs only its own script."""
    tenants = problems_first(fleet.tenants)
    names = fleet.connection_names()
    matrix = len(names) <= _MOST_COLUMNS
    anchors = {tenant.name: f"tenant-{number}" for number, tenant in enumerate(tenants, 1)}
    pipeline = pipeline_of(fleet.tenants)
    values = {
        "fleet": fleet,
        "counts": [(state.value, WORDS[state], TONES[state], n) for state, n in fleet.counts().items() if n],
        "boxes": _boxes(pipeline.nodes, anchors),
        "size": (
            pipeline.columns * (_WIDTH + _GAP_X) - _GAP_X + 2 * _EDGE,
            pipeline.rows * (_HEIGHT + _GAP_Y) - _GAP_Y + 2 * _EDGE,
        ),
        "box": (_WIDTH, _HEIGHT),
        "alone": len(pipeline.alone),
        "columns": [one_line(name, 60) for name in names] if matrix else ["Connections"],
        "matrix": matrix,
        "rows": [_row(tenant, anchors[tenant.name], names if matrix else None) for tenant in tenants],
        "tones": {state.value: tone for state, tone in TONES.items()},
        "short": _short,
        "tags_of": _tags,
        "day": _day,
        "left": leftover_sentence,
    }
    return render_page("status.html.j2", styles=["page.css", "status.css"], scripts=["status.js"], values=values)


def _row(tenant: TenantStatus, anchor: str, columns: list[str] | None) -> _Row:
    if columns is None:
        cells: tuple[tuple[ConnectionStatus, ...], ...] = (tenant.connections,)
    else:
        cells = tuple(tuple(c for c in tenant.connections if c.name == name) for name in columns)
    at = int(tenant.applied_at.timestamp()) if tenant.applied_at else 0
    return _Row(anchor, tenant, cells, TONES[tenant.state], SEVERITY[tenant.state], at)


def _boxes(nodes: tuple[Node, ...], anchors: dict[str, str]) -> list[_Box]:
    parents = {id(child): node for node in nodes for child in node.children}
    return [_box(node, parents.get(id(node)), anchors) for node in nodes]


def _box(node: Node, parent: Node | None, anchors: dict[str, str]) -> _Box:
    x, y = _corner(node)
    many = len(node.names) > 1
    name = count(len(node.names), "tenant") if many else one_line(node.names[0], 80)
    if node.state is None:
        words = ["not looked at"]
    elif many:
        words = [f"{number:,} {WORDS[state]}" for state, number in node.counts().items()]
    else:
        words = [node.tenants[0].words]
    return _Box(
        x,
        y,
        name=name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…",
        whole=name,
        words=_fitting(words),
        all=", ".join(words),
        source=f", promoted from {_called(parent)}" if parent else "",
        tone=TONES[node.state] if node.state else "plain",
        icon=node.state.value if node.state else State.UNKNOWN.value,
        depth=min(node.column, _DEEPEST),
        link=None if many else anchors.get(node.names[0]),
        path=_arrow(parent, node) if parent else None,
        bar=_bar(node) if many else (),
    )


def _fitting(words: list[str]) -> str:
    """Join the first of the words, as many as fit the width of the box."""
    for kept in range(len(words), 1, -1):
        text = ", ".join(words[:kept]) + (", …" if kept < len(words) else "")
        if len(text) <= _LONGEST_WORDS:
            return text
    return words[0] + (", …" if len(words) > 1 else "")


def _called(node: Node) -> str:
    return one_line(node.names[0], 80) if len(node.names) == 1 else count(len(node.names), "tenant")


def _corner(node: Node) -> tuple[int, int]:
    return _EDGE + node.column * (_WIDTH + _GAP_X), _EDGE + node.row * (_HEIGHT + _GAP_Y)


def _arrow(parent: Node, node: Node) -> str:
    """Draw a line from the right of the parent to the left of the node, with round corners."""
    (x0, y0), (x1, y1) = _corner(parent), _corner(node)
    x0, y0, x1, y1 = x0 + _WIDTH, y0 + _HEIGHT // 2, x1 - 7, y1 + _HEIGHT // 2
    if y0 == y1:
        return f"M{x0} {y0}H{x1}"
    middle = x0 + _GAP_X // 2 - 4
    return f"M{x0} {y0}H{middle - 8}Q{middle} {y0} {middle} {y0 + 8}V{y1 - 8}Q{middle} {y1} {middle + 8} {y1}H{x1}"


def _bar(node: Node) -> tuple[tuple[str, float, float], ...]:
    """Divide a bar into the states of many tenants: tone, start and width of each."""
    total, at = len(node.tenants) or 1, 0.0
    room = _WIDTH - 24
    parts = []
    for state, number in node.counts().items():
        width = room * number / total
        parts.append((TONES[state], round(at, 1), round(max(width - 1, 1), 1)))
        at += width
    return tuple(parts)


def _short(release: str) -> str:
    return one_line(short_id(release))


def _tags(tenant: TenantStatus) -> str:
    return json.dumps([one_line(tag) for tag in tenant.tags])


def _day(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"
