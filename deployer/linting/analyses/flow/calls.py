"""Follows calls on sets of paths: of the callback, of functions that carry it, of something unknown given either."""

from dataclasses import replace

from deployer.linting.analyses.flow.delegation import Times, times_called
from deployer.linting.analyses.flow.paths import Path, Paths, bounded
from deployer.linting.analyses.flow.state import State, escaped
from deployer.linting.javascript import FUNCTIONS, Node, arguments, callee, member_path, method_name
from deployer.linting.javascript.asynchrony import CHAIN


class Calls(State):
    """Adds calls."""

    def _call(self, call: Node, paths: Paths, *, used: bool) -> Paths:
        if self.implicit:
            self._may_throw(paths)
        target = callee(call)
        if target is None:
            return paths
        if self._completes(target):
            for argument in arguments(call):
                paths = self.evaluate_nested(argument, paths)
            return self._complete(call, paths)
        if method_name(call) in CHAIN and target.type == "member_expression":
            fulfilled, rejected = self.promise(call, paths, used=used)
            return fulfilled | escaped(rejected)
        function = self.carriers.function(target)
        if function is not None and call.type == "call_expression":
            paths = self._arguments(call, paths, handed=[], received=True)
            mode = "async" if function.is_async else "call"
            return self._after(function, self._run_all(function, mode, paths)[0], used=used)
        return self._hand_on(call, target, paths)

    def _hand_on(self, call: Node, target: Node, paths: Paths) -> Paths:
        """Follow a call of something unknown, with or without the callback or functions that carry it."""
        if target.type in {"member_expression", "subscript_expression"}:
            inner = target.get("object")
            if inner is not None:
                paths = self.evaluate_nested(inner, paths)
        elif target.type not in FUNCTIONS:
            paths = self.evaluate_nested(target, paths)
        path = member_path(target) or ""
        if path.startswith("console."):
            return paths
        handed = [given for given in arguments(call) if self._is_carrier_value(given)]
        paths = self._arguments(call, paths, handed=handed, received=False)
        if not handed:
            return paths
        if call.type == "new_expression" and path == "Promise":
            function = self.carriers.function(handed[0])
            return self._run_all(function, "call", paths)[0] if function is not None else escaped(paths)
        if method_name(call) == "forEach" and (each := self._called_directly(handed[0])) is not None:
            once = self._run_all(each, "call", paths)[0]
            return bounded(paths | once | self._run_all(each, "call", once)[0])
        times = times_called(call, handed)
        if times is Times.UNKNOWN or any(self._is_mixed(given) for given in handed):
            for given in handed:
                self._continue_with(given, {Path()}, Times.UNKNOWN)  # what is wrong inside is wrong however often
            return escaped(paths)
        after: Paths = set()
        for given in handed:  # of several, `ajax(url, onSuccess, onError)`, one is called
            after |= self._continue_with(given, paths, times)
        if method_name(call) == "setTimeout":
            after = self._timed(handed[0], after)
        return bounded(after)

    def _called_directly(self, given: Node) -> Node | None:
        """Return the carrying function itself, if it calls the callback directly and through no other function."""
        function = self.carriers.function(given)
        if function is None or function.is_async:
            return None
        inner = any(part in self.carriers.functions for part in function.walk_here() if part is not function)
        return None if inner else function

    def _timed(self, given: Node, paths: Paths) -> Paths:
        """Count a continuation's own call of the callback as a second one after `setTimeout(() => callback(...))`."""
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
            return self._complete(given, paths) if times is Times.ONCE else escaped(paths)
        ends, throws = self._run_all(function, "continuation", paths, counted=times is Times.ONCE)
        return ends | escaped(throws)

    def _run_all(self, function: Node, mode: str, paths: Paths, *, counted: bool = True) -> tuple[Paths, Paths]:
        """Run a function on each path, and return the paths that it returns on and those that it throws on.

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
        """Make paths uncertain after a helper whose value tells whether it has called the callback."""
        if not used or function.is_async:
            return paths
        if any(not path.open for path in paths):
            return {replace(path, quiet=True) for path in paths}
        return paths

    def _arguments(self, call: Node, paths: Paths, *, handed: list[Node], received: bool) -> Paths:
        for given in arguments(call):
            if given in handed or (received and self._is_carrier_value(given)):
                continue
            paths = self.evaluate_nested(given, paths)
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
