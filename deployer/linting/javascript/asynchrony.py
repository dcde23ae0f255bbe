"""Tells who calls a function or awaits a promise, and what becomes of its errors."""

import re
from collections.abc import Iterator
from enum import Enum

from deployer.linting.javascript.queries import (
    arguments,
    callee,
    member_path,
    method_name,
    parameter_name,
    parameters,
    unwrap,
)
from deployer.linting.javascript.scopes import Binding
from deployer.linting.javascript.script import Script
from deployer.linting.javascript.syntax import FUNCTIONS, Node

ERROR_NAME = re.compile(r"^_?(?:e|ex|er|err|error|exception)\d?$|(?:Err|Error|Exception)\d?$")
"""Names that people give to the error argument of a callback or catch."""

LISTENERS = frozenset({"on", "once", "addListener", "addEventListener", "prependListener", "prependOnceListener"})
TIMERS = frozenset({"setTimeout", "setImmediate", "nextTick", "queueMicrotask"})
CHAIN = frozenset({"then", "catch", "finally"})
"""The methods of promises."""
ITERATIONS = frozenset(
    {
        *("forEach", "map", "filter", "reduce", "reduceRight", "some", "every", "find", "findIndex", "findLast"),
        *("flatMap", "sort", "toSorted", "from", "each", "eachSeries", "eachLimit", "eachRow", "replace", "replaceAll"),
    }
)
"""Methods that call their function at once, any number of times."""

_SETTLED = frozenset({"Promise.allSettled", "Promise.resolve"})
_CLEANUP = frozenset(
    {
        "end",
        "close",
        "release",
        "destroy",
        "disconnect",
        "quit",
        "unbind",
        "rollback",
        "del",
        "unlink",
        "unref",
        "abort",
    }
)


class Role(Enum):
    """What a function is handed to."""

    CALLBACK = "callback"
    """The last argument of an asynchronous function: `query(sql, (err, rows) => ...)`."""
    LISTENER = "listener"
    TIMER = "timer"
    HANDLER = "handler"
    """Of a promise: what it throws is a rejection."""
    INLINE = "inline"
    """Called at once, by its caller's caller: `forEach`, an executor, an immediate call."""
    OTHER = "other"


def role_of(function: Node) -> Role:
    """Return the role of a function literal at its place."""
    node = function
    while node.parent is not None and node.parent.type == "parenthesized_expression":
        node = node.parent
    parent = node.parent
    if parent is None:
        return Role.OTHER
    if parent.type == "call_expression" and node.field == "function":
        return Role.INLINE
    call = parent.parent if parent.type == "arguments" else None
    if call is None:
        return Role.OTHER
    return _role_in(call, node)


def _role_in(call: Node, function: Node) -> Role:
    name = method_name(call)
    target = callee(call)
    if name in CHAIN and target is not None and target.type == "member_expression":
        return Role.HANDLER
    if call.type == "new_expression" and name == "Promise":
        return Role.INLINE
    if name in ITERATIONS:
        return Role.INLINE
    if name in LISTENERS:
        return Role.LISTENER
    if name in TIMERS or name == "setInterval":
        return Role.TIMER
    given = arguments(call)
    if given and given[-1] is function and error_parameter(function) is not None:
        return Role.CALLBACK
    return Role.OTHER


def error_parameter(function: Node) -> Node | None:
    """Return the first parameter of a function literal, where its name says that it is an error."""
    listed = parameters(function)
    name = parameter_name(listed[0]) if listed else None
    return listed[0] if name is not None and ERROR_NAME.search(name) else None


def is_cleanup(call: Node) -> bool:
    """Return whether a call only tidies up (`client.end(...)`), so that its failure changes nothing."""
    return method_name(call) in _CLEANUP


def caught(node: Node, function: Node) -> bool:
    """Return whether the node is in the body of a `try` with a `catch`, within the function."""
    child = node
    for ancestor in node.ancestors():
        if ancestor is function:
            return False
        if ancestor.type == "try_statement" and child.field == "body" and ancestor.get("handler") is not None:
            return True
        child = ancestor
    return False


def in_cleanup(node: Node, function: Node) -> bool:
    """Return whether the node is in a `catch` or `finally` block within the function."""
    for ancestor in node.ancestors():
        if ancestor is function:
            return False
        if ancestor.type in {"catch_clause", "finally_clause"}:
            return True
    return False


def own(function: Node) -> Iterator[Node]:
    """Yield the nodes of a function's body that are not inside another function."""
    body = function.get("body")
    if body is not None:
        yield from (node for node in body.walk_here() if body.type not in FUNCTIONS or node is not body)


def handled(promise: Node | None) -> bool:
    """Return whether the expression deals with its own rejection: `.catch(...)`, `.then(a, b)`, `allSettled`."""
    promise = unwrap(promise)
    while promise is not None and promise.type == "call_expression":
        name, target = method_name(promise), callee(promise)
        if member_path(target) in _SETTLED:
            return True
        if target is None or target.type != "member_expression" or name not in CHAIN:
            return False
        if (name == "catch" and arguments(promise)) or (name == "then" and len(arguments(promise)) > 1):
            return True
        promise = unwrap(target.get("object"))
    return False


def escaping(function: Node) -> Node | None:
    """Find the first place where an async function can reject: an `await` or `throw` that no `try` of it catches."""
    for node in own(function):
        if node.type == "throw_statement" and not caught(node, function) and not in_cleanup(node, function):
            return node
        if node.type == "await_expression" and node.children:
            if handled(node.children[0]) or caught(node, function) or in_cleanup(node, function):
                continue
            inner = unwrap(node.children[0])
            if inner is not None and inner.type == "call_expression" and is_cleanup(inner):
                continue
            return node
    return None


def floats(node: Node) -> bool:
    """Return whether nobody takes an expression's value: an expression statement, `void`, or one of `a && b` there."""
    parent = node.parent
    while parent is not None:
        if parent.type == "expression_statement":
            return True
        if parent.type == "unary_expression" and parent.operator == "void":
            return True
        if parent.type == "parenthesized_expression" or (
            parent.type == "binary_expression" and node.field == "right" and parent.operator in {"&&", "||", "??"}
        ):
            node, parent = parent, parent.parent
            continue
        return False
    return False


def is_continued(call: Node) -> bool:
    """Return whether another link of the chain follows: so for `p` and `p.then(a)` in `p.then(a).catch(b)`."""
    holder = call.parent
    while holder is not None and holder.type == "parenthesized_expression":
        holder = holder.parent
    link = holder.parent if holder is not None and holder.type == "member_expression" else None
    return link is not None and link.type == "call_expression" and method_name(link) in CHAIN


def resolve_function(script: Script, node: Node | None) -> tuple[Node, Binding | None] | None:
    """Return the function of the script that an expression is or names, with its name where it has one."""
    node = unwrap(node)
    if node is None:
        return None
    if node.type in FUNCTIONS:
        return node, None
    binding = script.names.resolve(node)
    value = binding.constant if binding is not None else None
    return (value, binding) if value is not None and value.type in FUNCTIONS else None
