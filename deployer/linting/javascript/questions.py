"""Questions that rules ask about JavaScript: who is called, with what, from which module, and what `callback` is.

In: a tree (`subject.tree`) or a script (`subject.script`). Out: nodes, names and strings; None where it cannot be told.
"""

import re
from collections.abc import Iterator
from functools import cached_property

from deployer.linting.javascript.scopes import Binding, Names
from deployer.linting.javascript.tree import FUNCTIONS, Node, Tree
from deployer.scripts import SCRIPT_KINDS, ScriptKind

_ESCAPE = re.compile(r"\\(u\{[0-9a-fA-F]{1,6}\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|\r\n|.)", re.DOTALL)
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}


def calls(tree: Tree) -> list[Node]:
    """Every call (`f(x)`), not `new`."""
    return tree.nodes("call_expression")


def callee(call: Node) -> Node | None:
    """What is called (or constructed), without parentheses around it."""
    known = call.tree.callees
    if call not in known:
        known[call] = unwrap(call.get("function") or call.get("constructor"))
    return known[call]


def arguments(call: Node) -> list[Node]:
    """The arguments of a call or `new`; a tagged template has none."""
    given = call.get("arguments")
    return given.children if given is not None and given.type == "arguments" else []


def callee_path(call: Node) -> str | None:
    """The dotted path of what is called: `console.log`, `global.pool.query`; None where it is computed."""
    return member_path(callee(call))


def method_name(call: Node) -> str | None:
    """The last name of what is called: `query` for `db.pool().query(...)`, `f` for `f(...)`."""
    known = call.tree.methods
    if call not in known:
        target = callee(call)
        known[call] = target.text if target is not None and target.type == "identifier" else property_name(target)
    return known[call]


def unwrap(node: Node | None) -> Node | None:
    """The expression inside parentheses."""
    while node is not None and node.type == "parenthesized_expression" and node.children:
        node = node.children[0]
    return node


def property_name(member: Node | None) -> str | None:
    """`b` of `a.b` and of `a["b"]`; None for others."""
    if member is None:
        return None
    if member.type == "member_expression":
        name = member.get("property")
        return name.text if name is not None else None
    if member.type == "subscript_expression":
        return string_value(member.get("index"))
    return None


def member_path(node: Node | None) -> str | None:
    """`a.b.c` of nested member accesses on a name (`this` counts as a name), `a["b"]` included; None for others."""
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
    """The leftmost expression of member accesses and calls: `a` of `a.b(c).d`."""
    node = unwrap(node)
    while node is not None and (inner := _one_step(node)) is not node:
        node = inner
    return node


def _one_step(node: Node) -> Node | None:
    """What a member is read from, what is called, what stands in parentheses; else the node itself."""
    if node.type in {"member_expression", "subscript_expression"}:
        return unwrap(node.get("object"))
    if node.type in {"call_expression", "new_expression"}:
        return callee(node)
    return unwrap(node)


def string_value(node: Node | None) -> str | None:
    """The value of a string literal or of a template without `${}`; None for others."""
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
    """The parameters of a function, patterns and defaults included."""
    single = function.get("parameter")
    if single is not None:
        return [single]
    listed = function.get("parameters")
    return listed.children if listed is not None else []


def parameter_name(parameter: Node) -> str | None:
    """The name of a plain parameter, with or without a default; None for patterns."""
    if parameter.type == "assignment_pattern":
        left = parameter.get("left")
        return left.text if left is not None and left.type == "identifier" else None
    return parameter.text if parameter.type == "identifier" else None


def properties(node: Node | None) -> Iterator[tuple[str | None, Node]]:
    """(name, value) of an object literal, methods and shorthands included; name None where computed or spread."""
    if node is None or node.type != "object":
        return
    for child in node.children:
        if child.type == "pair":
            key, value = child.get("key"), child.get("value")
            if value is not None:
                yield _key(key), value
        elif child.type == "shorthand_property_identifier":
            yield child.text, child
        elif child.type == "method_definition":
            yield _key(child.get("name")), child
        else:
            yield None, child


def property_value(node: Node | None, name: str) -> Node | None:
    """The value that an object literal gives to a key."""
    return next((value for key, value in properties(node) if key == name), None)


def _key(key: Node | None) -> str | None:
    if key is None:
        return None
    if key.type in {"property_identifier", "number"}:
        return key.text
    return string_value(key)


