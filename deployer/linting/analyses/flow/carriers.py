"""Finds the names and functions that carry a script's callback: aliases, helpers that call it, parameters."""

from collections.abc import Iterator

from deployer.linting.javascript import (
    FUNCTIONS,
    Binding,
    Node,
    Script,
    arguments,
    callee,
    declared_functions,
    parameters,
    property_name,
    unwrap,
)

_CONTROL = ("return_statement", "throw_statement", "break_statement", "continue_statement")
_SAME_FUNCTION = frozenset({"bind", "call", "apply"})


class Carriers:
    """The carriers of one script.

    `bindings`: names that are the callback. `mixed`: parameters that sometimes are. `functions`: functions that call
    it, or hold a function that does. `named`: their names. `hot`: nodes that hold anything which matters to completion.
    """

    def __init__(self, script: Script) -> None:
        self.script = script
        self.names = script.names
        self.bindings: set[Binding] = set()
        self.mixed: set[Binding] = set()
        self.functions: set[Node] = set()
        self.named: dict[Binding, Node] = {}
        self.hot: set[Node] = set()
        self._local = {
            value: binding for binding in declared_functions(script.names) if (value := binding.value) is not None
        }
        if script.callback is not None:
            self._spread(script.callback)
            self._heat()

    def is_callback(self, node: Node | None) -> bool:
        """Return whether the expression is the callback: its name, an alias, or `callback.bind(...)`."""
        node = unwrap(node)
        if node is None:
            return False
        if node.type == "call_expression":
            target = callee(node)
            return property_name(target) == "bind" and self.is_callback(target.get("object") if target else None)
        return node.type == "identifier" and self.names.resolve(node) in self.bindings

    def function(self, node: Node | None) -> Node | None:
        """Return the carrying function that an expression is or names, else None."""
        node = unwrap(node)
        if node is None:
            return None
        if node.type in FUNCTIONS:
            return node if node in self.functions else None
        binding = self.names.resolve(node) if node.type == "identifier" else None
        return self.named.get(binding) if binding is not None else None

    def _spread(self, callback: Binding) -> None:
        waiting = [callback]
        while waiting:
            binding = waiting.pop()
            if binding in self.bindings or binding in self.named:
                continue
            function = binding.value if binding.value in self._local and binding is not callback else None
            if function is not None and function in self.functions:
                self.named[binding] = function
            else:
                self.bindings.add(binding)
            for use in binding.references:
                for around in _functions_around(use):
                    if around in self.functions:
                        break  # and so are all around it
                    self.functions.add(around)
                    if around in self._local:
                        waiting.append(self._local[around])
                waiting.extend(self._aliases(use, binding))

    def _aliases(self, use: Node, binding: Binding) -> Iterator[Binding]:
        if binding in self.named:
            return
        whole = use
        parent = use.parent
        if parent is not None and parent.type == "member_expression" and property_name(parent) in _SAME_FUNCTION:
            call = parent.parent
            if property_name(parent) != "bind" or call is None or call.type != "call_expression":
                return
            whole, parent = call, call.parent
        if parent is None:
            return
        if parent.type == "variable_declarator" and whole.field == "value":
            alias = self.names.resolve(parent.get("name"))
            if alias is not None and not alias.writes:
                yield alias
        elif parent.type == "arguments" and parent.parent is not None:
            yield from self._passed(whole, parent.parent)

    def _passed(self, value: Node, call: Node) -> Iterator[Binding]:
        """Yield the parameter in which a function of the script receives the callback."""
        target = callee(call)
        binding = self.names.resolve(target) if target is not None else None
        function = target if target is not None and target.type in FUNCTIONS else None
        if function is None and binding is not None:
            function = binding.constant
        if function is None or function.type not in FUNCTIONS:
            return
        at = arguments(call).index(value)
        listed = parameters(function)
        received = self.names.resolve(listed[at]) if at < len(listed) else None
        if received is None or received.writes:
            return
        for use in binding.references if binding is not None else ():
            other = use.parent
            if use.field == "function" and other is not None and other is not call:
                given = arguments(other)
                if at >= len(given) or not self.is_callback(given[at]):
                    self.mixed.add(received)
        yield received

    def _heat(self) -> None:
        for binding in (*self.bindings, *self.named):
            for use in binding.references:
                self._warm(use)
        for function in self.functions:
            self._warm(function)
        for node in self.script.tree.nodes(*_CONTROL):
            self._warm(node, within=True)
        for binding in self.names.bindings:
            for write in binding.writes:
                self._warm(write, within=True)
            if binding.writes:
                self._warm(binding.node, within=True)

    def _warm(self, node: Node, *, within: bool = False) -> None:
        current: Node | None = node
        while current is not None and current not in self.hot:
            if within and current.type in FUNCTIONS and current not in self.functions:
                return
            self.hot.add(current)
            current = current.parent


def _functions_around(node: Node) -> Iterator[Node]:
    function = node.function
    while function is not None:
        yield function
        function = function.function
