"""Finds profiles of `login` or `get_user` without `user_id` (DB301)."""

from collections.abc import Iterator

from deployer.linting.analyses.profiles import PROFILE_KINDS, profiles
from deployer.linting.doc_urls import BEST_PRACTICES
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ScriptInput
from deployer.linting.rule import ScriptRule


class UserIdMissing(ScriptRule):
    """Profiles whose content is known and that have neither `user_id` nor `id`."""

    code = "DB301"
    name = "user-id-missing"
    severity = Severity.ERROR
    explanation = (
        "Auth0 identifies a user by the `user_id` (or `id`) of the profile that `login` and `get_user` give. Without "
        "it, the user gets an identity that nobody chose, and later logins may make a second one."
    )
    bad = """function login(email, password, callback) {
  callback(null, { email: email, nickname: 'jane' });
}"""
    good = """function login(email, password, callback) {
  callback(null, { user_id: 'legacy|7', email: email, nickname: 'jane' });
}"""
    source = BEST_PRACTICES

    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        if subject.script.kind is None or subject.script.kind.name not in PROFILE_KINDS:
            return
        for profile in profiles(subject.script):
            if not profile.open and not profile.user_ids:
                yield self.finding(
                    subject,
                    profile.node,
                    "the profile has no user_id",
                    hint="Add `user_id`: the store's own key of the user, with a prefix for this connection.",
                )
