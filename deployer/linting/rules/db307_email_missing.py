"""Finds profiles without `email` (DB307)."""

from collections.abc import Iterator

from deployer.linting.analyses.profiles import PROFILE_KINDS, profiles
from deployer.linting.doc_urls import PROFILE
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ScriptInput
from deployer.linting.rule import ScriptRule


class EmailMissing(ScriptRule):
    """Profiles whose content is known and that have no `email`."""

    code = "DB307"
    name = "email-missing"
    severity = Severity.WARNING
    explanation = (
        "Without `email`, Auth0 cannot send a password reset or a verification, and account linking by address finds "
        "nobody. A store that has no address for a user can say so with `email: null`."
    )
    bad = """function login(email, password, callback) {
  callback(null, { user_id: 'legacy|7', name: 'Jane' });
}"""
    good = """function login(email, password, callback) {
  callback(null, { user_id: 'legacy|7', name: 'Jane', email: email });
}"""
    source = PROFILE

    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        if subject.script.kind is None or subject.script.kind.name not in PROFILE_KINDS:
            return
        for profile in profiles(subject.script):
            if not profile.open and profile.fields and "email" not in profile.fields:
                yield self.finding(
                    subject, profile.node, "the profile has no email", hint="Add `email`, or `email: null` on purpose."
                )
