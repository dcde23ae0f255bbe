"""Finds what the user typed in the text of SQL, commands, URLs and filters (DB402)."""

import re
from collections.abc import Iterator

from deployer.linting.analyses.external_calls import deep_entries, http_calls, mongo_calls, sql_calls
from deployer.linting.analyses.taint import Taint, operands, taint
from deployer.linting.doc_urls import INJECTION
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ScriptInput
from deployer.linting.javascript import Node, Script, arguments, callee, method_name, unwrap
from deployer.linting.javascript.functions import calls_named
from deployer.linting.javascript.objects import entry, fragments
from deployer.linting.rule import ScriptRule

_SHELLS = frozenset({"exec", "execSync"})
_MADE = frozenset({"binary_expression", "template_string"})
_FILTER = re.compile(r"^\s*\(.*[A-Za-z]\w*\s*[~<>]?=", re.DOTALL)
_DN = re.compile(r"^\s*(uid|cn|mail|sAMAccountName|ou|dc)=", re.IGNORECASE)


class Injection(ScriptRule):
    """Follows the script's parameters through names, `+`, templates, string methods and helpers to where they count.

    Bound parameters, escaping and encoding functions, conversions to numbers and checks against a whole pattern end it.
    """

    code = "DB402"
    name = "injection"
    severity = Severity.ERROR
    explanation = (
        "Auth0 passes user names and addresses as they were typed. Put into SQL, a shell command, a URL, a regular "
        "expression or an LDAP filter, they become part of its program: `' or ''='` logs in as anybody. Let the driver "
        "bind parameters, encode parts of URLs with encodeURIComponent, and compare values instead of patterns."
    )
    bad = """function login(email, password, callback) {
  db.query("SELECT * FROM users WHERE email = '" + email + "'", (err, rows) => check(err, rows, password, callback));
}"""
    good = """function login(email, password, callback) {
  db.query('SELECT * FROM users WHERE email = $1', [email], (err, rows) => check(err, rows, password, callback));
}"""
    source = INJECTION

    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        script = subject.script
        if script.function is None:
            return
        seen: set[Node] = set()
        origins = taint(script)
        for node, where, hint in (
            *_in_sql(script, origins),
            *_in_urls(script, origins),
            *_in_filters(script, origins),
            *_in_commands(script, origins),
            *_in_ldap(script, origins),
        ):
            place = _place(script, node, origins)
            if place not in seen:
                seen.add(place)
                yield self.finding(subject, place, f"what the user typed becomes part of {where}", hint=hint)


Found = Iterator[tuple[Node, str, str]]


def _in_sql(script: Script, origins: Taint) -> Found:
    for call in sql_calls(script):
        if origins.is_data(call.text) and _is_text(script, call.text):
            yield call.text, "the SQL text", "Write a placeholder there and pass the value as a parameter."


def _in_urls(script: Script, origins: Taint) -> Found:
    for call in http_calls(script):
        for url in call.urls:
            if origins.is_data(url) and _is_text(script, url):
                yield url, "a URL", "Encode it: encodeURIComponent(value), or URLSearchParams."


def _in_filters(script: Script, origins: Taint) -> Found:
    for call in mongo_calls(script):
        for argument in arguments(call)[:2]:
            for key, value in deep_entries(script, argument):
                if key in {"$where", "$function"} and origins.is_data(value):
                    yield value, "code that the database runs", "Compare with { field: value } instead."
                elif key == "$regex" and origins.is_data(value):
                    yield value, "a pattern", "Compare with { field: value }, or escape the pattern's characters."
                elif (pattern := _pattern(script, value)) is not None and origins.is_data(pattern):
                    yield pattern, "a pattern", "Compare with { field: value }, or escape the pattern's characters."


def _pattern(script: Script, value: Node) -> Node | None:
    """Return the text of `new RegExp(text)`."""
    made = script.value_of(value)
    if made is None or made.type not in {"new_expression", "call_expression"}:
        return None
    target = callee(made)
    given = arguments(made)
    return given[0] if given and script.names.is_global(target, "RegExp") else None


def _in_commands(script: Script, origins: Taint) -> Found:
    if not any(name in {"child_process", "node:child_process", "shelljs"} for _, name, _ in script.requires):
        return
    for call in calls_named(script, "exec", "execSync", "spawn", "spawnSync"):
        given, name = arguments(call), method_name(call)
        if not given:
            continue
        module = script.required(callee(call))
        if module is None or module[0] not in {"child_process", "node:child_process", "shelljs"}:
            continue
        if name in _SHELLS:
            risky = [given[0]]
        else:
            shell = next((found for each in given[1:] if (found := entry(script, each, "shell")) is not None), None)
            risky = [] if shell is None or shell.type in {"false", "undefined", "null"} else given[:2]
        for each in risky:
            if origins.is_data(each):
                yield each, "a shell command", "Use execFile with a list of arguments."


def _in_ldap(script: Script, origins: Taint) -> Found:
    if not any(name.startswith(("ldap", "activedirectory")) for _, name, _ in script.requires):
        return
    for pair in script.tree.nodes("pair"):
        key, value = pair.get("key"), pair.get("value")
        if key is None or value is None or key.text != "filter" or not origins.is_data(value):
            continue
        if _FILTER.search("".join(fragments(script, value))):
            yield value, "an LDAP filter", "Escape it for filters, or build the filter from objects."
    for call in calls_named(script, "bind"):
        if arguments(call) and origins.is_data(arguments(call)[0]):
            name = arguments(call)[0]
            if _DN.search("".join(fragments(script, name)[:1])):
                yield name, "a distinguished name", "Escape it for names, or look the entry's name up first."


def _is_text(script: Script, node: Node) -> bool:
    """Return whether it is a text made of pieces (and not an object, a list or the bare value)."""
    value = script.value_of(node)
    if value is None or value.type in {"object", "array"}:
        return False
    return bool(fragments(script, node))


def _place(script: Script, node: Node, origins: Taint) -> Node:
    """Return where to point: at the piece that the user's value is, else at the expression."""
    value = unwrap(script.value_of(node))
    if value is None or value.type not in _MADE:
        return node
    if value.type == "binary_expression":
        pieces = operands(value)
    else:
        pieces = [
            child.children[0] for child in value.children if child.type == "template_substitution" and child.children
        ]
    return next((piece for piece in pieces if origins.is_data(piece)), node)
