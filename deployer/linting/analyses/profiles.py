"""Finds the profiles that a `login` or `get_user` script may hand to Auth0.

Follows literals, names, properties assigned later, spreads, helper functions that build a profile, helper functions
that call `callback` for the script, and `.then(...)` chains. What it cannot follow is `open`: nothing is said of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from deployer.linting.analyses.memo import once_per_script
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
    properties,
    unwrap,
)
from deployer.linting.javascript.functions import call_sites, call_with, local_function, returned, step_before
from deployer.linting.javascript.objects import assigned

PROFILE_KINDS = ("login", "get_user")
"""The scripts that give a profile."""

ID_FIELDS = ("user_id", "id")
"""Auth0 takes either: https://auth0.com/docs/best-practices/custom-db-connections-scripts"""

_EMPTY = frozenset({"null", "undefined", "true", "false", "string", "number"})
_DEPTH = 8
_MANY = 200
"""A name with more uses than that is not followed: no real profile has them, and a made-up one could cost minutes."""
_FOLLOWED = frozenset({"ternary_expression", "binary_expression", "call_expression", "await_expression", "identifier"})


@dataclass(slots=True)
class Profile:
    """One profile. `node` is the expression that is handed over; `whole` are objects of unknown content in it."""

    node: Node
    fields: dict[str, list[Node]] = field(default_factory=dict)
    whole: list[Node] = field(default_factory=list)
    open: bool = False
    """Whether it may hold more than `fields`."""

    @property
    def user_ids(self) -> list[Node]:
        """The expressions of the user's id."""
        return next((self.fields[name] for name in ID_FIELDS if name in self.fields), [])

    def add(self, key: str | None, value: Node) -> None:
        """Add a property; a key of None is computed, so anything may be there."""
        if key is None:
            self.open = True
        else:
            self.fields.setdefault(key, []).append(value)


def profiles(script: Script) -> list[Profile]:
    """Find every profile that the script may give, in the order of the source; calls with null or nothing give none."""
    return once_per_script(script, _profiles)


def _profiles(script: Script) -> list[Profile]:
    found: list[Profile] = []
    for node in _callback_values(script):
        for expression in _alternatives(script, node):
            profile = Profile(node)
            _fill(script, expression, profile, 0)
            found.append(profile)
    return found


def _callback_values(script: Script) -> Iterator[Node]:
    """Yield the second argument of every call of the callback, or of a helper that passes it on."""
    seen: set[Node] = set()
    work = [(call, 1) for call in script.callback_calls]
    while work:
        call, index = work.pop(0)
        given = arguments(call)
        if index >= len(given) or call in seen or any(each.type == "spread_element" for each in given[: index + 1]):
            continue
        seen.add(call)
        passed = _parameter_of_helper(script, given[index])
        if passed is None:
            yield given[index]
            continue
        helper, position = passed
        work.extend((site, position) for site in call_sites(script, helper))


def _parameter_of_helper(script: Script, node: Node) -> tuple[Node, int] | None:
    """Return the helper function whose parameter an expression is, and the parameter's position."""
    node_or_none = unwrap(node)
    binding = script.names.resolve(node_or_none)
    if binding is None or binding.kind != "parameter" or binding.writes:
        return None
    helper = binding.scope
    if helper is script.function or not call_sites(script, helper):
        return None
    index = next((i for i, each in enumerate(parameters(helper)) if each is binding.node), None)
    return (helper, index) if index is not None else None


def _alternatives(script: Script, node: Node | None, depth: int = 0) -> list[Node]:
    """List the expressions that one may be: both sides of a choice, all values of a name, what a helper returns."""
    node = unwrap(node)
    if node is None or depth > _DEPTH or node.type in _EMPTY:
        return []
    kind = node.type
    if kind == "ternary_expression":
        both = (node.get("consequence"), node.get("alternative"))
        return [each for side in both for each in _alternatives(script, side, depth + 1)]
    if kind == "binary_expression":
        sides = (node.get("left"), node.get("right")) if node.operator in {"||", "??"} else (node.get("right"),)
        return [each for side in sides for each in _alternatives(script, side, depth + 1)]
    if kind == "await_expression":
        return _alternatives(script, node.children[0] if node.children else None, depth + 1)
    if kind == "call_expression":
        made = local_function(script, node.get("function"))
        return _of_function(script, made, depth) if made is not None else [node]
    if kind == "identifier":
        return _of_name(script, node, depth)
    return [node]


def _of_function(script: Script, function: Node, depth: int) -> list[Node]:
    found = [each for value in returned(function) for each in _alternatives(script, value, depth + 1)]
    return found or [function]


