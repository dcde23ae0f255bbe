"""Finds error arguments that nobody looks at, and promises that nobody awaits or catches (DB203)."""

from collections.abc import Iterator

from deployer.linting.doc_urls import ERROR_HANDLING
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ScriptInput
from deployer.linting.javascript import (
    FUNCTIONS,
    Node,
    Script,
    arguments,
    callee,
    calls,
    header,
    method_name,
    parameters,
    path_root,
    string_value,
)
from deployer.linting.javascript.asynchrony import (
    Role,
    error_parameter,
    escaping,
    floats,
    handled,
    is_cleanup,
    is_continued,
    resolve_function,
    role_of,
)
from deployer.linting.rule import ScriptRule

_HTTP = frozenset({"axios", "got", "ky", "node-fetch", "undici", "cross-fetch", "isomorphic-fetch", "phin"})
_DATABASE = frozenset({"pg", "mongodb", "mysql2/promise", "mssql", "knex"})
_QUERIES = frozenset(
    {
        *("query", "execute", "findOne", "insertOne", "insertMany", "updateOne", "updateMany", "deleteOne"),
        *("deleteMany", "replaceOne", "findOneAndUpdate", "findOneAndDelete", "bulkWrite"),
    }
)
_NOT_AWAITED = frozenset({Role.CALLBACK, Role.LISTENER, Role.TIMER})
_LOGS = frozenset({"log", "error", "warn", "info", "debug"})
_LEAVES = frozenset({"return_statement", "throw_statement", "continue_statement", "break_statement"})


class UnhandledError(ScriptRule):
    """Errors that get lost: arguments never read, rejections never caught."""

    code = "DB203"
    name = "unhandled-error"
    severity = Severity.ERROR
    explanation = (
        "An error that nobody handles is worse than the error: the script goes on with results that are not there, or "
        "a rejected promise ends in nothing and the callback is never called. Pass every error to the callback."
    )
    bad = """function login(email, password, callback) {
  fetch(configuration.API_URL, { signal: AbortSignal.timeout(5000) })
    .then((response) => response.json())
    .then((user) => callback(null, { user_id: user.id }));
}"""
    good = """function login(email, password, callback) {
  fetch(configuration.API_URL, { signal: AbortSignal.timeout(5000) })
    .then((response) => response.json())
    .then((user) => callback(null, { user_id: user.id }))
    .catch((error) => callback(error));
}"""
    source = ERROR_HANDLING

    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        script = subject.script
        for function in subject.tree.nodes("function_expression", "arrow_function"):
            role = role_of(function)
            if function.is_async and (role in _NOT_AWAITED or _of_for_each(function)):
                yield from self._rejecting(subject, function)
            if role is Role.CALLBACK:
                yield from self._callback(subject, function)
        for call in calls(subject.tree):
            yield from self._promise(subject, call)
        main = script.function
        if main is not None and main.is_async and script.callback is not None:
            yield from self._rejecting(subject, main)

    def _callback(self, subject: ScriptInput, function: Node) -> Iterator[Finding]:
        error = error_parameter(function)
        call = function.parent.parent if function.parent is not None else None
        if error is None or call is None or is_cleanup(call) or _is_empty(function):
            return
        binding = subject.script.names.resolve(error)
        if binding is None or binding.kind != "parameter":
            return
        if not binding.references:
            yield self.finding(
                subject,
                error,
                f"`{error.text}` is ignored: what follows runs as if nothing had failed",
                hint=f"Begin with `if ({error.text}) return callback({error.text});`.",
            )
        elif _uses_results(subject.script, function) and all(_only_logged(use, function) for use in binding.references):
            yield self.finding(
                subject,
                error,
                f"`{error.text}` is only logged: what follows runs as if nothing had failed",
                hint=f"Return `callback({error.text})` where it is logged.",
            )

    def _promise(self, subject: ScriptInput, call: Node) -> Iterator[Finding]:
        if is_continued(call) or not _dropped(subject.script, call) or handled(call):
            return  # the outermost link speaks for a chain
        name = method_name(call)
        target = callee(call)
        if name in {"then", "finally"} and target is not None and target.type == "member_expression":
            yield self._finding_at_end(subject, call, "nobody catches what this promise may reject with")
            return
        local = resolve_function(subject.script, target)
        if local is not None and local[0].is_async:
            place = escaping(local[0])
            if place is not None:
                yield self.finding(
                    subject,
                    header(local[0]) if target is local[0] else call,
                    f"nobody awaits or catches this async function, which may reject in line {place.line}",
                    hint="Add `.catch((error) => callback(error))`, or a `try` inside.",
                )
        elif _returns_promise(subject.script, call):
            yield self.finding(
                subject,
                call,
                "nobody awaits or catches this promise",
                hint="`await` it in a `try`, or add `.catch(...)`.",
            )

    def _finding_at_end(self, subject: ScriptInput, call: Node, message: str) -> Finding:
        target = callee(call)
        place = target.get("property") if target is not None else None
        return self.finding(
            subject, place or call, message, hint="Add `.catch((error) => callback(error))` at the end."
        )

    def _rejecting(self, subject: ScriptInput, function: Node) -> Iterator[Finding]:
        place = escaping(function)
        if place is None:
            return
        what = "what is thrown here" if place.type == "throw_statement" else "what this rejects with"
        yield self.finding(
            subject,
            place,
            f"nobody catches {what}: the callback is never called then",
            hint="Put it in a `try` whose `catch` calls `callback(error)`.",
        )


