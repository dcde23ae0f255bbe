"""Finds scripts that are larger than Auth0 takes, or soon will be (DB104)."""

from collections.abc import Iterator

from deployer.linting.doc_urls import ANATOMY
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ScriptInput
from deployer.linting.rule import ScriptRule
from deployer.scripts import MAX_SCRIPT_BYTES


class ScriptTooLarge(ScriptRule):
    """An error over the limit, a warning over half of it."""

    code = "DB104"
    name = "script-too-large"
    severity = Severity.ERROR
    explanation = (
        "An action script may have at most 100 kB, comments included; Auth0 refuses a larger one, and every container "
        "has to load it before it can answer. From half of that on, move code into a module or behind an API."
    )
    bad = "function login(email, password, callback) { callback(null, { user_id: '" + "x" * 100_000 + "' }); }"
    good = "function login(email, password, callback) { callback(null, { user_id: email }); }"
    source = ANATOMY
    reads_broken = True

    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        size = len(subject.source.encode("utf-8", "replace"))
        if size > MAX_SCRIPT_BYTES:
            yield self.finding(subject, None, f"the script has {size:,} bytes; Auth0 takes {MAX_SCRIPT_BYTES:,}")
        elif size > MAX_SCRIPT_BYTES // 2:
            yield self.finding(
                subject,
                None,
                f"the script has {size:,} bytes, more than half of the {MAX_SCRIPT_BYTES:,} that Auth0 takes",
                severity=Severity.WARNING,
            )
