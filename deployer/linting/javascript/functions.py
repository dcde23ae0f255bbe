"""Finds what a script's functions return, who calls them, and which call they are handed to."""

from deployer.linting.javascript.queries import method_name, unwrap
from deployer.linting.javascript.scopes import Binding
from deployer.linting.javascript.script import Script
from deployer.linting.javascript.syntax import FUNCTIONS, Node


def calls_named(script: Script, *names: str | None) -> list[Node]:
    """Find the calls of functions or methods with these names (None: computed ones), in the order of the source."""
    found = [call for name in names for call in script.calls_by_name.get(name, ())]
    return sorted(found, key=_index) if len(names) > 1 else found


def _index(node: Node) -> int:
    return node.index


def returned(function: Node) -> list[Node]:
    """List the expressions that a function may return."""
    body = function.get("body")
    if body is None:
        return []
    if body.type != "statement_block":
        return [body]
    found = (node for node in body.walk_here() if node.type == "return_statement")
    return [node.children[0] for node in found if node.children]


def local_function(script: Script, node: Node | None) -> Node | None:
    """Return the function of the script that an expression is: a literal one, or a name for one."""
    value = script.value_of(node)
    return value if value is not None and value.type in FUNCTIONS else None


def binding_of(script: Script, function: Node) -> Binding | None:
    """Return the name of a helper function: its own, or the constant that holds it."""
    name = function.get("name")
    if name is None and function.parent is not None and function.parent.type == "variable_declarator":
        name = function.parent.get("name")
    binding = script.names.resolve(name)
    return binding if binding is not None and binding.constant is function else None


def call_sites(script: Script, function: Node) -> list[Node]:
    """List the calls of a helper function by its name."""
    binding = binding_of(script, function)
    if binding is None:
        return []
    uses = (use for use in binding.references if use.field == "function" and use.parent is not None)
    return [use.parent for use in uses if use.parent is not None and use.parent.type == "call_expression"]


def call_with(function: Node) -> Node | None:
    """Return the call that a function literal is an argument of."""
    given = function.parent
    if given is None or given.type != "arguments":
        return None
    return given.parent if given.parent is not None and given.parent.type == "call_expression" else None


def step_before(call: Node) -> Node | None:
    """Return the `.then(...)` (or the call) whose result the `.then` of `call` gets: `a()` for `a().then(f)`."""
    target = unwrap(call.get("function"))
    while target is not None and target.type == "member_expression":
        before = unwrap(target.get("object"))
        if before is None or before.type != "call_expression":
            return None
        if method_name(before) not in {"catch", "finally"}:
            return before
        target = unwrap(before.get("function"))
    return None