def _of_for_each(function: Node) -> bool:
    call = function.parent.parent if function.parent is not None else None
    return call is not None and call.type == "call_expression" and method_name(call) == "forEach"


def _uses_results(script: Script, function: Node) -> bool:
    """Return whether a callback goes on with what the error says is not there: with a parameter after the error."""
    for parameter in parameters(function)[1:]:
        binding = script.names.resolve(parameter)
        if binding is None or binding.references:
            return True
    return False


def _is_empty(function: Node) -> bool:
    body = function.get("body")
    return body is None or not body.children


def _only_logged(use: Node, function: Node) -> bool:
    """Return whether the error is only printed, or asked for by an `if` that only prints it."""
    for ancestor in use.ancestors():
        if ancestor is function:
            return False
        if ancestor.type == "call_expression":
            root = path_root(callee(ancestor))
            return root is not None and root.text == "console" and method_name(ancestor) in _LOGS
        if ancestor.type == "if_statement":
            branch = ancestor.get("consequence")
            return (
                use.parent is not None
                and use.parent.type == "parenthesized_expression"
                and ancestor.get("alternative") is None
                and branch is not None
                and _only_logs(branch)
            )
    return False


def _only_logs(branch: Node) -> bool:
    for node in branch.walk():
        if node.type in _LEAVES or node.type in FUNCTIONS or node.type.endswith("assignment_expression"):
            return False
        if node.type == "call_expression":
            root = path_root(callee(node))
            if root is None or root.text not in {"console", "JSON", "String"}:
                return False
    return True


def _dropped(script: Script, node: Node) -> bool:
    """Return whether nobody gets the promise: in an expression statement, or returned by the script's own function."""
    if floats(node):
        return True
    parent = node.parent
    if parent is None or parent.type != "return_statement":
        return parent is not None and parent is script.function and parent.type == "arrow_function"
    return node.function is script.function and script.function is not None and not script.function.is_async


def _returns_promise(script: Script, call: Node) -> bool:
    """Return whether an unknown function surely returns a promise: `fetch`, a client or query without callback."""
    given = arguments(call)
    if any(each.type in FUNCTIONS or script.is_callback(each) for each in given):
        return False
    target = callee(call)
    if script.names.is_global(target, "fetch"):
        return True
    module = script.required(target)
    if module is None or not given or any(_is_function_name(script, each) for each in given):
        return False
    if module[0] in _HTTP:
        return method_name(call) in {"get", "post", "put", "patch", "delete", "request", "head", None} or (
            target is not None and target.type == "identifier" and string_value(given[0]) is not None
        )
    return module[0] in _DATABASE and method_name(call) in _QUERIES


def _is_function_name(script: Script, node: Node) -> bool:
    return resolve_function(script, node) is not None
