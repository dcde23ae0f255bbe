"""Finds exceptions that are thrown where nobody can catch them (DB205)."""

from collections.abc import Iterator

from deployer.linting.doc_urls import ERROR_HANDLING
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ScriptInput
from deployer.linting.javascript import FUNCTIONS, Node
from deployer.linting.javascript.asynchrony import Role, caught, role_of
from deployer.linting.rule import ScriptRule

_LATER = frozenset({Role.CALLBACK, Role.LISTENER, Role.TIMER})


class ThrowInCallback(ScriptRule):
    """`throw` in a function that is called later, by nobody who would catch it."""

    code = "DB205"
    name = "throw-in-callback"
    severity = Severity.ERROR
    explanation = (
        "What is thrown in the callback of an asynchronous function reaches nobody: a `try` around the call has long "
        "been left. It ends the container, with every other login that it is serving, instead of this one script."
    )
    bad = """function login(email, password, callback) {
  const bcrypt = require('bcrypt');
  bcrypt.compare(password, configuration.HASH, (err, same) => {
    if (err) throw err;
    callback(null, { user_id: email });
  });
}"""
    good = """function login(email, password, callback) {
  const bcrypt = require('bcrypt');
  bcrypt.compare(password, configuration.HASH, (err, same) => {
    if (err) return callback(err);
    callback(null, { user_id: email });
  });
}"""
    source = ERROR_HANDLING

    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        for statement in subject.tree.nodes("throw_statement"):
            if _reaches_nobody(statement):
                yield self.finding(
                    subject,
                    statement,
                    "nobody can catch what is thrown in a callback",
                    hint="Write `return callback(error)` instead.",
                )


def _reaches_nobody(statement: Node) -> bool:
    node: Node = statement
    while (function := node.function) is not None:
        if caught(node, function) or function.is_async or function.type not in FUNCTIONS:
            return False
        role = role_of(function)
        if role in _LATER:
            return True
        if role is not Role.INLINE or _executes_promise(function):
            return False
        node = function
    return False


def _executes_promise(function: Node) -> bool:
    call = function.parent.parent if function.parent is not None else None
    return call is not None and call.type == "new_expression"
