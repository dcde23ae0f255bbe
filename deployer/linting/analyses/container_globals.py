"""Finds what a script does with Auth0's `global`: which names it writes, reads and tests."""

from dataclasses import dataclass

from deployer.linting.analyses.memo import once_per_script
from deployer.linting.javascript import Node, Script, arguments, callee, property_name, unwrap
from deployer.linting.javascript.functions import calls_named

_TESTING = frozenset(
    {
        "if_statement",
        "parenthesized_expression",
        "unary_expression",
        "binary_expression",
        "ternary_expression",
        "while_statement",
    }
)
_KEEPING = ("set", "push", "unshift", "add")
_WRITES = frozenset({"assignment_expression", "augmented_assignment_expression"})


@dataclass(frozen=True, slots=True)
class GlobalWrite:
    """Something is kept in `global`: at `node`, under `name`; `values` are the expressions kept, keys included."""

    node: Node
    name: str | None
    values: tuple[Node, ...]
    direct: bool
    """`global.name = value`, not something inside it."""


@dataclass(frozen=True, slots=True)
class GlobalUse:
    """One `global.name`. `inside`: something of it is used; `tested`: the script looks whether it is there."""

    node: Node
    name: str
    inside: bool
    tested: bool
    written: bool


def global_writes(script: Script) -> list[GlobalWrite]:
    """Find everything that a script keeps in `global`, in the order of the source."""
    return once_per_script(script, _writes)


def global_uses(script: Script) -> list[GlobalUse]:
    """Find every `global.name`, in the order of the source."""
    return once_per_script(script, _uses)


def global_name(script: Script, node: Node | None) -> tuple[bool, str | None]:
    """Tell whether a node is `global` or something in it, and its name there; names for a part of it are followed."""
    name: str | None = None
    for _ in range(20):
        node = unwrap(node)
        if node is None:
            return False, None
        if node.type in {"member_expression", "subscript_expression"}:
            if script.is_global_object(node.get("object")):
                return True, property_name(node)
            node = node.get("object")
        elif node.type == "identifier":
            if script.is_global_object(node):
                return True, name
            binding = script.names.resolve(node)
            if binding is None or binding.writes:
                return False, None
            if binding.part is not None and script.is_global_object(binding.value):
                return True, binding.part
            if binding.part is not None or binding.kind == "parameter":
                return False, None
            node = binding.value
        elif node.type in _WRITES or (node.type == "binary_expression" and node.operator in {"||", "??"}):
            node = node.get("left")
        else:
            return False, None
    return False, None


def _writes(script: Script) -> list[GlobalWrite]:
    if "global" not in script.names.globals and "globalThis" not in script.names.globals:
        return []
    found = []
    for node in (*script.tree.nodes(*_WRITES), *calls_named(script, *_KEEPING)):
        written = _kept(script, node) if node.type == "call_expression" else _assigned(script, node)
        if written is not None:
            found.append(written)
    return sorted(found, key=lambda each: each.node.index)


def _assigned(script: Script, node: Node) -> GlobalWrite | None:
    left, right = unwrap(node.get("left")), node.get("right")
    if left is None or right is None or left.type not in {"member_expression", "subscript_expression"}:
        return None
    is_global, name = global_name(script, left)
    if not is_global:
        return None
    values = [right]
    inside: Node | None = left
    while inside is not None and inside.type in {"member_expression", "subscript_expression"}:
        index = inside.get("index")
        if index is not None:
            values.append(index)
        inside = unwrap(inside.get("object"))
    return GlobalWrite(node, name, tuple(values), script.is_global_object(left.get("object")))


def _kept(script: Script, call: Node) -> GlobalWrite | None:
    target = callee(call)
    if target is None or target.type != "member_expression":
        return None
    is_global, name = global_name(script, target.get("object"))
    return GlobalWrite(call, name, tuple(arguments(call)), False) if is_global and name is not None else None


def _uses(script: Script) -> list[GlobalUse]:
    found = []
    for word in ("global", "globalThis"):
        for use in script.names.globals.get(word, ()):
            member = use.parent
            if member is None or use.field != "object" or (name := property_name(member)) is None:
                continue
            parent = member.parent
            inside = parent is not None and (
                (member.field == "object" and parent.get("optional_chain") is None)
                or (
                    member.field == "function"
                    and parent.type == "call_expression"
                    and parent.get("optional_chain") is None
                )
            )
            written = parent is not None and parent.type in _WRITES and member.field == "left"
            tested = not inside and not written and parent is not None and parent.type in _TESTING
            found.append(GlobalUse(member, name, inside, tested, written))
    return sorted(found, key=lambda each: each.node.index)
