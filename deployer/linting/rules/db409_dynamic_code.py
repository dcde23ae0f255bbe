"""Finds text that is run as code (DB409)."""

from collections.abc import Iterator

from deployer.linting.doc_urls import NODE
from deployer.linting.finding import Finding, Severity
from deployer.linting.identifiers import name_set
from deployer.linting.inputs import ScriptInput
from deployer.linting.javascript import Node, Script, arguments, callee, property_name
from deployer.linting.rule import ScriptRule

_VM = name_set("runInNewContext runInThisContext runInContext compileFunction Script")
_TIMERS = ("setTimeout", "setInterval", "setImmediate")


class DynamicCode(ScriptRule):
    """`eval`, `new Function`, timers with a text, and the module `vm`."""

    code = "DB409"
    name = "dynamic-code"
    severity = Severity.ERROR
    explanation = (
        "Code that is made at run time does what its text says, whoever wrote the text: a changed answer of the store "
        "or a setting then runs with the connection's secrets at hand. Nothing that a script does needs it."
    )
    bad = """function login(email, password, callback) {
  fetchUser(email, (err, body) => (err ? callback(err) : callback(null, eval('(' + body + ')'))));
}"""
    good = """function login(email, password, callback) {
  fetchUser(email, (err, body) => (err ? callback(err) : callback(null, JSON.parse(body))));
}"""
    source = NODE

    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        script = subject.script
        for name in ("eval", "Function", *_TIMERS):
            for use in script.names.globals.get(name, ()):
                call = use.parent
                if call is None or use is not callee(call) or not arguments(call):
                    continue
                if name not in _TIMERS or _is_text(script, arguments(call)[0]):
                    yield self._found(subject, call, name)
        if any(name in {"vm", "node:vm", "vm2"} for _, name, _ in script.requires):
            for call in script.tree.nodes("call_expression", "new_expression"):
                target = callee(call)
                name = property_name(target) or (target.text if target is not None else "")
                module = script.required(target) if name in _VM else None
                if module is not None and module[0] in {"vm", "node:vm", "vm2"}:
                    yield self._found(subject, call, name)

    def _found(self, subject: ScriptInput, node: Node, name: str) -> Finding:
        return self.finding(
            subject, node, f"{name} runs text as code", hint="Parse data with JSON.parse; write code as functions."
        )


def _is_text(script: Script, node: Node) -> bool:
    value = script.value_of(node)
    return value is not None and value.type in {"string", "template_string"}
