"""Finds paths through a script that end without calling the callback (DB201)."""

from collections.abc import Iterator

from deployer.linting.analyses.flow.completion import completion
from deployer.linting.doc_urls import EXECUTION
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ScriptInput
from deployer.linting.javascript import FUNCTIONS, Node, header
from deployer.linting.rule import ScriptRule


class CallbackMissing(ScriptRule):
    """Paths on which nothing calls the callback, and nothing that could is under way."""

    code = "DB201"
    name = "callback-missing"
    severity = Severity.ERROR
    explanation = (
        "A script tells Auth0 that it is done by calling its callback. A path that ends without it leaves the user in "
        "front of a spinner until the container is stopped after some 20 seconds, and then with an error. Typical: an "
        "`if` without `else`, a `catch` that only logs, a `switch` without `default`, a bare `return`."
    )
    bad = """function login(email, password, callback) {
  const request = require('request');
  request.get({ url: configuration.API_URL, timeout: 5000 }, (err, response, body) => {
    if (err) return callback(err);
    if (response.statusCode === 200) {
      callback(null, { user_id: body.id });
    }
  });
}"""
    good = """function login(email, password, callback) {
  const request = require('request');
  request.get({ url: configuration.API_URL, timeout: 5000 }, (err, response, body) => {
    if (err) return callback(err);
    if (response.statusCode !== 200) {
      return callback(new Error(`The user service answered ${response.statusCode}`));
    }
    callback(null, { user_id: body.id });
  });
}"""
    source = EXECUTION

    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        script = subject.script
        found = completion(script)
        if found.never and script.function is not None and script.callback is not None:
            yield self.finding(
                subject,
                header(script.function),
                f"`{script.callback.name}` is never called: the script never completes",
                hint="Call it exactly once, on every path.",
            )
        for node in found.missing:
            yield self._missing(subject, node)

    def _missing(self, subject: ScriptInput, node: Node) -> Finding:
        name = subject.script.callback.name if subject.script.callback is not None else "callback"
        if node.type not in FUNCTIONS:
            return self.finding(
                subject,
                node,
                f"the script ends here without calling `{name}`",
                hint=f"Write `return {name}(...)`.",
            )
        last = subject.tree.position(node.end)[0]
        return self.finding(
            subject,
            header(node),
            f"a path through this function reaches its end (line {last}) without calling `{name}`",
            hint="Look for an `if` without `else`, a `switch` without `default`, a `catch` that only logs.",
        )
