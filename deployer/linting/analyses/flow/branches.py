"""Splits sets of paths at conditions: into those on which they hold, and those on which they do not."""

from dataclasses import replace

from deployer.linting.analyses.flow.carriers import Carriers
from deployer.linting.analyses.flow.conditions import Flags, condition_key, truth_of
from deployer.linting.analyses.flow.expressions import Expressions
from deployer.linting.analyses.flow.paths import Path, Paths
from deployer.linting.javascript import Node, unwrap

MAX_DEPTH = 120
"""Statements and expressions that matter may be nested this deep; deeper scripts are left alone."""


class TooDeepError(Exception):
    """The script nests too deep to be followed."""


class Branches(Expressions):
    """Adds conditions, and counts how deep the run is."""

    def __init__(self, carriers: Carriers) -> None:
        super().__init__(carriers)
        self.flags = Flags(carriers)
        self._depth = 0

    def branch(self, condition: Node, paths: Paths) -> tuple[Paths, Paths]:
        """Split paths into those on which a condition holds and those on which it does not."""
        node, swapped = unwrap(condition), False
        while node is not None and node.type == "unary_expression" and node.operator == "!" and node.children:
            node, swapped = unwrap(node.children[-1]), not swapped
        if node is None:
            return paths, paths
        yes, no = self._plain_branch(node, paths)
        return (no, yes) if swapped else (yes, no)

    def _plain_branch(self, node: Node, paths: Paths) -> tuple[Paths, Paths]:
        if node.type == "binary_expression" and node.operator in {"&&", "||"}:
            left, right = node.get("left"), node.get("right")
            if left is not None and right is not None:
                return self._both(node.operator, left, right, paths)
        return self._atom(node, paths)

    def _both(self, operator: str, left: Node, right: Node, paths: Paths) -> tuple[Paths, Paths]:
        self._depth += 1
        try:
            if self._depth > MAX_DEPTH:
                raise TooDeepError
            yes, no = self.branch(left, paths)
            if operator == "&&":
                both, neither = self.branch(right, yes)
                return both, no | neither
            either, none = self.branch(right, no)
            return yes | either, none
        finally:
            self._depth -= 1

    def _atom(self, node: Node, paths: Paths) -> tuple[Paths, Paths]:
        constant = truth_of(node)
        if constant is None and self.tests_callback(node):
            constant = True
        paths = self.evaluate(node, paths)
        if constant is not None:
            return (paths, set()) if constant else (set(), paths)
        if self.flags.guards(node):
            unknown = {path for path in paths if self._known(node, path) is None}
            silent = {replace(path, quiet=True) for path in unknown}
            yes, no = self._split(node, paths - unknown)
            return yes | silent, no | silent
        return self._split(node, paths)

    def _key(self, node: Node) -> tuple[int, bool] | None:
        key = condition_key(node)
        return (self.texts.number(key[0]), key[1]) if key is not None else None

    def _known(self, node: Node, path: Path) -> bool | None:
        key = self._key(node)
        known = path.fact(key[0]) if key is not None else None
        return known if known is None or key is None else known == key[1]

    def _split(self, node: Node, paths: Paths) -> tuple[Paths, Paths]:
        key = self._key(node)
        if key is None:
            return set(paths), set(paths)
        yes: Paths = set()
        no: Paths = set()
        for path in paths:
            known = path.fact(key[0])
            if known is None or known == key[1]:
                yes.add(path.knowing(key[0], value=key[1]) if known is None else path)
            if known is None or known != key[1]:
                no.add(path.knowing(key[0], value=not key[1]) if known is None else path)
        return yes, no
