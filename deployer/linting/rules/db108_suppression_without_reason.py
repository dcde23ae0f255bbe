"""Finds comments that would silence a finding but do not say why (DB108)."""

from collections.abc import Iterator

from deployer.linting.doc_urls import ERROR_HANDLING
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ScriptInput
from deployer.linting.rule import ScriptRule
from deployer.linting.suppressions import suppressions


class SuppressionWithoutReason(ScriptRule):
    """`deployer-ignore` without code or without reason. It silences nothing."""

    code = "DB108"
    name = "suppression-without-reason"
    severity = Severity.WARNING
    explanation = (
        "A finding is silenced with its code and a reason that the next reader can judge: "
        "`// deployer-ignore DB204: the driver's own limit is 3 seconds`. Without them the comment does nothing."
    )
    bad = """function login(email, password, callback) {
  // deployer-ignore DB206
  callback(new Error('Wrong password'));
}"""
    good = """function login(email, password, callback) {
  // deployer-ignore DB206: this store must not lock accounts
  callback(new Error('Wrong password'));
}"""
    source = ERROR_HANDLING

    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        for each in suppressions(subject.tree):
            if not each.complete:
                lacks = "no reason" if each.codes else "no code"
                yield self.finding(
                    subject,
                    each.node,
                    f"this comment has {lacks} and silences nothing",
                    hint="Write `// deployer-ignore CODE: reason`.",
                )
