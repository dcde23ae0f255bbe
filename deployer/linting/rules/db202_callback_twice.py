"""DB202: some path through the script calls the callback more than once."""

from collections.abc import Iterator

from deployer.linting.finding import Finding, Severity
from deployer.linting.flow.completion import completion
from deployer.linting.rule import ScriptRule
from deployer.linting.subject import ScriptSubject


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
    source = (
        "https://auth0.com/docs/authenticate/database-connections/custom-db/"
        "custom-database-connections-scripts/execution"
    )

    def check(self, subject: ScriptSubject) -> Iterator[Finding]:
        script = subject.script
        name = script.callback.name if script.callback is not None else "callback"
        for first, second in completion(script).twice:
            if first is second:
                yield self.finding(
                    subject, second, f"`{name}` may be called again in the next round", hint="Leave with `return`."
                )
            else:
                yield self.finding(
                    subject,
                    second,
                    f"`{name}` may be called a second time here: line {first.line} calls it and goes on",
                    hint=f"Write `return {name}(...)` in line {first.line}.",
                )
