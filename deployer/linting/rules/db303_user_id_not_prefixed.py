"""Finds values of `user_id` that another connection may give as well (DB303)."""

from collections.abc import Iterator

from deployer.linting.analyses.profiles import PROFILE_KINDS, profiles
from deployer.linting.doc_urls import BEST_PRACTICES
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ConnectionInput
from deployer.linting.javascript import Node, Script, arguments, callee, method_name, property_name, unwrap
from deployer.linting.rule import ConnectionRule

_KEYS = frozenset({"id", "_id", "Id", "ID", "uid", "pk", "rowid", "number", "value"})


class UserIdNotPrefixed(ConnectionRule):
    """The bare key of a row. A `user_id` that a service gives may have its prefix already: nothing is said of it."""

    code = "DB303"
    name = "user-id-not-prefixed"
    severity = Severity.WARNING
    explanation = (
        "User ids must differ over all custom databases of a tenant. The bare key of a row (1, 2, 3 ...) exists in "
        "every store: two people then share one identity. A prefix with the connection's name keeps them apart. It is "
        "an error as soon as the tenant has several custom databases."
    )
    bad = """custom_databases: 2
scripts:
  login: |
    function login(email, password, callback) {
      find(email, (err, row) => err ? callback(err) : callback(null, { user_id: row.id.toString(), email }));
    }
"""
    good = """custom_databases: 2
scripts:
  login: |
    function login(email, password, callback) {
      find(email, (err, row) => err ? callback(err) : callback(null, { user_id: 'shop|' + row.id, email }));
    }
"""
    source = BEST_PRACTICES

    def check(self, subject: ConnectionInput) -> Iterator[Finding]:
        severity = Severity.ERROR if subject.several_custom_databases else Severity.WARNING
        for kind in PROFILE_KINDS:
            script = subject.scripts.get(kind)
            if script is None or not script.readable:
                continue
            values = [value for profile in profiles(script.script) for value in profile.user_ids]
            for value in dict.fromkeys(values):
                if _is_bare_key(script.script, value):
                    yield self.finding(
                        subject,
                        f"user_id is the bare key {value.text[:40]}: users of another store may have the same",
                        script=script,
                        node=value,
                        hint=f"Put a prefix before it, such as '{subject.name}|'.",
                        severity=severity,
                    )


def _is_bare_key(script: Script, value: Node) -> bool:
    node = unwrap(script.value_of(value))
    for _ in range(6):
        if node is not None and node.type == "template_string" and len(node.children) == 1:
            piece = node.children[0]  # `${row.id}`: a template with nothing else in it
            node = unwrap(script.value_of(piece.children[0])) if piece.children else None
        if node is None or node.type not in {"call_expression", "new_expression"}:
            break
        target, name = callee(node), method_name(node)
        if name in {"toString", "toHexString", "valueOf", "trim"} and target is not None:
            node = unwrap(script.value_of(target.get("object")))
        elif name in {"String", "Number", "parseInt"} and arguments(node):
            node = unwrap(script.value_of(arguments(node)[0]))
        else:
            return False
    return (
        node is not None and node.type in {"member_expression", "subscript_expression"} and property_name(node) in _KEYS
    )
