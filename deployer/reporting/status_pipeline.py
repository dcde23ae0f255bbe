"""Lays out the promotion pipeline of tenants as nodes in columns and rows, ready to draw.

Tenants that stand at the same place and have alike pipelines behind them are drawn as one node where there are many, so
that a fleet of hundreds is still one small picture.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from deployer.operations.tenant_status import SEVERITY, State, TenantStatus

DRAWN_APART = 4
"""More alike tenants than this at one place are one node."""


@dataclass(slots=True)
class Node:
    """Tenants at one place of the pipeline, usually one. Of `names` all were looked at (`tenants`), or none.

    `column` counts from the start of the pipeline, `row` from the top (a parent stands in the row of its first child),
    `line` in the order of reading.
    """

    names: list[str]
    tenants: list[TenantStatus]
    column: int = 0
    row: int = 0
    line: int = 0
    children: list["Node"] = field(default_factory=list)

    @property
    def state(self) -> State | None:
        """The most serious state of its tenants; None where none was looked at."""
        return max((tenant.state for tenant in self.tenants), key=SEVERITY.__getitem__, default=None)

    def counts(self) -> dict[State, int]:
        """Count the tenants in each state, the most serious first; only states that there are."""
        counter = Counter(tenant.state for tenant in self.tenants)
        return {state: counter[state] for state in reversed(State) if counter[state]}


@dataclass(frozen=True, slots=True)
class Pipeline:
    """All nodes, parents before children, in the order of reading; `columns` x `rows` is the size of the drawing.

    `alone` are the tenants that nothing is promoted to or from.
    """

    nodes: tuple[Node, ...]
    columns: int
    rows: int
    alone: tuple[TenantStatus, ...]


def pipeline_of(tenants: Sequence[TenantStatus]) -> Pipeline:
    """Lay out the pipeline of these tenants. A circle is opened at its first tenant."""
    known = {tenant.name: tenant for tenant in tenants}
    below: dict[str, list[str]] = defaultdict(list)
    for tenant in known.values():
        if tenant.promote_from:
            below[tenant.promote_from].append(tenant.name)
    alone = tuple(t for t in known.values() if t.promote_from is None and not below.get(t.name))
    starts = [name for name in below if name not in known or known[name].promote_from is None]
    order = _reach(starts, below)
    for name in below:
        if name not in order:
            starts.append(name)
            order |= _reach([name], below, order)
    first = set(starts)
    children = {name: [child for child in below.get(name, []) if child not in first] for name in order}
    shapes = _shapes(list(order), children)
    nodes, rows = _placed(_grouped(starts, known, shapes), children, known, shapes)
    return Pipeline(nodes, max((node.column for node in nodes), default=-1) + 1, rows, alone)


def _reach(starts: Iterable[str], below: Mapping[str, list[str]], seen: Iterable[str] = ()) -> dict[str, None]:
    """Find all that is promoted from `starts`, these first, as an ordered set; what was `seen` is left out."""
    passed = set(seen)
    order: dict[str, None] = {}
    queue = list(starts)
    for name in queue:
        if name not in passed:
            passed.add(name)
            order[name] = None
            queue += below.get(name, [])
    return order


def _shapes(order: list[str], children: Mapping[str, list[str]]) -> dict[str, int]:
    """Number the tenants: equal numbers where the pipelines behind two tenants have the same shape."""
    numbers: dict[tuple[int, ...], int] = {}
    shapes: dict[str, int] = {}
    for name in reversed(order):
        shape = tuple(sorted(shapes[child] for child in children[name]))
        shapes[name] = numbers.setdefault(shape, len(numbers))
    return shapes


def _grouped(names: list[str], known: Mapping[str, TenantStatus], shapes: Mapping[str, int]) -> list[Node]:
    alike: dict[tuple[int, bool], list[str]] = defaultdict(list)
    for name in names:
        alike[shapes[name], name in known].append(name)
    groups = [[group] if len(group) > DRAWN_APART else [[name] for name in group] for group in alike.values()]
    return [Node(part, [known[n] for n in part if n in known]) for parts in groups for part in parts]


def _placed(
    starts: list[Node],
    children: Mapping[str, list[str]],
    known: Mapping[str, TenantStatus],
    shapes: Mapping[str, int],
) -> tuple[tuple[Node, ...], int]:
    """Give all nodes their places, and count the rows: one for each end."""
    nodes: list[Node] = []
    rows = 0
    stack = list(reversed(starts))
    while stack:
        node = stack.pop()
        node.row, node.line = rows, len(nodes)
        nodes.append(node)
        node.children = _grouped([child for name in node.names for child in children[name]], known, shapes)
        for child in node.children:
            child.column = node.column + 1
        stack += reversed(node.children)
        rows += not node.children
    return tuple(nodes), rows
