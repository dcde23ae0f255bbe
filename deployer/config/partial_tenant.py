"""Makes a tenant of a tree with known mistakes, without them, so that what else is wrong can be found.

Nothing is ever deployed from it. A variable with a mistake stays as a marker, so that nobody takes it for missing; what
a tenant cannot be without is made up.
"""

from collections.abc import Iterable

from deployer.config.expressions import is_stand_in
from deployer.config.models import Tenant
from deployer.config.problems import Position, Problem
from deployer.config.tree import REMOVE, Entry, Node, Path, SecretReference
from deployer.config.validation import validate

_ROUNDS = 4  # each takes out what the one before it has found


def partial_tenant(root: Node, name: str, path: str, problems: Iterable[Problem]) -> Tenant | None:
    """Read a tenant without its mistakes; None where too little of it is there then."""
    if not isinstance(root.value, dict):
        return None
    # What is missing is reported at the beginning of the file, which is the place of the first key as well.
    wrong = {problem.position for problem in problems if problem.position} - {root.position}
    for _ in range(_ROUNDS):
        found: list[Problem] = []
        tenant = validate(_complete(_Pruning(wrong).mapping(root, ())), name, path, found)
        if tenant is not None:
            return tenant
        wrong |= {problem.position for problem in found if problem.position}
    return None


def _complete(root: Node) -> Node:
    def made(value: object) -> Entry:
        return Entry(root.position, Node(value, root.position))

    secret = {"client_id": made("made-up"), "client_secret": made(SecretReference("env", "MADE_UP"))}
    needed = {"domain": made("domain.invalid"), "credentials": made(secret)}
    return Node({**needed, **root.value}, root.position)


class _Pruning:
    """Takes out everything that stands where a mistake was found."""

    def __init__(self, wrong: set[Position]) -> None:
        self._wrong = wrong

    def mapping(self, node: Node, path: Path) -> Node:
        kept: dict[str, Entry] = {}
        for key, entry in node.value.items():
            value = self._value(entry, (*path, key))
            if value is not None:
                kept[key] = Entry(entry.position, value)
        return Node(kept, node.position)

    def _value(self, entry: Entry, path: Path) -> Node | None:
        """Take the mistakes out of an entry; None where all of it has to go."""
        value, inside = entry.value, _in_connection(path)
        if inside == () and is_stand_in(value):
            return None
        if path[-1] == "variables" and inside in (None, ("variables",)) and isinstance(value.value, dict):
            return self._variables(entry)
        if path[0] == "actions" and len(path) == 2:
            return None if self._touched(entry) else value
        if entry.position in self._wrong or (not _has_parts(value) and value.position in self._wrong):
            return None
        if isinstance(value.value, dict):
            kept = self.mapping(value, path)
            if inside == ("scripts",) and value.value and not kept.value:
                # Without any script of its own, a connection has no variables but those of its store.
                kept.value["login"] = Entry(entry.position, Node(REMOVE, value.position))
            return kept
        if isinstance(value.value, list):
            return Node([item for item in value.value if not self._wrong_inside(item)], value.position)
        return value

    def _variables(self, entry: Entry) -> Node:
        whole = entry.position in self._wrong
        kept = {
            key: Entry(each.position, Node(REMOVE, each.position)) if whole or self._touched(each) else each
            for key, each in entry.value.value.items()
        }
        return Node(kept, entry.value.position)

    def _touched(self, entry: Entry) -> bool:
        return entry.position in self._wrong or self._wrong_inside(entry.value)

    def _wrong_inside(self, node: Node) -> bool:
        if isinstance(node.value, dict):
            return any(self._touched(entry) for entry in node.value.values())
        if isinstance(node.value, list):
            return any(self._wrong_inside(item) for item in node.value)
        return node.position in self._wrong


def _has_parts(node: Node) -> bool:
    return isinstance(node.value, dict | list)


def _in_connection(path: Path) -> Path | None:
    """Return the path from a connection on, None outside of all."""
    return path[2:] if len(path) >= 2 and path[0] == "connections" else None
