"""Says of one kind what a tenant does by itself to its resources, so that nobody takes that for a change.

Plans, read-backs, roll-backs, drift and imports all ask the same data, which holds for tenants of every age: what one
tenant does not do yet, it does not show either.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Alternatives:
    """Two families of attributes below `parent` that say the same thing, and of which a request may hold only one.

    `new_decides` says that Auth0 ignores the old ones where a resource has both.
    """

    parent: str
    old: frozenset[str]
    new: frozenset[str]
    new_decides: bool = False

    def has(self, attributes: Mapping[str, Any], family: frozenset[str]) -> bool:
        """Return whether a resource has attributes of one family."""
        return not family.isdisjoint(attributes.get(self.parent) or ()) and bool(self.paths(attributes, family))

    def paths(self, attributes: Mapping[str, Any], family: frozenset[str]) -> list[Path]:
        """Find the attributes of one family that a resource has."""
        below = attributes.get(self.parent) or {}
        return [(self.parent, name) for name in sorted(family) if below.get(name) is not None]


@dataclass(frozen=True, slots=True)
class ServerCompleted:
    """What a tenant completes, fills in and excludes in the resources of one kind.

    `completed` are maps, by their paths, that come back with more keys than were sent. `alternatives` are families of
    attributes that exclude each other in a request, though the tenant may answer with both. `defaults` is what a new
    resource has that nobody set.
    """

    completed: frozenset[Path] = frozenset()
    alternatives: tuple[Alternatives, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)

    def adds(self, path: Path, value: Any) -> bool:
        """Return whether a tenant has this value there by itself: below a map that it completes, or by default."""
        if any(path[: len(prefix)] == prefix for prefix in self.completed):
            return True
        usual: Any = self.defaults
        for part in path:
            if not isinstance(usual, Mapping) or part not in usual:
                return False
            usual = usual[part]
        return is_default(value, usual)

    def ignored(self, attributes: Mapping[str, Any]) -> Iterator[Path]:
        """Find the attributes of a resource that have no effect, since it has those that replace them too."""
        for each in self.alternatives:
            if each.new_decides and each.has(attributes, each.new):
                yield from each.paths(attributes, each.old)


def is_default(value: Any, usual: Any) -> bool:
    """Return whether a value is the usual one. Of maps, unknown keys may be there, and known ones may be absent."""
    if isinstance(value, Mapping) and isinstance(usual, Mapping):
        return all(is_default(item, usual[key]) for key, item in value.items() if key in usual)
    return bool(value == usual) and type(value) is type(usual)
