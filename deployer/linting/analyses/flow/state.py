"""Holds what an abstract run knows besides its paths: carriers, what may be thrown, facts, calls that come second."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import replace

from deployer.linting.analyses.flow.carriers import Carriers
from deployer.linting.analyses.flow.conditions import truth_of
from deployer.linting.analyses.flow.paths import Facts, Outcome, Path, Paths, Texts
from deployer.linting.javascript import FUNCTIONS, Node, member_path, path_root, property_name, unwrap

_NAME = re.compile(r"[A-Za-z_$][\w$]*")
_LOOKS_ONLY = frozenset({"unary_expression", "binary_expression"})


class State(ABC):
    """The state of one run. What it leaves abstract, `Calls`, `Promises`, `Expressions`, `Branches` and `Interpreter`
    add one after the other."""

    def __init__(self, carriers: Carriers) -> None:
        self.carriers = carriers
        self.thrown: Paths = set()
        self.implicit = False
        """Whether somebody looks at what calls may throw (a `try`, a promise)."""
        self.promised = False
        """Whether what the function returns is awaited by its promise."""
        self.second_calls: dict[Node, Node] = {}
        """Second call -> the first one on that path."""
        self.texts = Texts()
        self._lasting_names: dict[int, bool] = {}
        self._throwing: dict[Node, bool] = {}

    @abstractmethod
    def outcome(self, function: Node, mode: str, facts: Facts = frozenset()) -> Outcome:
        """Return how a function can end."""

    @abstractmethod
    def evaluate_nested(self, node: Node, paths: Paths, *, used: bool = True) -> Paths:
        """Do `evaluate` or `statement_value`, counted against the depth that is followed."""

    @abstractmethod
    def evaluate(self, node: Node, paths: Paths) -> Paths:
        """Return the paths after an expression whose value something unknown uses."""

    @abstractmethod
    def statement_value(self, node: Node, paths: Paths) -> Paths:
        """Return the paths after an expression statement: nobody uses the value, nobody awaits the promise."""

    @abstractmethod
    def promise(self, node: Node, paths: Paths, *, used: bool) -> tuple[Paths, Paths]:
        """Split paths into those on which a promise is fulfilled and those on which its rejection goes unhandled."""

    @abstractmethod
    def branch(self, condition: Node, paths: Paths) -> tuple[Paths, Paths]:
        """Split paths into those on which a condition holds and those on which it does not."""

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

    def forget_pattern(self, pattern: Node | None, paths: Paths) -> Paths:
        """Forget what is known of names that get a new, unknown value."""
        return self._written(pattern, None, paths) if pattern is not None else paths

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
        """Return the names in the text of a fact."""
        return set(_NAME.findall(self.texts.text(key)))

    def is_lasting(self, key: int) -> bool:
        """Return whether a fact is about names that never get another value."""
        known = self._lasting_names.get(key)
        if known is None:
            changed = {binding.name for binding in self.carriers.names.bindings if binding.writes}
            known = self._lasting_names[key] = not changed & self.names_in(key)
        return known

    # What carries the callback

    def tests_callback(self, node: Node) -> bool:
        """Return whether a condition only asks whether there is a callback."""
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


def escaped(paths: Iterable[Path]) -> Paths:
    """Return the paths after the callback has gone where it cannot be followed."""
    return {replace(path, maybe=True) for path in paths}


def _mentions(key: str, names: set[str]) -> bool:
    return any(re.search(rf"(?<![\w$.]){re.escape(name)}(?![\w$])", key) for name in names)
