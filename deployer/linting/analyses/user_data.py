"""Tells which values come from the user, generously: what other people's functions return for user input counts too."""

from deployer.linting.analyses.external_calls import deep_entries
from deployer.linting.analyses.memo import once_per_script
from deployer.linting.analyses.taint import DATA, PASSWORD, USER, Labels, Taint
from deployer.linting.javascript import FUNCTIONS, Binding, Node, Script, arguments, callee, parameters
from deployer.linting.javascript.functions import call_with

_USERS = frozenset({DATA, PASSWORD, USER})
_NONE: Labels = frozenset()
_ERRORS = frozenset({"err", "error", "e", "err2", "ex", "_", "_err"})


class UserData(Taint):
    """Which values come from the user: typed by them, or answers about them."""

    def _call(self, call: Node) -> Labels:
        return super()._call(call) or self._about_user(call)

    def _parameter(self, binding: Binding) -> Labels:
        known = super()._parameter(binding)
        function = binding.scope
        call = call_with(function)
        if known or call is None or binding.name in _ERRORS:
            return known
        listed = parameters(function)
        if listed and binding.node.inside(listed[0]) and len(listed) > 1 and binding.part is None:
            return _NONE  # the error of a Node callback
        return self._about_user(call)

    def _checked(self, _binding: Binding) -> bool:
        return False  # a checked address is still the user's

    def _about_user(self, call: Node) -> Labels:
        """Return a label where a call has something of the user among its arguments, or stands in its chain."""
        node: Node | None = call
        for _ in range(20):
            if node is None or node.type != "call_expression":
                break
            for given in arguments(node):
                if given.type not in FUNCTIONS and self._holds_user(given):
                    return frozenset({DATA})
            target = callee(node)
            node = target.get("object") if target is not None and target.type == "member_expression" else None
        return frozenset({DATA}) if node is not None and self.of(node) & _USERS else _NONE

    def _holds_user(self, node: Node) -> bool:
        if self.of(node) & _USERS:
            return True
        return any(self.of(value) & _USERS for _, value in deep_entries(self.script, node))


def user_data(script: Script) -> UserData:
    """Return the analysis of a script, made at the first call."""
    return once_per_script(script, UserData)