class Script:
    """A script as Auth0 sees it: one function, its parameters, its `callback`; and the names in it."""

    def __init__(self, tree: Tree, kind: ScriptKind | None) -> None:
        self.tree = tree
        self.names = Names(tree)
        self._roots: dict[Node, Node | None] = {}
        self._modules: dict[Binding | None, tuple[str, str | None] | None] = {}
        self.function = _main_function(tree, kind)
        """The function that Auth0 calls; None where the text has none."""
        self.kind = kind or _kind_of(self.function)
        """The kind, where it is given or the function's name tells."""

    @property
    def function_name(self) -> str | None:
        """The function's own name; None for an anonymous one."""
        return function_name(self.function)

    @cached_property
    def callback(self) -> Binding | None:
        """The parameter that Auth0 passes its callback in: the one named so, else the last one."""
        listed = self._parameters
        named = [binding for binding in listed if binding.name in {"callback", "cb", "done", "next"}]
        if named:
            return named[-1]
        expected = len(self.kind.arguments) + 1 if self.kind else 0
        return listed[-1] if listed and len(listed) >= max(expected, 1) else None

    @cached_property
    def context(self) -> Binding | None:
        """The parameter `context`, where the function takes one."""
        return next((binding for binding in self._parameters if binding.name in {"context", "ctx"}), None)

    def parameter(self, index: int) -> Binding | None:
        """The parameter at a position, from 0, where it is a plain name."""
        if self.function is None or index >= len(listed := parameters(self.function)):
            return None
        return self.names.resolve(_plain(listed[index]))

    @cached_property
    def _parameters(self) -> list[Binding]:
        listed = parameters(self.function) if self.function is not None else []
        found = (self.names.resolve(_plain(parameter)) for parameter in listed)
        return [binding for binding in found if binding is not None]

    def is_callback(self, node: Node | None) -> bool:
        """Is the expression Auth0's callback, by its own name or a constant that stands for it?"""
        node, seen = unwrap(node), 0
        while node is not None and node.type == "identifier" and seen < 5:
            binding = self.names.resolve(node)
            if binding is None:
                return False
            if binding is self.callback:
                return True
            node, seen = unwrap(binding.constant), seen + 1
        return False

    @cached_property
    def callback_calls(self) -> list[Node]:
        """Every `callback(...)`, in the order of the source."""
        return [call for call in calls(self.tree) if self.is_callback(callee(call))]

    def value_of(self, node: Node | None) -> Node | None:
        """The expression that a constant name stands for (followed a few times); other expressions are themselves."""
        node = unwrap(node)
        for _ in range(5):
            if node is None or node.type not in {"identifier", "shorthand_property_identifier"}:
                return node
            binding = self.names.resolve(node)
            value = unwrap(binding.constant) if binding is not None else None
            if value is None:
                return node
            node = value
        return node

    def constant_string(self, node: Node | None) -> str | None:
        """The string that an expression always is: literals, constants, and `+` of them; None for others."""
        parts: list[str] = []
        stack = [node]
        while stack:
            value = self.value_of(stack.pop())
            if value is not None and value.type == "binary_expression" and value.operator == "+" and len(parts) < 1000:
                stack.extend((value.get("right"), value.get("left")))
                continue
            text = string_value(value)
            if text is None:
                return None
            parts.append(text)
            if len(stack) > 1000:
                return None
        return "".join(parts)

    def required(self, node: Node | None) -> tuple[str, str | None] | None:
        """(module, version) where the expression is `require("module@version")`, or a name for it or a part of it.

        `const {Pool} = require("pg@8")` makes `Pool` come from `pg`; so do `pg.Pool` and `new pg.Pool()`.
        """
        root = self.root_of(node)
        first = self.names.resolve(root)
        if first in self._modules:
            return self._modules[first]
        found = None
        for _ in range(8):
            binding = self.names.resolve(root)
            if binding is None or binding.writes:
                found = self._module_of(root) if self.names.is_global(root, "require") else None
                break
            root = self.root_of(binding.value)
        if first is not None:
            self._modules[first] = found
        return found

    def root_of(self, node: Node | None) -> Node | None:
        """`path_root`, remembered for every part of the path: chains may be long, and each link is asked for."""
        passed: list[Node] = []
        while node is not None and node not in self._roots:
            passed.append(node)
            inner = _one_step(node)
            if inner is node:
                break
            node = inner
        root = self._roots.get(node, node) if node is not None else None
        for each in passed:
            self._roots[each] = root
        return root

    def _module_of(self, require: Node | None) -> tuple[str, str | None] | None:
        call = require.parent if require is not None else None
        if (
            require is None
            or call is None
            or call.type != "call_expression"
            or require.field != "function"
            or not arguments(call)
        ):
            return None
        return split_module(string_value(arguments(call)[0]))

    @cached_property
    def requires(self) -> list[tuple[Node, str, str | None]]:
        """Every `require("name@version")` with a literal name: (call, name, version or None)."""
        found = []
        for use in self.names.globals.get("require", ()):
            module = self._module_of(use)
            if module is not None and use.parent is not None:
                found.append((use.parent, *module))
        return found

    def is_global_object(self, node: Node | None) -> bool:
        """Is the expression Auth0's `global` (or `globalThis`)?"""
        node = unwrap(node)
        return self.names.is_global(node, "global") or self.names.is_global(node, "globalThis")

    @cached_property
    def configuration_reads(self) -> list[tuple[str, Node]]:
        """(KEY, node) of every `configuration.KEY`, `configuration["KEY"]` and `const {KEY} = configuration`."""
        found: list[tuple[str, Node]] = []
        for use in self.names.globals.get("configuration", ()):
            parent = use.parent
            if parent is None:
                continue
            if use.field == "object" and (name := property_name(parent)) is not None:
                found.append((name, parent))
            elif parent.type == "variable_declarator" and (pattern := parent.get("name")) is not None:
                found.extend(_pattern_keys(pattern))
        return found


