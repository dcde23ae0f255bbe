"""Finds connections that nothing closes (DB207)."""

from collections.abc import Iterator

from deployer.linting.doc_urls import ENVIRONMENT
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ScriptInput
from deployer.linting.javascript import FUNCTIONS, Binding, Node, Script, callee, calls, method_name, parameters, unwrap
from deployer.linting.rule import ScriptRule

_MAKERS = {
    "pg": frozenset({"Client", "Pool"}),
    "mysql": frozenset({"createConnection", "createPool"}),
    "mysql2": frozenset({"createConnection", "createPool"}),
    "mysql2/promise": frozenset({"createConnection", "createPool"}),
    "mariadb": frozenset({"createConnection", "createPool"}),
    "mongodb": frozenset({"MongoClient", "connect"}),
    "tedious": frozenset({"Connection"}),
    "mssql": frozenset({"ConnectionPool"}),
    "ldapjs": frozenset({"createClient"}),
}
_BORROWS = frozenset({"getConnection", "connect"})
_CLOSES = frozenset({"end", "close", "destroy", "release", "disconnect", "quit", "unbind", "terminate", "cancel"})


class ConnectionLeak(ScriptRule):
    """Connections of one execution that are never ended, clients of a pool that are never given back."""

    code = "DB207"
    name = "connection-leak"
    severity = Severity.WARNING
    explanation = (
        "A container serves many executions. A connection that one of them opens and nobody closes stays open until "
        "the container is recycled; under load the store runs out of connections, and nobody can log in. Close it on "
        "every path, or keep one pool in `global`."
    )
    bad = """function login(email, password, callback) {
  const mysql = require('mysql');
  const connection = mysql.createConnection({ host: configuration.HOST, connectTimeout: 5000 });
  connection.query('SELECT id FROM users WHERE email = ?', [email], (err, rows) => {
    if (err) return callback(err);
    callback(null, { user_id: rows[0].id });
  });
}"""
    good = """function login(email, password, callback) {
  const mysql = require('mysql');
  const connection = mysql.createConnection({ host: configuration.HOST, connectTimeout: 5000 });
  connection.query('SELECT id FROM users WHERE email = ?', [email], (err, rows) => {
    connection.end();
    if (err) return callback(err);
    callback(null, { user_id: rows[0].id });
  });
}"""
    source = ENVIRONMENT

    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        script = subject.script
        if not script.requires:
            return
        for call in (*calls(subject.tree), *subject.tree.nodes("new_expression")):
            module = script.required(callee(call))
            if module is None or module[0] not in _MAKERS:
                continue
            binding = _binding_of(script, call) if method_name(call) in _MAKERS[module[0]] else None
            if binding is not None and _stays_open(script, binding):
                yield self.finding(
                    subject,
                    callee(call),
                    f"`{binding.name}` is opened at every execution and never closed",
                    hint=f"Call `{binding.name}.{_ending(module[0])}()` on every path, or keep one pool in `global`.",
                )
            elif method_name(call) in _BORROWS:
                yield from self._borrowed(subject, call)

    def _borrowed(self, subject: ScriptInput, call: Node) -> Iterator[Finding]:
        """Find `pool.connect((err, client, done) => ...)` where neither `done()` nor `client.release()` is called."""
        given = call.get("arguments")
        function = given.children[-1] if given is not None and given.children else None
        if function is None or function.type not in FUNCTIONS or len(listed := parameters(function)) < 2:
            return
        names = [subject.script.names.resolve(parameter) for parameter in listed[1:]]
        known = [binding for binding in names if binding is not None]
        if len(known) != len(names) or not known[0].references:
            return
        if any(use.field == "function" for binding in known[1:] for use in binding.references):
            return
        if all(_stays_open(subject.script, binding) for binding in known):
            yield self.finding(
                subject,
                listed[1],
                f"`{known[0].name}` is never given back to its pool",
                hint=f"Call `{known[0].name}.release()` on every path.",
            )


def _ending(module: str) -> str:
    return "close" if module in {"mongodb", "tedious", "mssql"} else "end"


def _binding_of(script: Script, call: Node) -> Binding | None:
    """Return the local name that the connection gets: `const c = new Client()`, `c = await createConnection()`."""
    node, parent = call, call.parent
    while parent is not None and parent.type in {"await_expression", "parenthesized_expression"}:
        node, parent = parent, parent.parent
    if parent is None:
        return None
    if parent.type == "variable_declarator" and node.field == "value":
        return script.names.resolve(parent.get("name"))
    if parent.type == "assignment_expression" and node.field == "right":
        return script.names.resolve(unwrap(parent.get("left")))
    return None


def _stays_open(script: Script, binding: Binding) -> bool:
    """Return whether the name is only used here, and never to close what it holds."""
    if binding.scope.type == "program":
        return False  # it lives as long as the container: a cache
    for use in binding.references:
        parent = use.parent
        if parent is None or use in binding.writes:
            continue
        if parent.type == "member_expression" and use.field == "object":
            called = parent.parent
            name = parent.get("property")
            if name is not None and name.text in _CLOSES:
                return False
            if called is not None and called.type == "call_expression" and parent.field == "function":
                if _chained_close(called):
                    return False
                continue
            continue
        if parent.type in {"unary_expression", "binary_expression", "parenthesized_expression"}:
            continue
        return False  # handed on, stored or returned: somebody else may close it
    return script.function is not None


def _chained_close(call: Node) -> bool:
    """Return whether it is closed further along the same chain."""
    holder = call.parent
    while holder is not None and holder.type in {"member_expression", "call_expression"}:
        if holder.type == "call_expression" and method_name(holder) in _CLOSES:
            return True
        holder = holder.parent
    return False
