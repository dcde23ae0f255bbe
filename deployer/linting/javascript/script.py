"""Describes a script as Auth0 sees it: its function, its callback, the modules and settings that it reads."""

from collections.abc import Iterator
from functools import cached_property

from deployer.linting.javascript.queries import (
    arguments,
    callee,
    calls,
    function_name,
    inner_expression,
    member_path,
    method_name,
    parameters,
    path_root,
    property_key,
    property_name,
    string_value,
    unwrap,
)
from deployer.linting.javascript.scopes import Binding, Names
from deployer.linting.javascript.syntax import FUNCTIONS, Node, SyntaxTree
from deployer.scripts import SCRIPT_KINDS, ScriptKind


class Script:
    """A script as Auth0 sees it: one function, its parameters, its `callback`; and the names in it."""

    def __init__(self, tree: SyntaxTree, kind: ScriptKind | None) -> None:
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
        """Return the parameter at a position, from 0, where it is a plain name."""
        if self.function is None or index >= len(listed := parameters(self.function)):
            return None
        return self.names.resolve(_plain(listed[index]))

    @cached_property
    def _parameters(self) -> list[Binding]:
        listed = parameters(self.function) if self.function is not None else []
        found = (self.names.resolve(_plain(parameter)) for parameter in listed)
        return [binding for binding in found if binding is not None]

    def is_callback(self, node: Node | None) -> bool:
        """Return whether the expression is Auth0's callback, by its own name or a constant that stands for it."""
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
        """Return the expression that a constant name stands for (followed a few times); others are themselves."""
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
        """Return the string that an expression always is: literals, constants, `+` of them; None for others."""
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
        """Return (module, version) for `require("module@version")`, or a name for it or a part of it; else None.

        It says where a chain begins, not that the node is the module itself: `require("a").b.c()` begins at `a` too.

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
        """Return `path_root`, remembered for every part of the path: chains may be long, and each link is asked for."""
        passed: list[Node] = []
        while node is not None and node not in self._roots:
            passed.append(node)
            inner = inner_expression(node)
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
        return _split_module(string_value(arguments(call)[0]))

    @cached_property
    def calls_by_name(self) -> dict[str | None, list[Node]]:
        """The calls by the last name of what is called, each in the order of the source; None: it is computed."""
        found: dict[str | None, list[Node]] = {}
        for call in calls(self.tree):
            found.setdefault(method_name(call), []).append(call)
        return found

    def calls_of_global(self, path: str) -> list[Node]:
        """List the calls of a global or of a member of one, by its path: `process.exit`, `setTimeout`.

        Constants that stand for it are followed, and members of `global` and `globalThis` are the same thing; a local
        name that hides the global is another.
        """
        root, _, rest = path.partition(".")
        found = []
        for call in calls(self.tree):
            target = self.value_of(callee(call))
            start = self.value_of(path_root(target))
            members = (member_path(target) or "").partition(".")[2]
            if (members == rest and self.names.is_global(start, root)) or (
                members == path and self.is_global_object(start)
            ):
                found.append(call)
        return found

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
        """Return whether the expression is Auth0's `global` (or `globalThis`)."""
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
        elif child.type == "pair_pattern" and (name := property_key(child.get("key"))) is not None:
            yield name, child
        elif child.type == "object_assignment_pattern" and child.children:
            yield child.children[0].text, child


def _split_module(text: str | None) -> tuple[str, str | None] | None:
    """Split `pg@8.16.3` into ("pg", "8.16.3"); `@scope/name` keeps its first at-sign."""
    if not text:
        return None
    at = text.rfind("@")
    return (text[:at], text[at + 1 :]) if at > 0 else (text, None)


def _plain(parameter: Node) -> Node | None:
    if parameter.type == "assignment_pattern":
        return parameter.get("left")
    return parameter if parameter.type == "identifier" else None


def _kind_of(function: Node | None) -> ScriptKind | None:
    name = function_name(function)
    return next((kind for kind in SCRIPT_KINDS.values() if name in {kind.function, kind.name}), None) if name else None


def _main_function(tree: SyntaxTree, kind: ScriptKind | None) -> Node | None:
    """Find the top-level function with the kind's name, else one with any kind's name, else the first."""
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
