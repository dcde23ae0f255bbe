"""Tells for every expression of a script what of the user's input and password is in it.

Flow-insensitive, over constants, assignments, string operations and the script's own helper functions. What it does not
know (results of other people's functions) is clean: rules of severity error must not guess.
"""

import re
from collections.abc import Iterable

from deployer.linting.analyses.memo import once_per_script
from deployer.linting.identifiers import name_set
from deployer.linting.javascript import (
    FUNCTIONS,
    Binding,
    Node,
    Script,
    arguments,
    callee,
    callee_path,
    method_name,
    parameters,
    property_name,
    string_value,
    unwrap,
)
from deployer.linting.javascript.functions import call_sites, call_with, local_function, returned
from deployer.linting.javascript.objects import entries

Labels = frozenset[str]

DATA = "data"
"""What the user typed: an address, a name, an id."""
PASSWORD = "password"  # noqa: S105 - a label
"""The password in plain text."""
USER = "user"
"""The user object of `create`, which holds both."""
DIGEST = "digest"
"""The password through a fast hash without salt."""
SALTED = "salted"
"""The password with something else through a fast hash."""
DERIVED = "derived"
"""The password through bcrypt, scrypt, PBKDF2 or Argon2."""

_NONE: Labels = frozenset()
_HASHED: Labels = frozenset({DIGEST, SALTED, DERIVED})
_DEPTH = 60
_CLEANING = re.compile(r"escape|quote|sanit|encode|clean|literal|ident|slug|valid", re.IGNORECASE)
_DERIVING = re.compile(r"^(pbkdf2|scrypt|argon2)(Sync|Async)?$", re.IGNORECASE)
_FAST = re.compile(r"^(md5|sha-?1|sha-?256|sha-?512|sha-?224|sha-?384|md4)$", re.IGNORECASE)
_SAME = name_set(
    "trim trimStart trimEnd toLowerCase toUpperCase toLocaleLowerCase toLocaleUpperCase normalize toString "
    "valueOf split pop shift at reverse padStart padEnd repeat replaceAll replace filter sort"
)
_PARTS = frozenset({"slice", "substring", "substr", "charAt"})
_EACH = frozenset({"map", "flatMap", "forEach", "filter", "some", "every", "find"})
_PASSING = frozenset(
    {"String", "decodeURIComponent", "decodeURI", "unescape", "util.format", "Promise.resolve", "Object.values"}
)
_CHECKING = re.compile(r"^(is[A-Z]\w*|includes|has|isNaN)$")


