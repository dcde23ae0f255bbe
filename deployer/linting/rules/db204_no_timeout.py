"""Finds requests and connections that may wait longer than the script lives (DB204)."""

from collections.abc import Iterator

from deployer.linting.analyses.clients import Client, clients, limit_values
from deployer.linting.doc_urls import EXECUTION
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ScriptInput
from deployer.linting.javascript import Node, Script, arguments, callee, calls, member_path, method_name
from deployer.linting.rule import ScriptRule
from deployer.scripts import EXECUTION_LIMIT_SECONDS

_LIMIT = EXECUTION_LIMIT_SECONDS * 1000


class NoTimeout(ScriptRule):
    """A warning where no limit is set, an error where it is 20 seconds or more."""

    code = "DB204"
    name = "no-timeout"
    severity = Severity.WARNING
    explanation = (
        "A script's container lives for about 20 seconds. A store that does not answer must be given up before that, "
        "with an error of the script's own: otherwise the user waits, and gets an error that says nothing. Limits of "
        "20 seconds or more are never reached, which makes them an error."
    )
    bad = """function login(email, password, callback) {
  const axios = require('axios');
  axios.post(configuration.API_URL, { email, password })
    .then((answer) => callback(null, { user_id: answer.data.id }))
    .catch((error) => callback(error));
}"""
    good = """function login(email, password, callback) {
  const axios = require('axios');
  axios.post(configuration.API_URL, { email, password }, { timeout: 5000 })
    .then((answer) => callback(null, { user_id: answer.data.id }))
    .catch((error) => callback(error));
}"""
    source = EXECUTION

    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        script = subject.script
        found = clients(script)
        if not found:
            return
        limited_elsewhere = _races(script) or _has_defaults(script)
        for client in found:
            limits = list(limit_values(client, script))
            for key, value in limits:
                milliseconds = _milliseconds(script, value)
                if milliseconds is not None and (milliseconds >= _LIMIT or milliseconds == 0):
                    yield self._too_long(subject, key, value, milliseconds)
            if limits or client.limits.optional or not client.known or limited_elsewhere or _limits_itself(client):
                continue
            yield self.finding(
                subject,
                callee(client.call),
                f"{client.module} is used without a time limit",
                hint=client.limits.hint,
            )

    def _too_long(self, subject: ScriptInput, key: str, value: Node, milliseconds: float) -> Finding:
        length = f"{milliseconds / 1000:g} seconds are more than" if milliseconds else "no limit is more than"
        return self.finding(
            subject,
            value,
            f"`{key}`: {length} the {EXECUTION_LIMIT_SECONDS} seconds that a script lives",
            hint="Give up after 5 to 10 seconds, and call back with an error.",
            severity=Severity.ERROR,
        )


def _milliseconds(script: Script, node: Node) -> float | None:
    value = script.value_of(node)
    if value is not None and value.type == "call_expression" and member_path(callee(value)) == "AbortSignal.timeout":
        value = script.value_of(arguments(value)[0]) if arguments(value) else None
    if value is None:
        return None
    if value.type == "binary_expression" and value.operator == "*":
        left, right = value.get("left"), value.get("right")
        if left is None or right is None or left.type != "number" or right.type != "number":
            return None
        factors = _number(left), _number(right)
        return factors[0] * factors[1] if factors[0] is not None and factors[1] is not None else None
    return _number(value)


def _number(node: Node) -> float | None:
    if node.type != "number":
        return None
    try:
        return float(node.text.replace("_", ""))
    except ValueError:
        return None


def _races(script: Script) -> bool:
    """Return whether the script gives up by itself: by `Promise.race` or a timer beside the request."""
    if "setTimeout" in script.names.globals:
        return True
    return any(member_path(callee(call)) == "Promise.race" for call in calls(script.tree))


def _has_defaults(script: Script) -> bool:
    """Return whether there are defaults for all requests: `axios.defaults.timeout = 5000`."""
    for node in script.tree.nodes("assignment_expression"):
        path = member_path(node.get("left"))
        if path is not None and path.endswith("defaults.timeout"):
            return True
    return False


def _limits_itself(client: Client) -> bool:
    """Return whether a limit is set on the request itself: `.timeout(5000)`, `.setTimeout(5000)`."""
    node = client.call
    for ancestor in node.ancestors():
        if ancestor.type == "call_expression" and method_name(ancestor) in {"timeout", "setTimeout"}:
            return True
        if ancestor.type not in {
            "member_expression",
            "call_expression",
            "await_expression",
            "parenthesized_expression",
        }:
            return False
    return False
