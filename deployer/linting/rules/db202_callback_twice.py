"""Finds paths through a script that call the callback more than once (DB202)."""

from collections.abc import Iterator

from deployer.linting.analyses.flow.completion import completion
from deployer.linting.doc_urls import EXECUTION
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ScriptInput
from deployer.linting.javascript import Node
from deployer.linting.rule import ScriptRule


class CallbackTwice(ScriptRule):
    """Two calls on one path, or one in a loop."""

    code = "DB202"
    name = "callback-twice"
    severity = Severity.ERROR
    explanation = (
        "The callback must be called exactly once. The second call comes when Auth0 has already gone on, and its "
        "result is undefined: a user who was refused may be let in, or the reverse. Mostly a `return` is missing."
    )
    bad = """function login(email, password, callback) {
  if (!email) {
    callback(new WrongUsernameOrPasswordError(email));
  }
  callback(null, { user_id: email });
}"""
    good = """function login(email, password, callback) {
  if (!email) {
    return callback(new WrongUsernameOrPasswordError(email));
  }
  return callback(null, { user_id: email });
}"""
    source = EXECUTION

    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        script = subject.script
        name = script.callback.name if script.callback is not None else "callback"
        again: dict[Node, list[Node]] = {}
        for first, second in completion(script).twice:
            again.setdefault(first, []).append(second)
        for first, seconds in again.items():
            others = sorted({second.line for second in seconds if second is not first})
            if not others:
                yield self.finding(
                    subject,
                    first,
                    f"`{name}` may be called again in the next round",
                    hint="Leave the loop with `return`.",
                )
                continue
            lines = " or ".join(str(line) for line in others[:3])
            yield self.finding(
                subject,
                first,
                f"`{name}` is called here, the script goes on and may call it again in line {lines}",
                hint=f"Write `return {name}(...)`, and call it in one place only.",
            )
