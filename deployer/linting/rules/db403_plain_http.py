"""Finds requests that go over http://, readable and changeable on their way (DB403)."""

import re
from collections.abc import Iterator

from deployer.linting.analyses.external_calls import http_calls
from deployer.linting.doc_urls import TLS
from deployer.linting.finding import Finding, Severity
from deployer.linting.identifiers import name_set, split_name
from deployer.linting.inputs import ScriptInput
from deployer.linting.javascript import Binding, Node, Script, arguments, callee, property_name, string_value
from deployer.linting.javascript.objects import entry
from deployer.linting.rule import ScriptRule
from deployer.linting.secret_names import is_local

_HTTP = re.compile(r"^\s*http://([^/?#\s]*)", re.IGNORECASE)
_NAMES = name_set(
    "url uri urls endpoint endpoints base host origin server service api issuer proxy address href backend root"
)
_NAMESPACES = ("www.w3.org", "schemas.", "xmlns.", "purl.org", "json-schema.org", "ns.")
_THROUGH = frozenset(
    {"parenthesized_expression", "binary_expression", "ternary_expression", "template_substitution", "template_string"}
)


class PlainHttp(ScriptRule):
    """Addresses that a request or a URL-like name uses. This machine, XML namespaces and claim names are left alone."""

    code = "DB403"
    name = "plain-http"
    severity = Severity.ERROR
    explanation = (
        "Action scripts run in Auth0's cloud: what they send over http:// crosses the internet in clear text, user "
        "names, passwords and access tokens included, and the answer can be forged into a successful login."
    )
    bad = """function login(email, password, callback) {
  const request = require('request');
  request.post({ url: 'http://users.acme.com/login', json: { email, password } }, callback);
}"""
    good = """function login(email, password, callback) {
  const request = require('request');
  request.post({ url: 'https://users.acme.com/login', json: { email, password } }, callback);
}"""
    source = TLS

    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        script = subject.script
        if "http://" in subject.source.lower():
            for node in script.tree.nodes("string", "template_string"):
                host = _host(node)
                if host is not None and _is_used(script, node):
                    yield self._found(subject, node, host)
        for call in http_calls(script):
            module = script.required(callee(call.call))
            if module is None or module[0] != "http":
                continue
            for options in call.options:
                name = script.constant_string(entry(script, options, "hostname", "host"))
                if name is not None and not is_local(name.split(":")[0]):
                    yield self._found(subject, call.call, name)

    def _found(self, subject: ScriptInput, node: Node, host: str) -> Finding:
        return self.finding(
            subject,
            node,
            f"{host or 'the store'} is reached over http, without encryption",
            hint="Use https; for a store without it, put a proxy with TLS before it.",
        )


def _host(node: Node) -> str | None:
    """Return the host of a literal http address, empty where computed; None for others, local ones and namespaces."""
    text = string_value(node)
    computed = text is None
    if text is None:
        text = node.text[1:-1]
    match = _HTTP.match(text)
    if match is None:
        return None
    host = match.group(1).rpartition("@")[2]
    if computed and "${" in host:
        return ""
    if is_local(host.split(":")[0]) or host.startswith(_NAMESPACES) or text[match.start(1) :].startswith("["):
        return None
    return host


def _is_used(script: Script, node: Node, depth: int = 0) -> bool:
    """Return whether the address goes into a request, or into something that is named as an address."""
    child, parent = node, node.parent
    while parent is not None and parent.type in _THROUGH:
        if parent.type == "binary_expression" and parent.operator not in {"+", "||", "??"}:
            return False
        if parent.type == "ternary_expression" and child.field == "condition":
            return False
        child, parent = parent, parent.parent
    if parent is None or child.field in {"key", "index"}:
        return False
    if parent.type == "pair":
        key = parent.get("key")
        return key is not None and _is_address(string_value(key) or key.text)
    if parent.type == "variable_declarator":
        binding = script.names.resolve(parent.get("name"))
        return binding is not None and (_is_address(binding.name) or _is_passed(script, binding, depth))
    if parent.type == "assignment_expression":
        left = parent.get("left")
        name = property_name(left) or (left.text if left is not None else "")
        return _is_address(name)
    if parent.type == "arguments" and parent.parent is not None:
        call = parent.parent
        target = callee(call)
        if call.type == "new_expression":
            return target is not None and target.text == "URL"
        return any(each.call is call for each in http_calls(script)) and arguments(call)[0] is child
    return False


def _is_passed(script: Script, binding: Binding, depth: int) -> bool:
    return depth < 3 and any(
        _is_used(script, use, depth + 1) for use in binding.references if use not in binding.writes
    )


def _is_address(name: str) -> bool:
    return bool(_NAMES.intersection(split_name(name)[-1:]) or split_name(name)[:1] == ["url"])
