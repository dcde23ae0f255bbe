"""Asks a syntax tree simple questions for rules: what is called, with which arguments, under which name.

Answers are nodes, names and strings; None where it cannot be told.
"""

import re
from collections.abc import Iterator

from deployer.linting.javascript.syntax import Node, SyntaxTree

_ESCAPE = re.compile(r"\\(u\{[0-9a-fA-F]{1,6}\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|\r\n|.)", re.DOTALL)
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}


def calls(tree: SyntaxTree) -> list[Node]:
    """Find every call (`f(x)`), not `new`."""
    return tree.nodes("call_expression")


def callee(call: Node) -> Node | None:
    """Return what is called (or constructed), without parentheses around it."""
    known = call.tree.callees
    if call not in known:
        known[call] = unwrap(call.get("function") or call.get("constructor"))
    return known[call]


def arguments(call: Node) -> list[Node]:
    """List the arguments of a call or `new`; a tagged template has none."""
    given = call.get("arguments")
    return given.children if given is not None and given.type == "arguments" else []


def callee_path(call: Node) -> str | None:
    """Return the dotted path of what is called: `console.log`, `global.pool.query`; None where it is computed."""
    return member_path(callee(call))


def method_name(call: Node) -> str | None:
    """Return the last name of what is called: `query` for `db.pool().query(...)`, `f` for `f(...)`."""
    known = call.tree.methods
    if call not in known:
        target = callee(call)
        known[call] = target.text if target is not None and target.type == "identifier" else property_name(target)
    return known[call]


def unwrap(node: Node | None) -> Node | None:
    """Return the expression inside parentheses."""
    while node is not None and node.type == "parenthesized_expression" and node.children:
        node = node.children[0]
    return node


def property_name(member: Node | None) -> str | None:
    """Return `b` of `a.b` and of `a["b"]`; None for others."""
    if member is None:
        return None
    if member.type == "member_expression":
        name = member.get("property")
        return name.text if name is not None else None
    if member.type == "subscript_expression":
        return string_value(member.get("index"))
    return None


def member_path(node: Node | None) -> str | None:
    """Return `a.b.c` of nested members of a name (`this` counts as a name), `a["b"]` included; None for others."""
    parts: list[str] = []
    node = unwrap(node)
    while node is not None and node.type in {"member_expression", "subscript_expression"}:
        name = property_name(node)
        if name is None:
            return None
        parts.append(name)
        node = unwrap(node.get("object"))
    if node is None or node.type not in {"identifier", "this"}:
        return None
    parts.append(node.text)
    return ".".join(reversed(parts))


def path_root(node: Node | None) -> Node | None:
    """Return the leftmost expression of member accesses and calls: `a` of `a.b(c).d`."""
    node = unwrap(node)
    while node is not None and (inner := inner_expression(node)) is not node:
        node = inner
    return node


def inner_expression(node: Node) -> Node | None:
    """Return what a member is read from, what is called, what parentheses hold; else the node itself."""
    if node.type in {"member_expression", "subscript_expression"}:
        return unwrap(node.get("object"))
    if node.type in {"call_expression", "new_expression"}:
        return callee(node)
    return unwrap(node)


def string_value(node: Node | None) -> str | None:
    """Return the value of a string literal or of a template without `${}`; None for others."""
    node = unwrap(node)
    if node is None:
        return None
    if node.type == "string" or (
        node.type == "template_string" and not any(child.type == "template_substitution" for child in node.children)
    ):
        return _ESCAPE.sub(_unescape, node.text[1:-1])
    return None


def _unescape(match: re.Match[str]) -> str:
    what = match.group(1)
    if what[0] in "ux" and len(what) > 1:
        code = int(what[1:].strip("{}"), 16)
        return chr(code) if code < 0x110000 else "\ufffd"
    return _SIMPLE.get(what, what)


def parameters(function: Node) -> list[Node]:
    """List the parameters of a function, patterns and defaults included."""
    single = function.get("parameter")
    if single is not None:
        return [single]
    listed = function.get("parameters")
    return listed.children if listed is not None else []


def parameter_name(parameter: Node) -> str | None:
    """Return the name of a plain parameter, with or without a default; None for patterns."""
    if parameter.type == "assignment_pattern":
        left = parameter.get("left")
        return left.text if left is not None and left.type == "identifier" else None
    return parameter.text if parameter.type == "identifier" else None


def properties(node: Node | None) -> Iterator[tuple[str | None, Node]]:
    """Yield (name, value) of an object literal, methods and shorthands included; name None where computed or spread."""
    if node is None or node.type != "object":
        return
    for child in node.children:
        if child.type == "pair":
            key, value = child.get("key"), child.get("value")
            if value is not None:
                yield property_key(key), value
        elif child.type == "shorthand_property_identifier":
            yield child.text, child
        elif child.type == "method_definition":
            yield property_key(child.get("name")), child
        else:
            yield None, child


def property_key(key: Node | None) -> str | None:
    if key is None:
        return None
    if key.type in {"property_identifier", "number"}:
        return key.text
    return string_value(key)


def header(function: Node) -> Node:
    """Return the beginning of a function, up to its body: where a finding about the whole of it is shown."""
    body = function.get("body")
    end = body.start if body is not None else function.end
    while end > function.start and function.tree.data[end - 1 : end].isspace():
        end -= 1
    return Node(function.tree, "header", function.start, end, function.parent, None, function.index)


def function_name(function: Node | None) -> str | None:
    """Return a function's own name; None for an anonymous one."""
    if function is None:
        return None
    name = function.get("name")
    if name is not None:
        return name.text
    return None
