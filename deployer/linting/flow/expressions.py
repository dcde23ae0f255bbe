"""Expressions on sets of paths: calls of the callback, functions handed on, promise chains, and what is written.

Only what is `hot` (see `Carriers`) is looked into; all else changes nothing.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import replace

from deployer.linting.flow.carriers import Carriers
from deployer.linting.flow.conditions import truth_of
from deployer.linting.flow.delegation import Times, times_called
from deployer.linting.flow.paths import Facts, Outcome, Path, Paths, Texts, bounded
from deployer.linting.javascript import (
    arguments,
    callee,
    member_path,
    method_name,
    parameter_name,
    parameters,
    path_root,
    property_name,
    unwrap,
)
from deployer.linting.syntax import FUNCTIONS, Node

CHAIN = frozenset({"then", "catch", "finally"})
_NAME = re.compile(r"[A-Za-z_$][\w$]*")
_LOOKS_ONLY = frozenset({"unary_expression", "binary_expression"})


class Expressions(ABC):
    """Evaluates expressions; statements and functions are added by the interpreter."""

    def __init__(self, carriers: Carriers) -> None:
        self.carriers = carriers
        self.thrown: Paths = set()
        self.implicit = False
        """Does somebody look at what calls may throw (a `try`, a promise)?"""
        self.promised = False
        """Is what the function returns awaited by its promise?"""
        self.second_calls: dict[Node, Node] = {}
        """Second call -> the first one on that path."""
        self.texts = Texts()
        self._lasting_names: dict[int, bool] = {}
        self._throwing: dict[Node, bool] = {}

    @abstractmethod
    def outcome(self, function: Node, mode: str, facts: Facts = frozenset()) -> Outcome:
        """How a function can end."""

    @abstractmethod
    def deeper(self, node: Node, paths: Paths, *, used: bool = True) -> Paths:
        """`evaluate` or `statement_value`, counted against the depth that is followed."""

    # Values

    def evaluate(self, node: Node, paths: Paths) -> Paths:
        """The paths after an expression, its value used by something unknown."""
        if node not in self.carriers.hot:
            if self.implicit:
                self.may_throw_in(node, paths)
            return paths
        kind = node.type
        if kind in {"call_expression", "new_expression"}:
            return self._call(node, paths, used=True)
        if kind == "await_expression" and node.children:
            fulfilled, rejected = self.promise(node.children[0], paths, used=True)
            self.thrown |= rejected
            return fulfilled
        if kind == "binary_expression" and node.operator in {"&&", "||", "??"}:
            return self._short(node, paths)
        if kind == "ternary_expression":
            return self._ternary(node, paths)
        if kind in {"assignment_expression", "augmented_assignment_expression", "update_expression"}:
            return self._assign(node, paths)
        if kind in FUNCTIONS:
            return _escaped(paths) if node in self.carriers.functions else paths
        if kind == "identifier":
            return paths if self._is_only_looked_at(node) or not self._carries(node) else _escaped(paths)
        for child in node.children:
            paths = self.deeper(child, paths)
        return paths

    def statement_value(self, node: Node, paths: Paths) -> Paths:
        """The paths after an expression statement: nobody uses the value, nobody awaits the promise."""
        inner = unwrap(node)
        if inner is None or inner not in self.carriers.hot:
            return self.evaluate(node, paths)
        if inner.type == "call_expression" and self._is_promise(inner):
            fulfilled, rejected = self.promise(inner, paths, used=False)
            return fulfilled | _escaped(rejected)  # DB203 speaks of rejections that nobody handles
        if inner.type == "call_expression":
            return self._call(inner, paths, used=False)
        if inner.type == "binary_expression" and inner.operator in {"&&", "||"}:
            return self._short(inner, paths, used=False)
        if inner.type == "ternary_expression":
            return self._ternary(inner, paths, used=False)
        if inner.type == "unary_expression" and inner.operator == "void" and inner.children:
            return self.deeper(inner.children[-1], paths, used=False)
        return self.evaluate(inner, paths)

    def returned(self, node: Node, paths: Paths) -> Paths:
        """The paths after `return node`."""
        inner = unwrap(node)
        if inner is None:
            return paths
        if self._is_plain_carrier(inner):
            return _escaped(paths)
        if self.promised and inner.type == "call_expression":
            fulfilled, rejected = self.promise(inner, paths, used=False)
            self.thrown |= rejected
            return fulfilled
        return self.statement_value(inner, paths)

    def _short(self, node: Node, paths: Paths, *, used: bool = True) -> Paths:
        left, right = node.get("left"), node.get("right")
        if left is None or right is None:
            return paths
        if node.operator == "??":
            paths = self.deeper(left, paths)
            return paths | self._part(right, paths, used=used)
        yes, no = self.branch(left, paths)
        if node.operator == "&&":
            return no | self._part(right, yes, used=used)
        return yes | self._part(right, no, used=used)

    def _ternary(self, node: Node, paths: Paths, *, used: bool = True) -> Paths:
        condition, first, second = (node.get(name) for name in ("condition", "consequence", "alternative"))
        if condition is None or first is None or second is None:
            return paths
        yes, no = self.branch(condition, paths)
        return bounded(self._part(first, yes, used=used) | self._part(second, no, used=used))

    def _part(self, node: Node, paths: Paths, *, used: bool) -> Paths:
        if not paths:
            return paths
        return self.deeper(node, paths, used=used)

    def branch(self, condition: Node, paths: Paths) -> tuple[Paths, Paths]:
        """The paths on which a condition holds, and those on which it does not."""
        paths = self.evaluate(condition, paths)
        return paths, paths

    # Calls

    def _call(self, call: Node, paths: Paths, *, used: bool) -> Paths:
        if self.implicit:
            self._may_throw(paths)
        target = callee(call)
        if target is None:
            return paths
        if self._completes(target):
            for argument in arguments(call):
                paths = self.deeper(argument, paths)
            return self._complete(call, paths)
        if method_name(call) in CHAIN and target.type == "member_expression":
            fulfilled, rejected = self.promise(call, paths, used=used)
            return fulfilled | _escaped(rejected)
        function = self.carriers.function(target)
        if function is not None and call.type == "call_expression":
            paths = self._arguments(call, paths, handed=[], received=True)
            mode = "async" if function.is_async else "call"
            return self._after(function, self._run_all(function, mode, paths)[0], used=used)
        return self._hand_on(call, target, paths)

    def _hand_on(self, call: Node, target: Node, paths: Paths) -> Paths:
        """A call of something unknown, with or without the callback or functions that carry it."""
        if target.type in {"member_expression", "subscript_expression"}:
            inner = target.get("object")
            if inner is not None:
                paths = self.deeper(inner, paths)
        elif target.type not in FUNCTIONS:
            paths = self.deeper(target, paths)
        path = member_path(target) or ""
        if path.startswith("console."):
            return paths
        handed = [given for given in arguments(call) if self._is_carrier_value(given)]
        paths = self._arguments(call, paths, handed=handed, received=False)
        if not handed:
            return paths
        if call.type == "new_expression" and path == "Promise":
            function = self.carriers.function(handed[0])
            return self._run_all(function, "call", paths)[0] if function is not None else _escaped(paths)
        if method_name(call) == "forEach" and (each := self._called_directly(handed[0])) is not None:
            once = self._run_all(each, "call", paths)[0]
            return bounded(paths | once | self._run_all(each, "call", once)[0])
        times = times_called(call, handed)
        if times is Times.UNKNOWN or any(self._is_mixed(given) for given in handed):
            for given in handed:
                self._continue_with(given, {Path()}, Times.UNKNOWN)  # what is wrong inside is wrong however often
            return _escaped(paths)
        after: Paths = set()
        for given in handed:  # of several, `ajax(url, onSuccess, onError)`, one is called
            after |= self._continue_with(given, paths, times)
        if method_name(call) == "setTimeout":
            after = self._timed(handed[0], after)
        return bounded(after)

    def _called_directly(self, given: Node) -> Node | None:
        """The carrying function itself, where it calls the callback by itself and through no other function."""
        function = self.carriers.function(given)
        if function is None or function.is_async:
            return None
        inner = any(part in self.carriers.functions for part in function.walk_here() if part is not function)
        return None if inner else function

    def _timed(self, given: Node, paths: Paths) -> Paths:
        """After `setTimeout(() => callback(...))` a continuation that calls the callback calls it a second time."""
        function = self.carriers.function(given)
        if function is None:
            return paths
        ends = self.outcome(function, "continuation").ends
        firsts = [end.first for end in ends if end.calls and not (end.quiet or end.maybe)]
        if not firsts or len(firsts) != len(ends):
            return paths
        return {replace(path, timed=True, timer=firsts[0]) for path in paths}

    def _continue_with(self, given: Node, paths: Paths, times: Times) -> Paths:
        function = self.carriers.function(given)
        if function is None:
            return self._complete(given, paths) if times is Times.ONCE else _escaped(paths)
        ends, throws = self._run_all(function, "continuation", paths, counted=times is Times.ONCE)
        return ends | _escaped(throws)

    def _run_all(self, function: Node, mode: str, paths: Paths, *, counted: bool = True) -> tuple[Paths, Paths]:
        """The paths after a function has run on each path: those that it returns on and those that it throws on.

        `counted` False: its calls of the callback may be preceded by somebody else's, so they are only a `maybe`.
        """
        ends: Paths = set()
        throws: Paths = set()
        for path in paths:
            outcome = self.outcome(function, mode, path.facts)
            for found, paths_after in ((outcome.ends, ends), (outcome.throws, throws)):
                for end in found:
                    paths_after.add(self._joined(path, end, mode, counted=counted))
        return bounded(ends), bounded(throws)

    def _joined(self, path: Path, end: Path, mode: str, *, counted: bool) -> Path:
        if not counted and end.calls:
            return replace(path, maybe=True)
        silent = path.quiet or end.quiet
        if path.calls and end.calls and not silent and end.first is not None and path.first is not None:
            self.second_calls.setdefault(end.first, path.first)
        if path.timed and path.timer and end.first and mode in {"continuation", "handler"} and not silent:
            self.second_calls.setdefault(end.first, path.timer)
        keeps_end = mode in {"continuation", "handler"} and end.open
        return replace(
            path,
            calls=min(2, path.calls + end.calls),
            maybe=path.maybe or end.maybe,
            quiet=silent,
            first=path.first or end.first,
            end=end.end if keeps_end else path.end,
        )

    def _after(self, function: Node, paths: Paths, *, used: bool) -> Paths:
        """After a helper whose value tells whether it has called the callback, nobody can tell the paths apart."""
        if not used or function.is_async:
            return paths
        if any(not path.open for path in paths):
            return {replace(path, quiet=True) for path in paths}
        return paths

    def _arguments(self, call: Node, paths: Paths, *, handed: list[Node], received: bool) -> Paths:
        for given in arguments(call):
            if given in handed or (received and self._is_carrier_value(given)):
                continue
            paths = self.deeper(given, paths)
        return paths

    def _complete(self, call: Node, paths: Paths) -> Paths:
        after: Paths = set()
        for path in paths:
            if path.quiet or self._is_mixed(callee(call) if call.type == "call_expression" else call):
                after.add(replace(path, maybe=True))
                continue
            if path.calls and path.first is not None and call is not path.first:
                self.second_calls.setdefault(call, path.first)
            elif path.calls and path.first is not None:
                self.second_calls.setdefault(call, call)
            after.add(replace(path, calls=min(2, path.calls + 1), first=path.first or call))
        return after

    # Promises

    def promise(self, node: Node, paths: Paths, *, used: bool) -> tuple[Paths, Paths]:
        """The paths on which a promise is fulfilled, and those on which it is rejected with nobody to handle it."""
        inner = unwrap(node)
        links: list[Node] = []
        while inner is not None and inner.type == "call_expression" and method_name(inner) in CHAIN:
            target = callee(inner)
            if target is None or target.type != "member_expression":
                break
            links.append(inner)
            inner = unwrap(target.get("object"))
        if inner is None:
            return paths, set()
        fulfilled, rejected = self._base(inner, paths, used=used)
        for link in reversed(links):
            fulfilled, rejected = self._link(link, fulfilled, rejected)
        return bounded(fulfilled), bounded(rejected)

    def _base(self, node: Node, paths: Paths, *, used: bool) -> tuple[Paths, Paths]:
        if node.type == "call_expression":
            function = self.carriers.function(callee(node))
            if function is not None:
                paths = self._arguments(node, paths, handed=[], received=True)
                mode = "async" if function.is_async else "call"
                ends, throws = self._run_all(function, mode, paths)
                if function.is_async:
                    return self._mixed_value(ends, used=used), throws
                return self._after(function, ends, used=used), {path for path in ends if not path.calls}
        if node in self.carriers.hot:
            after = self._call(node, paths, used=True) if node.type == "call_expression" else self.deeper(node, paths)
        else:
            after = paths
        return after, {path for path in after if not path.calls}

    def _mixed_value(self, paths: Paths, *, used: bool) -> Paths:
        if used and len({path.open for path in paths}) > 1:
            return {replace(path, quiet=True) for path in paths}
        return paths

    def _link(self, link: Node, fulfilled: Paths, rejected: Paths) -> tuple[Paths, Paths]:
        given = arguments(link)
        name = method_name(link)
        first = given[0] if given else None
        second = given[1] if len(given) > 1 else None
        if name == "finally":
            after, thrown = self._handle(first, fulfilled)
            after_rejected, thrown_too = self._handle(first, rejected)
            return after, after_rejected | thrown | thrown_too
        if name == "catch":
            after, thrown = self._handle(first, rejected)
            return fulfilled | after, thrown
        after, thrown = self._handle(first, fulfilled)
        if second is None or second.type in {"null", "undefined"}:
            return after, thrown | rejected
        handled, thrown_too = self._handle(second, rejected)
        return after | handled, thrown | thrown_too

    def _handle(self, handler: Node | None, paths: Paths) -> tuple[Paths, Paths]:
        """A promise's handler on paths: where it returns, and where it throws."""
        if handler is None or not paths:
            return paths, set()
        function = self.carriers.function(handler)
        if function is not None:
            return self._run_all(function, "handler", paths)
        if self.carriers.is_callback(handler):
            return self._complete(handler, paths), set()
        open_paths = {path for path in paths if not path.calls}
        if handler.type in FUNCTIONS:
            return paths, open_paths if self._can_throw(handler) else set()
        return paths, open_paths

    def _is_promise(self, call: Node) -> bool:
        if method_name(call) in CHAIN:
            return True
        function = self.carriers.function(callee(call))
        return function is not None and function.is_async

    # Exceptions

    def may_throw_in(self, node: Node, paths: Paths) -> None:
        """Note that something in a node that does not matter otherwise may throw."""
        if self._can_throw(node):
            self._may_throw(paths)

    def _may_throw(self, paths: Paths) -> None:
        # What is thrown after the callback was called is not followed: almost nothing there can fail.
        self.thrown |= {path for path in paths if not path.calls}

    def _can_throw(self, node: Node) -> bool:
        known = self._throwing.get(node)
        if known is None:
            body = node.get("body") if node.type in FUNCTIONS else node
            known = self._throwing[node] = body is not None and any(
                part.type in {"call_expression", "new_expression", "await_expression", "throw_statement"}
                for part in body.walk_here()
            )
        return known

    # Writes

    def declare(self, declarator: Node, paths: Paths) -> Paths:
        """`const name = value`."""
        name, value = declarator.get("name"), unwrap(declarator.get("value"))
        if value is None or name is None:
            return self._written(name, None, paths) if name is not None else paths
        if value.type == "ternary_expression" and value in self.carriers.hot:
            return self._chosen(name, value, paths)
        binding = self.carriers.names.resolve(name)
        named = binding is not None and (binding in self.carriers.named or binding in self.carriers.bindings)
        if not (named and (value.type in FUNCTIONS or self.carriers.is_callback(value))):
            paths = self.evaluate(value, paths)
        return self._written(name, value, paths)

    def _chosen(self, name: Node, value: Node, paths: Paths) -> Paths:
        """`const name = condition ? a : b`: what the name is, is known on either branch."""
        condition, first, second = (value.get(part) for part in ("condition", "consequence", "alternative"))
        if condition is None or first is None or second is None:
            return paths
        yes, no = self.branch(condition, paths)
        chosen: Paths = set()
        for part, start in ((first, yes), (second, no)):
            chosen |= self._written(name, unwrap(part), self._part(part, start, used=True))
        return bounded(chosen)

    def forget_pattern(self, pattern: Node | None, paths: Paths) -> Paths:
        """Names that get a new, unknown value."""
        return self._written(pattern, None, paths) if pattern is not None else paths

    def _assign(self, node: Node, paths: Paths) -> Paths:
        target = node.get("left") or node.get("argument")
        value = unwrap(node.get("right"))
        if value is not None:
            paths = self.evaluate(value, paths)
        if target is None:
            return paths
        plain = node.type == "assignment_expression"
        return self._written(target, value if plain else None, paths)

    def _written(self, target: Node, value: Node | None, paths: Paths) -> Paths:
        written = member_path(target)
        names = {written} if written else {part.text for part in target.walk() if "identifier" in part.type}
        truth = truth_of(value)
        after: Paths = set()
        for path in paths:
            facts = frozenset(fact for fact in path.facts if not _mentions(self.texts.text(fact[0]), names))
            changed = replace(path, facts=facts) if facts != path.facts else path
            if written and truth is not None:
                changed = changed.knowing(self.texts.number(written), value=truth)
            after.add(changed)
        return after

    def names_in(self, key: int) -> set[str]:
        """The names in the text of a fact."""
        return set(_NAME.findall(self.texts.text(key)))

    def is_lasting(self, key: int) -> bool:
        """Is a fact about names that never get another value?"""
        known = self._lasting_names.get(key)
        if known is None:
            changed = {binding.name for binding in self.carriers.names.bindings if binding.writes}
            known = self._lasting_names[key] = not changed & self.names_in(key)
        return known

    # What carries the callback

    def tests_callback(self, node: Node) -> bool:
        """Does a condition only ask whether there is a callback?"""
        uses = [part for part in node.walk() if part.type == "identifier"]
        return (
            bool(uses)
            and all(self.carriers.is_callback(use) for use in uses)
            and node.type in {"identifier", *_LOOKS_ONLY}
        )

    def _completes(self, target: Node) -> bool:
        if self.carriers.is_callback(target):
            return True
        return property_name(target) in {"call", "apply"} and self.carriers.is_callback(target.get("object"))

    def _carries(self, node: Node) -> bool:
        return self.carriers.is_callback(node) or self.carriers.function(node) is not None

    def _is_plain_carrier(self, node: Node) -> bool:
        return node.type in {"identifier", *FUNCTIONS} and self._carries(node)

    def _is_carrier_value(self, node: Node) -> bool:
        inner = unwrap(node)
        return inner is not None and (self.carriers.is_callback(inner) or self.carriers.function(inner) is not None)

    def _is_mixed(self, node: Node | None) -> bool:
        root = path_root(node)
        binding = self.carriers.names.resolve(root) if root is not None else None
        return binding is not None and binding in self.carriers.mixed

    def _is_only_looked_at(self, node: Node) -> bool:
        parent = node.parent
        return parent is not None and (parent.type in _LOOKS_ONLY or node.field in {"condition", "name"})


def _escaped(paths: Iterable[Path]) -> Paths:
    return {replace(path, maybe=True) for path in paths}


def _mentions(key: str, names: set[str]) -> bool:
    return any(re.search(rf"(?<![\w$.]){re.escape(name)}(?![\w$])", key) for name in names)


def handler_parameter(handler: Node) -> str | None:
    """The name of a handler's first parameter."""
    listed = parameters(handler) if handler.type in FUNCTIONS else []
    return parameter_name(listed[0]) if listed else None
