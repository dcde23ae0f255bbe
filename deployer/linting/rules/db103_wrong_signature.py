"""Finds functions whose parameters are not the ones that Auth0 passes (DB103)."""

from collections.abc import Iterator

from deployer.linting.doc_urls import TEMPLATES
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ScriptInput
from deployer.linting.javascript import Node, header, parameter_name, parameters
from deployer.linting.rule import ScriptRule
from deployer.scripts import ScriptKind
from deployer.text import count

_CONTEXT = frozenset({"context", "ctx", "_context", "_ctx"})


class WrongSignature(ScriptRule):
    """Too few or too many parameters, `context` where there is none, and scripts without any function."""

    code = "DB103"
    name = "wrong-signature"
    severity = Severity.ERROR
    explanation = (
        "Auth0 passes arguments by position, the callback last. With one parameter too many or too few, what the "
        "script calls its callback is something else, and the script never completes. With `enable_script_context` "
        "on, `context` comes just before the callback."
    )
    bad = """function login(email, callback) {
  callback(null, { user_id: email });
}"""
    good = """function login(email, password, callback) {
  callback(null, { user_id: email });
}"""
    source = TEMPLATES

    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        script, kind = subject.script, subject.script_kind
        if script.function is None:
            yield self.finding(subject, None, "the script has no function for Auth0 to call")
            return
        listed = parameters(script.function)
        if kind is None or any(parameter.type == "rest_pattern" for parameter in listed):
            return
        allowed = _allowed(kind, subject.enable_script_context, listed)
        if len(listed) not in allowed:
            expected = kind.parameters(with_context=subject.enable_script_context is True)
            yield self.finding(
                subject,
                header(script.function),
                f"the {kind.name} script takes {count(len(listed), 'parameter')}, Auth0 passes {len(expected)}",
                hint=f"Write `{kind.function}({', '.join(expected)})`.",
            )
        elif subject.enable_script_context is False and len(listed) > 1 and _name(listed[-2]) in _CONTEXT:
            yield self.finding(
                subject,
                listed[-2],
                "Auth0 passes no context to this connection's scripts",
                hint="Set `enable_script_context: true` in the connection's options; it cannot be turned off again.",
            )


def _allowed(kind: ScriptKind, with_context: bool | None, listed: list[Node]) -> set[int]:
    plain, contextual = len(kind.arguments) + 1, len(kind.arguments) + 2
    if with_context is True:
        return {contextual}
    if with_context is None and len(listed) == contextual and _name(listed[-2]) in _CONTEXT:
        return {contextual}
    return {plain}


def _name(parameter: Node) -> str:
    return parameter_name(parameter) or ""
