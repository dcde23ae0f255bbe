"""Finds scripts that the tenant's Node does not compile (DB101)."""

from collections.abc import Iterator

from deployer.linting.compilation import shown_message
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ScriptInput
from deployer.linting.rule import ScriptRule

# What the engine says in other words than the writer's, and what to do about it.
_HINTS = {
    "await is only valid in async functions": "Write `async` before the function.",
    "Cannot use import statement outside a module": "A script is no module: use `require` inside the function.",
    "Unexpected token 'export'": "A script is no module: what it defines needs no `export`.",
    "Function statements require a function name": "Give the function a name: only a script that is nothing but one "
    "function can do without.",
    "Maximum call stack size exceeded": "It is nested too deeply for the engine.",
}


class SyntaxErrorRule(ScriptRule):
    """What the engine refuses, in the engine's words."""

    code = "DB101"
    name = "syntax-error"
    severity = Severity.ERROR
    explanation = (
        "Auth0 saves a script without looking at it. A script that does not compile fails at every login, with an "
        "error that only the tenant's log shows. The judge is Node.js 22, which Auth0 runs (or the version that "
        "`node` in the tenant file names): it compiles every script as a classic script, in sloppy mode, neither as a "
        "module nor inside a function, and runs none. The code of guards and Actions is compiled as what Auth0 runs "
        "it as. This rule cannot be turned off or silenced."
    )
    bad = """function login(email, password, callback) {
  const profile = { user_id: email,, email };
  return callback(null, profile);
}"""
    good = """function login(email, password, callback) {
  const profile = { user_id: email, email };
  return callback(null, profile);
}"""
    source = "https://nodejs.org/docs/latest-v22.x/api/vm.html#class-vmscript"
    reads_broken = True
    points_at_secrets = True
    judges_code = True

    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        refusal = subject.refusal
        if refusal is not None:
            hint = next((hint for words, hint in _HINTS.items() if words in refusal.message), "")
            made = self.finding(subject, None, shown_message(refusal.message), hint=hint)
            yield subject.at_place(made, refusal.line, refusal.column)
