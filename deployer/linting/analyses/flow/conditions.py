"""Reads from conditions what a branch says of a name, so that two tests of the same thing agree on one path."""

from deployer.linting.analyses.flow.carriers import Carriers
from deployer.linting.javascript import FUNCTIONS, Binding, Node, member_path, property_name, unwrap

_EQUAL = {"===": True, "==": True, "!==": False, "!=": False}
_COUNTS = ("length", "size", "rowCount", "affectedRows", "count")
# `n === 0` and the like say that a count is falsy, `n > 0` and the like that it is not.
_EMPTY = {("===", "0"), ("==", "0"), ("<", "1"), ("<=", "0")}
_FILLED = {("!==", "0"), ("!=", "0"), (">", "0"), (">=", "1")}
_CHANGES = frozenset({"push", "add", "set", "delete", "unshift", "pop", "shift"})
_PURE = frozenset({"identifier", "member_expression", "property_identifier", "this", "number", "string", "null"})


def condition_key(condition: Node) -> tuple[str, bool] | None:
    """Return the text of what is tested and the value that makes the condition true; None where it is not simple."""
    node = unwrap(condition)
    if node is None:
        return None
    path = member_path(node)
    if path is not None:
        return path, True
    if node.type != "binary_expression":
        return None
    left, right = unwrap(node.get("left")), unwrap(node.get("right"))
    if left is None or right is None:
        return None
    return _comparison(left, node.operator, right)


def _comparison(left: Node, operator: str, right: Node) -> tuple[str, bool] | None:
    subject = member_path(left)
    value = right.text
    if subject is not None:
        if right.type in {"null", "undefined"} and operator in _EQUAL:
            return subject, not _EQUAL[operator]
        if right.type in {"true", "false"} and operator in _EQUAL:
            return subject, _EQUAL[operator] == (right.type == "true")
        if subject.rsplit(".", 1)[-1] in _COUNTS:
            if (operator, value) in _EMPTY:
                return subject, False
            if (operator, value) in _FILLED:
                return subject, True
    if operator in _EQUAL and all(part.type in _PURE for side in (left, right) for part in side.walk()):
        return f"{left.text} === {value}", _EQUAL[operator]
    return None


def roots(node: Node) -> list[Node]:
    """List the names that an expression reads."""
    return [part for part in node.walk() if part.type == "identifier"]


def truth_of(value: Node | None) -> bool | None:
    """Return whether a literal is truthy; None where the expression decides."""
    value = unwrap(value)
    if value is None:
        return None
    if value.type in {"true", "object", "array", "new_expression", "regex"} or value.type in FUNCTIONS:
        return True
    if value.type in {"false", "null", "undefined"}:
        return False
    if value.type == "number":
        return value.text not in {"0", "0.0"}
    if value.type == "string":
        return len(value.text) > 2
    return None


class Flags:
    """Which names are flags that say whether the callback has been called: what hangs on them cannot be followed.

    A flag is written in a block that also calls the callback, and is tested where that write does not come before:
    `if (called) return; called = true; callback(null);`.
    """

    def __init__(self, carriers: Carriers) -> None:
        self._carriers = carriers
        self._calls_in: dict[Node, bool] = {}

    def guards(self, condition: Node) -> bool:
        """Return whether the condition tests such a flag."""
        for use in roots(condition):
            binding = self._carriers.names.resolve(use)
            if binding is None:
                continue
            writes = binding.writes or _member_writes(binding)
            if binding.scope is not use.function and any(_is_count(write) for write in writes):
                return True  # counted down in continuations: `if (--open === 0) callback(null)`
            if any(self._is_flag(write, use) for write in writes):
                return True
        return False

    def _is_flag(self, write: Node, use: Node) -> bool:
        block = next((node for node in write.ancestors() if node.type in {"statement_block", "program"}), None)
        if block is None or (write.start < use.start and _in_block(use, block)):
            return False
        known = self._calls_in.get(block)
        if known is None:
            known = self._calls_in[block] = any(
                part.type == "call_expression" and self._completes(part) for part in block.walk_here()
            )
        return known

    def _completes(self, call: Node) -> bool:
        target = unwrap(call.get("function"))
        return self._carriers.is_callback(target) or self._carriers.function(target) is not None


def _is_count(write: Node) -> bool:
    parent = write.parent
    return parent is not None and parent.type in {
        "update_expression",
        "augmented_assignment_expression",
        "call_expression",
    }


def _member_writes(binding: Binding) -> list[Node]:
    """List uses like `state.done = true` and `results.push(x)`, where the name itself never changes."""
    found = []
    for use in binding.references:
        node, parent = use, use.parent
        while parent is not None and parent.type in {"member_expression", "subscript_expression"}:
            node, parent = parent, parent.parent
        if (
            node is not use
            and parent is not None
            and (
                (parent.type.endswith("assignment_expression") and node.field == "left")
                or parent.type == "update_expression"
                or (parent.type == "call_expression" and property_name(node) in _CHANGES)
            )
        ):
            found.append(node)
    return found


def _in_block(node: Node, block: Node) -> bool:
    """Return whether the node is in the block, in the same function."""
    for ancestor in node.ancestors():
        if ancestor is block:
            return True
        if ancestor.type in FUNCTIONS:
            return False
    return False
