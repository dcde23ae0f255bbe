"""Represents a parsed definition file: plain values that remember where they stand, and the tags that mean something.

A `Node` holds a mapping (`dict` of `Entry`), a sequence (`list` of `Node`), a scalar, a `SecretReference`, or one of
the markers `REMOVE` and `KEEP`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from deployer.config.problems import Position


class Marker(Enum):
    """`!remove`: this key must not be there. `!keep`: leave the tenant's own value."""

    REMOVE = "!remove"
    KEEP = "!keep"

    def __repr__(self) -> str:
        return self.value


REMOVE = Marker.REMOVE
KEEP = Marker.KEEP


@dataclass(frozen=True, slots=True)
class SecretReference:
    """Where a secret is found, never the secret: `!env NAME`, `!file PATH` or `!secret provider:path`."""

    scheme: str
    target: str
    position: Position | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        return f"!{self.scheme} {self.target}"


@dataclass(slots=True)
class Entry:
    """A key of a mapping with its own position, and its value."""

    position: Position
    value: "Node"


@dataclass(slots=True)
class Node:
    """A value and its position."""

    value: Any
    position: Position

    def get(self, key: str) -> "Node | None":
        """Return the value under a key, None where this is no mapping or has no such key."""
        entry = self.value.get(key) if isinstance(self.value, dict) else None
        return entry.value if entry else None


Path = tuple[str | int, ...]


def plain(node: Node) -> Any:
    """Return the value without positions. References and markers stay as they are."""
    if isinstance(node.value, dict):
        return {key: plain(entry.value) for key, entry in node.value.items()}
    if isinstance(node.value, list):
        return [plain(item) for item in node.value]
    return node.value


def positions(node: Node, path: Path = ()) -> Iterator[tuple[Path, Position]]:
    """Yield the position of every key and item by its path; a key stands where the key stands, not its value."""
    if isinstance(node.value, dict):
        for key, entry in node.value.items():
            yield (*path, key), entry.position
            yield from positions(entry.value, (*path, key))
    elif isinstance(node.value, list):
        for index, item in enumerate(node.value):
            yield (*path, index), item.position
            yield from positions(item, (*path, index))


@dataclass(frozen=True, slots=True)
class Places:
    """Where everything of a tree stands, by its path. Any two are equal: the place of a thing is no part of it."""

    root: Node | None = field(default=None, compare=False, repr=False)

    def nearest(self, *path: str | int) -> Position | None:
        """Find the position of what a path leads to, or of the nearest thing around it; None without a tree."""
        node, position = self.root, self.root.position if self.root else None
        for part in path:
            if node is not None and isinstance(node.value, dict) and part in node.value:
                entry: Entry = node.value[part]
                node, position = entry.value, entry.position
            elif node is not None and isinstance(node.value, list) and isinstance(part, int) and part < len(node.value):
                node = node.value[part]
                position = node.position
            else:
                break
        return position
