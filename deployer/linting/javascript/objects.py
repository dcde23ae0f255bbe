"""Finds the entries of object expressions: of literals, of names for them, and properties assigned later."""

from collections.abc import Iterator

from deployer.linting.javascript.queries import properties, property_name, string_value, unwrap
from deployer.linting.javascript.scopes import Binding
from deployer.linting.javascript.script import Script
from deployer.linting.javascript.syntax import Node

_PARTED = frozenset(
    {
        "binary_expression",
        "ternary_expression",
        "call_expression",
        "new_expression",
        "arguments",
        "member_expression",
        "array",
    }
)


def entries(script: Script, node: Node | None) -> Iterator[tuple[str | None, Node]]:
    """Yield (key, value) of the object that an expression stands for, with what is assigned to it by name later."""
    node = unwrap(node)
    yield from properties(script.value_of(node))
    if node is not None and node.type in {"identifier", "shorthand_property_identifier"}:
        binding = script.names.resolve(node)
        if binding is not None:
            yield from assigned(binding)


def assigned(binding: Binding) -> Iterator[tuple[str | None, Node]]:
    """Yield (key, value) of every `name.key = value`."""
    for use in binding.references:
        member = use.parent
        if member is None or use.field != "object":
            continue
        write = member.parent
        if write is not None and write.type == "assignment_expression" and member.field == "left":
            value = write.get("right")
            if value is not None:
                yield property_name(member), value


def entry(script: Script, node: Node | None, *names: str) -> Node | None:
    """Return the value of the first entry with one of these keys."""
    return next((value for key, value in entries(script, node) if key in names), None)


def fragments(script: Script, node: Node | None) -> list[str]:
    """List the literal pieces of a string expression, in order; names are followed, other parts leave no piece."""
    found: list[str] = []
    stack: list[Node | None] = [node]
    budget = 400
    while stack and budget:
        budget -= 1
        each = unwrap(stack.pop())
        if each is None:
            continue
        if each.type in {"identifier", "shorthand_property_identifier"}:
            binding = script.names.resolve(each)
            if binding is not None and binding.part is None:
                stack.extend(_values(binding))
        elif each.type == "template_string":
            _push_template(each, stack, found)
        elif each.type == "string_fragment":
            found.append(each.text)
        elif each.type == "string":
            found.append(each.text[1:-1])
        elif each.type in _PARTED:
            stack.extend(reversed([child for child in each.children if child.type != "property_identifier"]))
    return found


def _push_template(template: Node, stack: list[Node | None], found: list[str]) -> None:
    # The grammar names the text between substitutions `string_fragment`.
    parts: list[Node | None] = []
    for child in template.children:
        if child.type == "template_substitution":
            parts.extend(child.children[:1])
        else:
            parts.append(child)
    if not parts and len(template.text) > 2:
        found.append(template.text[1:-1])
    stack.extend(reversed(parts))


def _values(binding: Binding) -> list[Node | None]:
    values: list[Node | None] = [binding.value]
    for write in binding.writes:
        parent = write.parent
        if parent is not None and parent.type in {"assignment_expression", "augmented_assignment_expression"}:
            values.append(parent.get("right"))
    values.reverse()
    return values


def leading_text(script: Script, node: Node | None) -> str:
    """Return the literal text that a string expression begins with; empty where it begins otherwise."""
    node = script.value_of(node)
    for _ in range(200):
        if node is None:
            return ""
        if node.type == "binary_expression" and node.operator == "+":
            node = script.value_of(node.get("left"))
            continue
        if node.type == "template_string" and node.children:
            first = node.children[0]
            if first.type == "template_substitution":
                node = script.value_of(first.children[0]) if first.children else None
                continue
            return first.text
        return string_value(node) or ""
    return ""