class Taint:
    """The origins of the values in one script; every answer is computed once."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self._nodes: dict[Node, Labels] = {}
        self._bindings: dict[Binding, Labels] = {}
        self._sources: dict[Binding, Labels] = {}
        self._depth = 0
        kind = script.kind.name if script.kind else None
        names = script.kind.arguments if script.kind else ()
        listed = parameters(script.function) if script.function is not None else []
        for index in range(len(listed)):
            binding = script.parameter(index)
            if binding is None or binding is script.callback or binding is script.context:
                continue
            role = names[index] if index < len(names) else binding.name
            if kind is not None and index >= len(names):
                continue
            self._sources[binding] = _role(role)

    def of(self, node: Node | None) -> Labels:
        """Return the labels of an expression; empty where nothing of the user is in it, or nothing is known."""
        node = unwrap(node)
        if node is None or node.type in _PLAIN:
            return _NONE
        known = self._nodes.get(node)
        if known is not None:
            return known
        if self._depth > _DEPTH:
            return _NONE
        self._nodes[node] = _NONE  # a cycle adds nothing
        self._depth += 1
        try:
            labels = self._compute(node)
        finally:
            self._depth -= 1
        self._nodes[node] = labels
        return labels

    def is_data(self, node: Node | None) -> bool:
        """Return whether the expression has something that the user chose, as it was typed."""
        labels = self.of(node)
        return DATA in labels or PASSWORD in labels

    def _union(self, nodes: Iterable[Node | None]) -> Labels:
        found: set[str] = set()
        for node in nodes:
            found |= self.of(node)
        return frozenset(found)

    def _compute(self, node: Node) -> Labels:
        kind = node.type
        if kind in {"identifier", "shorthand_property_identifier"}:
            return self._name(node)
        if kind in {"member_expression", "subscript_expression"}:
            return self._member(node)
        if kind == "binary_expression":
            return self._binary(node)
        if kind == "template_string":
            return self._union(
                child.children[0] for child in node.children if child.type == "template_substitution" and child.children
            )
        if kind in {"call_expression", "new_expression"}:
            return self._new(node) if kind == "new_expression" else self._call(node)
        if kind == "ternary_expression":
            return self._union((node.get("consequence"), node.get("alternative")))
        if kind in {"await_expression", "spread_element", "sequence_expression"}:
            return self.of(node.children[-1]) if node.children else _NONE
        if kind in {"assignment_expression", "augmented_assignment_expression"}:
            return self.of(node.get("right"))
        if kind == "array":
            return self._union(node.children)
        if kind == "object":
            return self._union(child.get("value") if child.type == "pair" else child for child in node.children)
        return _NONE

    def _binary(self, node: Node) -> Labels:
        operator = node.operator
        if operator == "&&":
            return self.of(node.get("right"))
        if operator not in {"+", "||", "??"}:
            return _NONE
        return self._union(operands(node))

    def _name(self, node: Node) -> Labels:
        binding = self.script.names.resolve(node)
        return self._binding(binding) if binding is not None else _NONE

    def _binding(self, binding: Binding) -> Labels:
        known = self._bindings.get(binding)
        if known is not None:
            return known
        source = self._sources.get(binding)
        self._bindings[binding] = source or _NONE
        if source is None:
            known = self._parameter(binding) if binding.kind == "parameter" else self._declared(binding)
        elif binding.writes and not any(self.of(_written(write)) for write in binding.writes):
            known = _NONE  # `id = parseInt(id, 10)`: the name no longer is what came in.
        else:
            known = source
        if DATA in known and self._checked(binding):
            known -= {DATA}
        self._bindings[binding] = known
        return known

    def _declared(self, binding: Binding) -> Labels:
        labels = self.of(binding.value)
        if USER in labels and binding.part is not None:
            labels = _part_of_user(binding.part)
        return labels | self._union(_written(write) for write in binding.writes)

    def _parameter(self, binding: Binding) -> Labels:
        function = binding.scope
        index = next((i for i, each in enumerate(parameters(function)) if binding.node.inside(each)), None)
        if index is None:
            return _NONE
        sites = call_sites(self.script, function)
        if sites:
            return self._union(args[index] for args in map(arguments, sites) if index < len(args))
        call = call_with(function)
        if call is None:
            return _NONE
        name = method_name(call)
        if name in _EACH and index == 0:
            return self._receiver(call)
        if name == "then" and index == 0:
            return self._receiver(call) & _HASHED
        if index == 1 and name is not None and (_DERIVING.match(name) or name == "hash"):
            given = arguments(call)
            return frozenset({DERIVED}) if PASSWORD in self.of(given[0]) else _NONE
        return _NONE

    def _member(self, node: Node) -> Labels:
        name = property_name(node)
        if name == "length":
            return _NONE
        value = self.script.value_of(node.get("object"))
        if value is not None and value.type == "object" and name is not None:
            return self._union(found for key, found in entries(self.script, node.get("object")) if key == name)
        labels = self.of(node.get("object"))
        return _part_of_user(name) if USER in labels else labels

    def _new(self, node: Node) -> Labels:
        target, given = callee(node), arguments(node)
        if target is not None and target.type == "identifier" and target.text in {"URL", "String"} and given:
            return self.of(given[0])
        return _NONE

    def _call(self, call: Node) -> Labels:
        name, given = method_name(call), arguments(call)
        if name is None or (call_arguments := call.get("arguments")) is None or call_arguments.type != "arguments":
            return _NONE
        if name == "digest":
            return self._digest(call)
        if _FAST.match(name):
            return self._hashed(given)
        if _DERIVING.match(name) or name in {"hash", "hashSync"}:
            return frozenset({DERIVED}) if given and PASSWORD in self.of(given[0]) else _NONE
        if _CLEANING.search(name) and name != "unescape":
            return _NONE
        function = local_function(self.script, callee(call))
        if function is not None:
            return self._union(returned(function))
        if name in _SAME:
            return _NONE if _strips(name, given) else self._receiver(call) - {USER}
        if name in _PARTS:
            return self._receiver(call) & {DATA, PASSWORD}
        if name in {"concat", "join"}:
            return self._receiver(call) | self._union(given)
        if name in {"map", "flatMap"} and given:
            made = local_function(self.script, given[0])
            return self._union(returned(made)) if made is not None else _NONE
        path = callee_path(call)
        if path in _PASSING:
            return self._union(given)
        return self._union(given) & _HASHED if path == "Buffer.from" else _NONE

    def _receiver(self, call: Node) -> Labels:
        target = callee(call)
        return self.of(target.get("object")) if target is not None and target.type == "member_expression" else _NONE

    def _digest(self, call: Node) -> Labels:
        """Label `createHash(x).update(y).digest()`, in one chain or on a name."""
        updates: list[Node] = []
        node = unwrap((target := callee(call)) and target.get("object"))
        for _ in range(20):
            if node is None:
                break
            if node.type == "identifier":
                binding = self.script.names.resolve(node)
                if binding is None or binding.constant is None:
                    break
                updates.extend(_updates_of(binding))
                node = unwrap(binding.constant)
                continue
            if node.type != "call_expression":
                break
            name = method_name(node)
            if name in {"createHash", "createHmac"}:
                labels = self._hashed(updates)
                return labels if name == "createHash" or not labels else frozenset({SALTED})
            if name == "update":
                updates.extend(arguments(node)[:1])
            node = unwrap((target := callee(node)) and target.get("object"))
        return _NONE

    def _hashed(self, given: list[Node]) -> Labels:
        """Return the label of a fast hash over these arguments."""
        if not any(PASSWORD in self.of(each) for each in given):
            return _NONE
        pure = all(self._only_password(each) for each in given if string_value(each) is None)
        return frozenset({DIGEST if pure else SALTED})

    def _only_password(self, node: Node) -> bool:
        value = self.script.value_of(node)
        if value is None:
            return False
        if value.type == "binary_expression" and value.operator == "+":
            return all(
                string_value(self.script.value_of(each)) is not None or self._only_password(each)
                for each in operands(value)
            )
        if value.type == "template_string":
            return all(
                PASSWORD in self.of(child.children[0])
                for child in value.children
                if child.type == "template_substitution" and child.children
            )
        return PASSWORD in self.of(value)

    def _checked(self, binding: Binding) -> bool:
        """Return whether the script tests the whole value (an anchored pattern, an allowlist, `isInteger`)."""
        for use in binding.references:
            given = use.parent
            if given is None or given.type != "arguments" or given.parent is None:
                continue
            name = method_name(given.parent)
            if name == "test":
                target = callee(given.parent)
                pattern = self.script.value_of(target.get("object")) if target is not None else None
                if pattern is None or pattern.type != "regex" or _anchored(pattern):
                    return True
            elif name is not None and _CHECKING.match(name):
                return True
        return False


_PLAIN = frozenset({"string", "number", "true", "false", "null", "undefined", "regex", "this"}) | FUNCTIONS


def taint(script: Script) -> Taint:
    """Return the analysis of a script, made at the first call and kept as long as the script."""
    return once_per_script(script, Taint)


def operands(node: Node) -> list[Node]:
    """List what `a + b + c` is made of, left to right, without recursion; parentheses and nested `||` stay whole."""
    operator, found, stack = node.operator, [], [node]
    while stack:
        each = unwrap(stack.pop())
        if each is None:
            continue
        if each.type == "binary_expression" and each.operator == operator:
            stack.extend(side for side in (each.get("right"), each.get("left")) if side is not None)
        else:
            found.append(each)
    return found


def _role(name: str) -> Labels:
    if name in {"password", "newPassword"}:
        return frozenset({PASSWORD})
    if name == "user":
        return frozenset({USER})
    return _NONE if name == "verified" else frozenset({DATA})


def _part_of_user(name: str | None) -> Labels:
    if name == "password":
        return frozenset({PASSWORD})
    return _NONE if name in {"client_id", "tenant", "connection"} else frozenset({DATA})


def _written(write: Node) -> Node | None:
    """Return the expression that an assignment gives a name."""
    node = write.parent
    while node is not None and node.type not in {"assignment_expression", "augmented_assignment_expression"}:
        if node.type in FUNCTIONS or node.type.endswith("statement"):
            return None
        node = node.parent
    return node.get("right") if node is not None else None


def _updates_of(binding: Binding) -> list[Node]:
    """List the arguments of every `name.update(x)`."""
    found = []
    for use in binding.references:
        member = use.parent
        call = member.parent if member is not None and property_name(member) == "update" else None
        if call is not None and call.type == "call_expression":
            found.extend(arguments(call)[:1])
    return found


def _strips(name: str, given: list[Node]) -> bool:
    """Return whether `replace` takes out what an injection needs: everything but some characters, or the quotes."""
    if name not in {"replace", "replaceAll"} or not given:
        return False
    what = given[0]
    text = what.text if what.type == "regex" else (string_value(what) or "")
    return "[^" in text or "'" in text or "\\W" in text or "\\D" in text


def _anchored(pattern: Node) -> bool:
    body = pattern.get("pattern")
    text = body.text if body is not None else ""
    return text.startswith("^") and text.endswith("$")
