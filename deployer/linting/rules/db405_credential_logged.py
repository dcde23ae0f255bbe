"""Finds passwords, keys and tokens that are written to the log (DB405)."""

from collections.abc import Iterator

from deployer.linting.analyses.taint import DERIVED, DIGEST, PASSWORD, SALTED, USER, taint
from deployer.linting.doc_urls import LOGGING
from deployer.linting.finding import Finding, Severity
from deployer.linting.identifiers import name_set
from deployer.linting.inputs import ScriptInput
from deployer.linting.javascript import (
    FUNCTIONS,
    Binding,
    Node,
    Script,
    arguments,
    callee,
    callee_path,
    method_name,
    property_name,
    unwrap,
)
from deployer.linting.javascript.functions import calls_named
from deployer.linting.rule import ScriptRule
from deployer.linting.secret_names import names_secret, names_stored_password

_LEVELS = name_set("log info warn error debug trace dir fatal verbose silly table")
_LOGGERS = name_set("console logger log winston bunyan pino")
_SHOWING = name_set("JSON.stringify util.inspect util.format String inspect Object.assign Object.entries Object.values")
_HARMLESS = name_set("length type count expires expiry ttl id name size")
_PLAIN = frozenset({"string", "number", "true", "false", "null", "undefined", "regex", "template_string"})


class CredentialLogged(ScriptRule):
    """Looks into the arguments of log calls, through `+`, templates and what turns objects into text."""

    code = "DB405"
    name = "credential-logged"
    severity = Severity.ERROR
    explanation = (
        "What a script prints goes to the tenant's real-time log and to every log stream behind it, is kept for weeks "
        "and read by many. A password there is a password lost; so are keys and tokens."
    )
    bad = """function login(email, password, callback) {
  console.log('login of ' + email + ' with ' + password);
  check(email, password, callback);
}"""
    good = """function login(email, password, callback) {
  console.log('login of a user of ' + email.split('@')[1]);
  check(email, password, callback);
}"""
    source = LOGGING

    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        script = subject.script
        for call in calls_named(script, *_LEVELS):
            if (callee_path(call) or "").split(".")[0].lower() not in _LOGGERS:
                continue
            target = callee(call)
            if target is None or target.type != "member_expression":
                continue
            for argument in arguments(call):
                shown = _shown(script, argument)
                if shown is not None:
                    yield self.finding(
                        subject,
                        shown[0],
                        f"{shown[1]} is written to the log",
                        hint="Log that it happened, and for whom at most; never the value.",
                    )


def _shown(script: Script, argument: Node) -> tuple[Node, str] | None:
    """Find the first credential that an argument prints."""
    stack, budget = [argument], 200
    while stack and budget:
        budget -= 1
        node = unwrap(stack.pop())
        if node is None or node.type in FUNCTIONS:
            continue
        kind = node.type
        if kind in {"identifier", "shorthand_property_identifier", "member_expression", "subscript_expression"}:
            name = _credential(script, node)
            if name is not None:
                return node, name
        elif kind == "call_expression":
            path = callee_path(node)
            if path in _SHOWING and arguments(node):
                stack.extend(arguments(node)[:1] if path == "JSON.stringify" else arguments(node))
            elif method_name(node) == "toString" and (target := callee(node)) is not None:
                stack.extend(target.children[:1])
        elif kind == "binary_expression":
            if node.operator in {"+", "||", "??", "&&"}:
                stack.extend(node.children)
        elif kind in {"ternary_expression", "pair"}:
            stack.extend(node.children[1:])
        elif kind in {"template_string", "template_substitution", "array", "object", "spread_element"}:
            stack.extend(node.children)
    return None


def _credential(script: Script, node: Node) -> str | None:
    """Name the credential that an expression is; None where it is none, or in doubt."""
    labels = taint(script).of(node)
    if USER in labels:
        return f"{node.text[:40]} with its password"
    if PASSWORD in labels:
        return "the password"
    if labels & {DIGEST, SALTED, DERIVED}:
        return "the password's hash"
    if script.names.is_global(node, "configuration"):
        return "the whole configuration"
    name = property_name(node)
    if name is not None:
        return name if names_secret(name) or names_stored_password(name) else None
    binding = script.names.resolve(node)
    if binding is None or not _holds_value(binding):
        return None
    value = binding.constant
    if value is not None and value.type in {"member_expression", "subscript_expression"}:
        held = property_name(value)
        return held if names_secret(held) or names_stored_password(held) else None
    return node.text if names_secret(binding.name) else None


def _holds_value(binding: Binding) -> bool:
    """Return whether it is more than a constant text, a comparison or a count of something."""
    value = unwrap(binding.constant)
    if value is None:
        return binding.part is not None or binding.kind == "parameter" or bool(binding.writes)
    if value.type in _PLAIN or value.type in FUNCTIONS:
        return False
    if value.type in {"unary_expression", "binary_expression"}:
        return False
    return property_name(value) not in _HARMLESS
