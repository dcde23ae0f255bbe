"""Follows promise chains: where they are fulfilled, and where they are rejected with nobody to handle it."""

from dataclasses import replace

from deployer.linting.analyses.flow.calls import Calls
from deployer.linting.analyses.flow.paths import Paths, bounded
from deployer.linting.javascript import FUNCTIONS, Node, arguments, callee, method_name, unwrap
from deployer.linting.javascript.asynchrony import CHAIN


class Promises(Calls):
    """Adds promises."""

    def promise(self, node: Node, paths: Paths, *, used: bool) -> tuple[Paths, Paths]:
        """Split paths into those on which a promise is fulfilled and those on which its rejection goes unhandled."""
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
            after = (
                self._call(node, paths, used=True)
                if node.type == "call_expression"
                else self.evaluate_nested(node, paths)
            )
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
        """Run a promise's handler on paths: return where it returns, and where it throws."""
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
