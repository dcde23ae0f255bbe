"""Follows expressions on sets of paths: their values, and what they write.

Only what is `hot` (see `Carriers`) is looked into; all else changes nothing.
"""

from deployer.linting.analyses.flow.paths import Paths, bounded
from deployer.linting.analyses.flow.promises import Promises
from deployer.linting.analyses.flow.state import escaped
from deployer.linting.javascript import FUNCTIONS, Node, unwrap


class Expressions(Promises):
    """Adds all other expressions."""

    def evaluate(self, node: Node, paths: Paths) -> Paths:
        """Return the paths after an expression whose value something unknown uses."""
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
            return escaped(paths) if node in self.carriers.functions else paths
        if kind == "identifier":
            return paths if self._is_only_looked_at(node) or not self._carries(node) else escaped(paths)
        for child in node.children:
            paths = self.evaluate_nested(child, paths)
        return paths

    def statement_value(self, node: Node, paths: Paths) -> Paths:
        """Return the paths after an expression statement: nobody uses the value, nobody awaits the promise."""
        inner = unwrap(node)
        if inner is None or inner not in self.carriers.hot:
            return self.evaluate(node, paths)
        if inner.type == "call_expression" and self._is_promise(inner):
            fulfilled, rejected = self.promise(inner, paths, used=False)
            return fulfilled | escaped(rejected)  # DB203 speaks of rejections that nobody handles
        if inner.type == "call_expression":
            return self._call(inner, paths, used=False)
        if inner.type == "binary_expression" and inner.operator in {"&&", "||"}:
            return self._short(inner, paths, used=False)
        if inner.type == "ternary_expression":
            return self._ternary(inner, paths, used=False)
        if inner.type == "unary_expression" and inner.operator == "void" and inner.children:
            return self.evaluate_nested(inner.children[-1], paths, used=False)
        return self.evaluate(inner, paths)

    def returned(self, node: Node, paths: Paths) -> Paths:
        """Return the paths after `return node`."""
        inner = unwrap(node)
        if inner is None:
            return paths
        if self._is_plain_carrier(inner):
            return escaped(paths)
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
            paths = self.evaluate_nested(left, paths)
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
        return self.evaluate_nested(node, paths, used=used)

    def declare(self, declarator: Node, paths: Paths) -> Paths:
        """Return the paths after `const name = value`."""
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
        """Follow `const name = condition ? a : b`: what the name is, is known on either branch."""
        condition, first, second = (value.get(part) for part in ("condition", "consequence", "alternative"))
        if condition is None or first is None or second is None:
            return paths
        yes, no = self.branch(condition, paths)
        chosen: Paths = set()
        for part, start in ((first, yes), (second, no)):
            chosen |= self._written(name, unwrap(part), self._part(part, start, used=True))
        return bounded(chosen)

    def _assign(self, node: Node, paths: Paths) -> Paths:
        target = node.get("left") or node.get("argument")
        value = unwrap(node.get("right"))
        if value is not None:
            paths = self.evaluate(value, paths)
        if target is None:
            return paths
        plain = node.type == "assignment_expression"
        return self._written(target, value if plain else None, paths)