def _pattern_keys(pattern: Node) -> Iterator[tuple[str, Node]]:
    if pattern.type != "object_pattern":
        return
    for child in pattern.children:
        if child.type == "shorthand_property_identifier_pattern":
            yield child.text, child
        elif child.type == "pair_pattern" and (name := _key(child.get("key"))) is not None:
            yield name, child
        elif child.type == "object_assignment_pattern" and child.children:
            yield child.children[0].text, child


def split_module(text: str | None) -> tuple[str, str | None] | None:
    """`pg@8.16.3` -> ("pg", "8.16.3"); `@scope/name` keeps its first at-sign."""
    if not text:
        return None
    at = text.rfind("@")
    return (text[:at], text[at + 1 :]) if at > 0 else (text, None)


def header(function: Node) -> Node:
    """The beginning of a function, up to its body: where a finding about the whole of it is shown."""
    body = function.get("body")
    end = body.start if body is not None else function.end
    while end > function.start and function.tree.data[end - 1 : end].isspace():
        end -= 1
    return Node(function.tree, "header", function.start, end, function.parent, None, function.index)


def function_name(function: Node | None) -> str | None:
    """A function's own name, or that of the constant or key that holds it."""
    if function is None:
        return None
    name = function.get("name")
    if name is not None:
        return name.text
    return None


def _plain(parameter: Node) -> Node | None:
    if parameter.type == "assignment_pattern":
        return parameter.get("left")
    return parameter if parameter.type == "identifier" else None


def _kind_of(function: Node | None) -> ScriptKind | None:
    name = function_name(function)
    return next((kind for kind in SCRIPT_KINDS.values() if name in {kind.function, kind.name}), None) if name else None


def _main_function(tree: Tree, kind: ScriptKind | None) -> Node | None:
    """The top-level function with the kind's name, else one with any kind's name, else the first."""
    found = list(_top_level_functions(tree.root))
    for wanted in ([kind] if kind else []), SCRIPT_KINDS.values():
        names = {name for each in wanted for name in (each.function, each.name)}
        for name, function in found:
            if name in names:
                return function
    return found[0][1] if found else None


def _top_level_functions(root: Node) -> Iterator[tuple[str | None, Node]]:
    for statement in root.children:
        if statement.type in FUNCTIONS:
            yield function_name(statement), statement
        elif statement.type in {"lexical_declaration", "variable_declaration"}:
            for declarator in statement.children:
                value = unwrap(declarator.get("value"))
                name = declarator.get("name")
                if value is not None and value.type in FUNCTIONS:
                    yield name.text if name else None, value
        elif statement.type == "expression_statement" and statement.children:
            value = unwrap(statement.children[0])
            if value is not None and value.type == "assignment_expression":
                value = unwrap(value.get("right"))
            if value is not None and value.type in FUNCTIONS:
                yield function_name(value), value
        elif statement.type == "export_statement":
            yield from ((function_name(child), child) for child in statement.children if child.type in FUNCTIONS)
