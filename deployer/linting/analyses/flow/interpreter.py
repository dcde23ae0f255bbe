"""Follows a script along all its paths: statements are run on sets of paths, and functions once for each state.

A function that is handed on (`query(sql, (err, rows) => ...)`) is run where it is handed on, as if it were called
there: what it does to the callback is what that path does. What cannot be followed makes a path `maybe` or `quiet`.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from deployer.linting.analyses.flow.branches import MAX_DEPTH, Branches, TooDeepError
from deployer.linting.analyses.flow.carriers import Carriers
from deployer.linting.analyses.flow.conditions import roots, truth_of
from deployer.linting.analyses.flow.paths import Facts, Flow, Outcome, Path, Paths, bounded
from deployer.linting.javascript import Node, parameters, unwrap

_FUNCTION_DEPTH = 4
"""What a function adds to the depth."""


class Interpreter(Branches):
    """Runs functions of one script."""

    def __init__(self, carriers: Carriers) -> None:
        super().__init__(carriers)
        self._outcomes: dict[tuple[Node, str, Facts], Outcome] = {}
        self._running: list[Node] = []

    def outcome(self, function: Node, mode: str, facts: Facts = frozenset()) -> Outcome:
        """Return how a function can end. `mode`: `call`, `async`, `handler` (of a promise) or `continuation`."""
        if "async" in function.marks:
            mode = "async"
        if "*" in function.marks or function in self._running:
            return Outcome(frozenset({Path(maybe=True, quiet=True)}), frozenset())
        facts = self._lasting(function, facts)
        key = (function, mode, facts)
        known = self._outcomes.get(key)
        if known is None:
            known = self._outcomes[key] = self._run(function, mode, facts)
        return known

    def _run(self, function: Node, mode: str, facts: Facts) -> Outcome:
        body = function.get("body")
        if body is None:
            return Outcome(frozenset({Path(maybe=True)}), frozenset())
        saved = (self.thrown, self.implicit, self.promised)
        self.thrown, self.implicit, self.promised = set(), mode in {"async", "handler"}, mode in {"async", "handler"}
        self._running.append(function)
        self._depth += _FUNCTION_DEPTH
        try:
            if self._depth > MAX_DEPTH:
                raise TooDeepError
            start: Paths = {Path(facts=facts)}
            if body.type == "statement_block":
                flow = self._block(body.children, start)
            else:
                flow = Flow(returns=self.returned(body, start))
            ends = {replace(path, end=path.end or function) if path.open else path for path in flow.normal}
            ends |= flow.returns
            return Outcome(frozenset(_without_facts(ends)), frozenset(_without_facts(self.thrown)))
        finally:
            self._running.pop()
            self._depth -= _FUNCTION_DEPTH
            self.thrown, self.implicit, self.promised = saved

    def _lasting(self, function: Node, facts: Facts) -> Facts:
        """Return the facts that still hold inside another function: about names that nothing changes or hides."""
        if not facts:
            return facts
        hidden = {part.text for parameter in parameters(function) for part in roots(parameter)}
        return frozenset(fact for fact in facts if self.is_lasting(fact[0]) and not hidden & self.names_in(fact[0]))

    def evaluate_nested(self, node: Node, paths: Paths, *, used: bool = True) -> Paths:
        """Do `evaluate` or `statement_value`, counted against the depth that is followed."""
        self._depth += 1
        try:
            if self._depth > MAX_DEPTH:
                raise TooDeepError
            return self.evaluate(node, paths) if used else self.statement_value(node, paths)
        finally:
            self._depth -= 1

    # Statements

    def _block(self, statements: Iterable[Node], paths: Paths) -> Flow:
        flow = Flow(normal=paths)
        for statement in statements:
            if not flow.normal:
                break
            if statement.type in {"function_declaration", "generator_function_declaration"}:
                continue
            if statement not in self.carriers.hot:
                if self.implicit:
                    self.may_throw_in(statement, flow.normal)
                continue
            after = self.execute(statement, bounded(flow.normal))
            flow.take(after)
            flow.normal = after.normal
        return flow

    def execute(self, statement: Node, paths: Paths) -> Flow:
        """Run one statement on each path."""
        self._depth += 1
        try:
            if self._depth > MAX_DEPTH:
                raise TooDeepError
            run = _STATEMENTS.get(statement.type)
            if run is not None:
                return run(self, statement, paths)
            return Flow(normal=self._children(statement, paths))
        finally:
            self._depth -= 1

    def _children(self, statement: Node, paths: Paths) -> Paths:
        for child in statement.children:
            paths = self.statement_value(child, paths)
        return paths

    def _nested(self, statement: Node, paths: Paths) -> Flow:
        return self._block(statement.children, paths)

    def _return(self, statement: Node, paths: Paths) -> Flow:
        value = statement.children[0] if statement.children else None
        if value is not None:
            paths = self.returned(value, paths)
        return Flow(returns={replace(path, end=path.end or statement) if path.open else path for path in paths})

    def _throw(self, statement: Node, paths: Paths) -> Flow:
        for child in statement.children:
            paths = self.evaluate(child, paths)
        self.thrown |= paths
        return Flow()

    def _if(self, statement: Node, paths: Paths) -> Flow:
        condition = statement.get("condition")
        yes, no = self.branch(condition, paths) if condition is not None else (paths, paths)
        flow = Flow()
        for branch, start in ((statement.get("consequence"), yes), (statement.get("alternative"), no)):
            after = self._block([branch], start) if branch is not None else Flow(normal=start)
            flow.take(after)
            flow.normal |= after.normal
        return flow

    def _switch(self, statement: Node, paths: Paths) -> Flow:
        value, body = statement.get("value"), statement.get("body")
        if value is not None:
            paths = self.evaluate(value, paths)
        flow = Flow()
        falling: Paths = set()
        has_default = False
        for case in body.children if body is not None else ():
            has_default = has_default or case.type == "switch_default"
            statements = [child for child in case.children if child.field != "value"]
            after = self._block(statements, paths | falling)
            flow.take(after)
            falling = after.normal
        flow.normal = falling | flow.breaks.pop("", set())
        if not has_default:
            flow.normal |= paths
        return flow

    def _loop(self, statement: Node, paths: Paths) -> Flow:
        flow = Flow()
        for field in ("initializer", "right"):
            part = statement.get(field)
            if part is not None:
                paths = self._block([part], paths).normal if field == "initializer" else self.evaluate(part, paths)
        if statement.type == "for_in_statement":
            paths = self.forget_pattern(statement.get("left"), paths)
        condition, body = statement.get("condition"), statement.get("body")
        if statement.type == "for_in_statement":
            condition = None
        at_least_once = statement.type == "do_statement"
        endless = statement.type != "for_in_statement" and truth_of(_plain(condition)) is True
        endless = endless or (statement.type == "for_statement" and _plain(condition) is None)
        left: Paths = set() if endless or at_least_once else self._leaving(condition, paths)
        start = paths if at_least_once else self._entering(condition, paths)
        for _ in range(2):  # a second round is enough to meet a second call
            after = self._block([body] if body is not None else [], start)
            breaks, continues = after.breaks.pop("", set()), after.continues.pop("", set())
            for label in _labels(statement):
                continues |= after.continues.pop(label, set())
            flow.take(after)
            left |= breaks
            around = bounded(after.normal | continues)
            increment = statement.get("increment")
            if increment is not None:
                around = self.evaluate(increment, around)
            if not endless:
                left |= self._forget_counter_tests(statement, self._leaving(condition, around))
            start = self._entering(condition, around)
        flow.normal = bounded(left)
        return flow

    def _leaving(self, condition: Node | None, paths: Paths) -> Paths:
        plain = _plain(condition)
        return self.branch(plain, paths)[1] if plain is not None else paths

    def _entering(self, condition: Node | None, paths: Paths) -> Paths:
        plain = _plain(condition)
        return self.branch(plain, paths)[0] if plain is not None else paths

    def _forget_counter_tests(self, statement: Node, paths: Paths) -> Paths:
        """Make paths uncertain after a counted loop whose body tests the counter (`if (attempt === 3) ...`)."""
        initializer, body = statement.get("initializer"), statement.get("body")
        if initializer is None or body is None:
            return paths
        for binding in self.carriers.names.bindings:
            if not initializer.start <= binding.node.start < initializer.end:
                continue
            for use in binding.references:
                tested = body.start <= use.start < body.end and any(
                    around.type == "if_statement" for around in use.ancestors() if around.start > body.start
                )
                if tested:
                    return {replace(path, quiet=True) for path in paths}
        return paths

    def _try(self, statement: Node, paths: Paths) -> Flow:
        body, handler, finalizer = (statement.get(name) for name in ("body", "handler", "finalizer"))
        outer = (self.thrown, self.implicit)
        self.thrown, self.implicit = set(), True
        flow = self._block(body.children, paths) if body is not None else Flow(normal=paths)
        caught = self.thrown
        self.thrown, self.implicit = set(), outer[1] or finalizer is not None
        if handler is not None:
            block = handler.get("body")
            caught = self.forget_pattern(handler.get("parameter"), bounded(caught))
            after = self._block(block.children, caught) if block is not None and caught else Flow()
            flow.take(after)
            flow.normal |= after.normal
            caught = self.thrown
        self.thrown, self.implicit = outer
        if finalizer is not None:
            flow, caught = self._finally(finalizer, flow, caught)
        self.thrown |= caught
        return flow

    def _finally(self, finalizer: Node, flow: Flow, thrown: Paths) -> tuple[Flow, Paths]:
        block = next((child for child in finalizer.children if child.type == "statement_block"), None)
        statements = block.children if block is not None else []
        done = Flow()

        def through(paths: Paths) -> Paths:
            after = self._block(statements, paths) if paths else Flow()
            done.take(after)
            return after.normal

        done.normal = through(flow.normal)
        done.returns |= through(flow.returns)
        for mine, theirs in ((done.breaks, flow.breaks), (done.continues, flow.continues)):
            for label, paths in theirs.items():
                mine.setdefault(label, set()).update(through(paths))
        return done, through(thrown)

    def _labeled(self, statement: Node, paths: Paths) -> Flow:
        body = statement.get("body")
        flow = self._block([body], paths) if body is not None else Flow(normal=paths)
        label = statement.get("label")
        flow.normal |= flow.breaks.pop(label.text if label is not None else "", set())
        return flow

    def _break(self, statement: Node, paths: Paths) -> Flow:
        label = statement.get("label")
        return Flow(breaks={label.text if label is not None else "": set(paths)})

    def _continue(self, statement: Node, paths: Paths) -> Flow:
        label = statement.get("label")
        return Flow(continues={label.text if label is not None else "": set(paths)})

    def _declaration(self, statement: Node, paths: Paths) -> Flow:
        for declarator in statement.children:
            if declarator.type == "variable_declarator":
                paths = self.declare(declarator, paths)
        return Flow(normal=paths)


def _without_facts(paths: Iterable[Path]) -> Iterable[Path]:
    """Drop the facts, and of paths that are then equal keep the one that comes first in the source."""
    found = [replace(path, facts=frozenset()) for path in paths]
    found.sort(key=lambda path: (path.first.start if path.first else 0, path.end.start if path.end else 0))
    return dict.fromkeys(found)


def _plain(condition: Node | None) -> Node | None:
    node = unwrap(condition)
    if node is not None and node.type == "expression_statement" and node.children:
        node = unwrap(node.children[0])
    return None if node is None or node.type == "empty_statement" else node


def _labels(statement: Node) -> list[str]:
    parent = statement.parent
    label = parent.get("label") if parent is not None and parent.type == "labeled_statement" else None
    return [label.text] if label is not None else []


_STATEMENTS: dict[str, Callable[[Interpreter, Node, Paths], Flow]] = {
    "statement_block": Interpreter._nested,  # noqa: SLF001 - the table belongs to the class
    "else_clause": Interpreter._nested,  # noqa: SLF001
    "return_statement": Interpreter._return,  # noqa: SLF001
    "throw_statement": Interpreter._throw,  # noqa: SLF001
    "if_statement": Interpreter._if,  # noqa: SLF001
    "switch_statement": Interpreter._switch,  # noqa: SLF001
    "for_statement": Interpreter._loop,  # noqa: SLF001
    "for_in_statement": Interpreter._loop,  # noqa: SLF001
    "while_statement": Interpreter._loop,  # noqa: SLF001
    "do_statement": Interpreter._loop,  # noqa: SLF001
    "try_statement": Interpreter._try,  # noqa: SLF001
    "labeled_statement": Interpreter._labeled,  # noqa: SLF001
    "break_statement": Interpreter._break,  # noqa: SLF001
    "continue_statement": Interpreter._continue,  # noqa: SLF001
    "lexical_declaration": Interpreter._declaration,  # noqa: SLF001
    "variable_declaration": Interpreter._declaration,  # noqa: SLF001
}
