"""Lays one definition tree over another: maps merge, lists and scalars replace, `!remove` drops a key."""

from deployer.config.problems import Problem
from deployer.config.tree import KEEP, REMOVE, Entry, Node, Path

# Below these keys `!remove` is a statement about the tenant ("this must not be there"), so it stays; below those of
# secrets, `!keep` is one as well.
_STATEMENTS = {"connections": frozenset({"options", "configuration", "scripts"}), "actions": frozenset({"secrets"})}
_SECRETS = frozenset({("connections", "configuration"), ("actions", "secrets")})


def merge(base: Node, override: Node, problems: list[Problem], path: Path = ()) -> Node:
    """Lay `override` over `base`; neither is changed. Keys removed without being there are reported in `problems`."""
    if not (isinstance(base.value, dict) and isinstance(override.value, dict)):
        return override
    merged: dict[str, Entry] = dict(base.value)
    for key, entry in override.value.items():
        here = (*path, key)
        if entry.value.value is REMOVE and not is_statement(here):
            if merged.pop(key, None) is None:
                problems.append(Problem(entry.position, f"there is no inherited '{key}' to remove"))
        elif key in merged:
            merged[key] = Entry(entry.position, merge(merged[key].value, entry.value, problems, here))
        else:
            merged[key] = entry
    return Node(merged, override.position)


def is_statement(path: Path) -> bool:
    """Return whether `!remove` at this path speaks of the tenant and not of an inherited key."""
    return len(path) >= 4 and path[2] in _STATEMENTS.get(str(path[0]), ())


def leftover_markers(node: Node, problems: list[Problem], path: Path = ()) -> None:
    """Report every `!remove` that had nothing to remove, and every `!keep` where there is no secret to keep."""
    if isinstance(node.value, dict):
        for key, entry in node.value.items():
            leftover_markers(entry.value, problems, (*path, key))
    elif isinstance(node.value, list):
        for index, item in enumerate(node.value):
            leftover_markers(item, problems, (*path, index))
    elif node.value is REMOVE and (not is_statement(path) or any(isinstance(part, int) for part in path)):
        problems.append(Problem(node.position, "`!remove` drops an inherited key, and nothing is inherited here"))
    elif node.value is KEEP and not (is_statement(path) and (path[0], path[2]) in _SECRETS):
        what = "`!keep` is for values of a connection's `configuration` and for an Action's `secrets` only"
        problems.append(Problem(node.position, what))
