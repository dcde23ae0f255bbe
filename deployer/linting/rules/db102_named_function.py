"""Finds scripts whose function has no name (DB102)."""

from collections.abc import Iterator

from deployer.linting.doc_urls import ANATOMY
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ScriptInput
from deployer.linting.javascript import header
from deployer.linting.rule import ScriptRule
from deployer.scripts import SCRIPT_KINDS


class NamedFunction(ScriptRule):
    """Anonymous functions, and functions that have the name of another script."""

    code = "DB102"
    name = "named-function"
    severity = Severity.WARNING
    explanation = (
        "Auth0 recommends that the function of a script has a name, and which one: the name is what stack traces and "
        "logs show, and what tells one script from another when it is pasted into the wrong tab of the Dashboard."
    )
    bad = """(function (email, password, callback) {
  callback(null, { user_id: email });
})"""
    good = """function login(email, password, callback) {
  callback(null, { user_id: email });
}"""
    source = ANATOMY

    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        script, kind = subject.script, subject.script_kind
        if script.function is None:
            return
        name = script.function_name
        expected = kind.function if kind else "login"
        if name is None:
            yield self.finding(
                subject, header(script.function), "the function has no name", hint=f"Name it `{expected}`."
            )
        elif kind is not None and name not in {kind.function, kind.name}:
            other = next((each for each in SCRIPT_KINDS.values() if name in {each.function, each.name}), None)
            if other is not None:
                yield self.finding(
                    subject,
                    header(script.function),
                    f"the {kind.name} script holds a function named `{name}`, which is the {other.name} script's name",
                    hint=f"Is this the right script? If so, name it `{expected}`.",
                )
