"""Finds profiles that carry tokens of another identity provider (DB306)."""

from collections.abc import Iterator

from deployer.linting.analyses.profiles import PROFILE_KINDS, profiles
from deployer.linting.doc_urls import IDP_TOKENS
from deployer.linting.finding import Finding, Severity
from deployer.linting.identifiers import split_name
from deployer.linting.inputs import ScriptInput
from deployer.linting.rule import ScriptRule

_TOKENS = (["access", "token"], ["refresh", "token"], ["id", "token"])


class IdpTokenInProfile(ScriptRule):
    """`access_token`, `refresh_token` and `id_token` at the top of a profile."""

    code = "DB306"
    name = "idp-token-in-profile"
    severity = Severity.WARNING
    explanation = (
        "Tokens in a profile are stored with the user's identity, and everybody with the scope `read:user_idp_tokens` "
        "can read them. That is right where an application really needs them, and a leak waiting to happen elsewhere."
    )
    bad = """function login(email, password, callback) {
  authenticate(email, password, (err, body) => {
    if (err) return callback(err);
    callback(null, { user_id: 'sso|' + body.id, email: email, access_token: body.token });
  });
}"""
    good = """function login(email, password, callback) {
  authenticate(email, password, (err, body) => {
    if (err) return callback(err);
    callback(null, { user_id: 'sso|' + body.id, email: email });
  });
}"""
    source = IDP_TOKENS

    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        if subject.script.kind is None or subject.script.kind.name not in PROFILE_KINDS:
            return
        fields = [
            (key, value)
            for profile in profiles(subject.script)
            for key, values in profile.fields.items()
            for value in values
        ]
        for key, value in dict.fromkeys(fields):
            if split_name(key) in _TOKENS:
                yield self.finding(
                    subject,
                    value,
                    f"{key} goes into the profile: whoever has read:user_idp_tokens can read it",
                    hint="Leave it out unless an application needs it, and then grant that scope to nobody else.",
                )