def _of_name(script: Script, node: Node, depth: int) -> list[Node]:
    binding = script.names.resolve(node)
    if binding is None:
        return [] if node.text in {"undefined", "NaN"} else [node]
    if binding.kind == "parameter":
        return _values_of_previous_step(script, binding.scope, binding.node, depth) or [node]
    # A name stays itself where something was assigned to its properties, and where its content is not known.
    values = _values(binding)
    if values is None or any(True for _ in assigned(binding)):
        return [node]
    found: list[Node] = []
    for value in values:
        if value.type in _FOLLOWED:
            found.extend(each if _is_known(each) else node for each in _alternatives(script, value, depth + 1))
        else:
            found.append(node)
    return list(dict.fromkeys(found))


def _is_known(node: Node) -> bool:
    """Return whether anything can be told of an expression behind a name; if not, the name stands for it."""
    return node.type in {"object", "identifier"} or callee_path(node) == "Object.assign"


def _values(binding: Binding) -> list[Node] | None:
    """List the expressions that a name is given, plain empty ones left out; None where they are not all known."""
    if binding.part is not None or binding.kind in {"parameter", "catch"} or len(binding.references) > _MANY:
        return None
    given = [binding.value]
    for write in binding.writes:
        if write.parent is None or write.parent.type != "assignment_expression" or write.field != "left":
            return None
        given.append(write.parent.get("right"))
    return [value for each in given if (value := unwrap(each)) is not None and value.type not in _EMPTY]


def _values_of_previous_step(script: Script, function: Node, parameter: Node, depth: int) -> list[Node]:
    """List what the step before returns, for the parameter of a `.then` callback."""
    call = call_with(function)
    if call is None or method_name(call) != "then" or parameters(function)[:1] != [parameter]:
        return []
    before = step_before(call)
    if before is None or method_name(before) != "then" or not arguments(before):
        return []
    made = local_function(script, arguments(before)[0])
    return _of_function(script, made, depth + 1) if made is not None else []


def _fill(script: Script, node: Node | None, profile: Profile, depth: int) -> None:
    node = unwrap(node)
    if node is None or depth > _DEPTH:
        profile.open = True
        return
    if node.type == "object":
        _fill_literal(script, node, profile, depth)
        return
    if node.type in {"identifier", "shorthand_property_identifier"}:
        _fill_name(script, node, profile, depth)
        return
    if node.type == "call_expression":
        if callee_path(node) == "Object.assign":
            for each in arguments(node):
                _fill(script, each, profile, depth + 1)
            return
    elif node.type in FUNCTIONS:
        profile.open = True
        return
    profile.open = True
    profile.whole.append(node)


def _fill_name(script: Script, node: Node, profile: Profile, depth: int) -> None:
    binding = script.names.resolve(node)
    values = _values(binding) if binding is not None else None
    if binding is None or values is None:
        profile.open = True
        profile.whole.append(node)
    for value in values or ():
        if value.type == "object":
            _fill_literal(script, value, profile, depth)
        elif value.type in _FOLLOWED and value.type != "identifier":
            for each in _alternatives(script, value):
                if _is_known(each):
                    _fill(script, each, profile, depth + 1)
                else:
                    profile.whole.append(node)
                    profile.open = True
        else:
            profile.open = True
            profile.whole.append(node)
    if binding is not None and len(binding.references) <= _MANY:
        for key, value in assigned(binding):
            profile.add(key, value)
        profile.open = profile.open or _changed_elsewhere(script, binding)


def _changed_elsewhere(script: Script, binding: Binding) -> bool:
    """Return whether the object is handed to a function that may add to it."""
    for use in binding.references:
        given = use.parent
        if given is None or given.type != "arguments" or given.parent is None:
            continue
        call = given.parent
        if script.is_callback(callee(call)) or (callee_path(call) or "").startswith(
            ("console.", "JSON.", "Object.keys")
        ):
            continue
        helper = local_function(script, callee(call))
        if helper is None:
            return True
        position = given.children.index(use)
        listed = parameters(helper)
        passed = script.names.resolve(listed[position]) if position < len(listed) else None
        if passed is None or any(True for _ in assigned(passed)):
            return True
    return False


def _fill_literal(script: Script, literal: Node, profile: Profile, depth: int) -> None:
    for key, value in properties(literal):
        if key is not None or value.type != "spread_element":
            profile.add(key, value)
            continue
        spread = unwrap(value.children[0]) if value.children else None
        if spread is not None and spread.type in {
            "binary_expression",
            "ternary_expression",
            "call_expression",
            "identifier",
        }:
            listed = _alternatives(script, spread)
            for each in listed:
                _fill(script, each, profile, depth + 1)
            continue
        _fill(script, spread, profile, depth + 1)
