"""Finds connections under trickle migration whose `login` and `get_user` give different profiles (DB305)."""

from collections.abc import Iterator

from deployer.linting.analyses.profiles import ID_FIELDS, Profile, profiles
from deployer.linting.doc_urls import GET_USER
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ConnectionInput
from deployer.linting.javascript import Script, string_value
from deployer.linting.javascript.objects import leading_text
from deployer.linting.rule import ConnectionRule


class ProfileMismatch(ConnectionRule):
    """Compares the property names, and what `user_id` begins with. Profiles that cannot be followed are left alone."""

    code = "DB305"
    name = "profile-mismatch"
    severity = Severity.ERROR
    explanation = (
        "A migrating user is found by `get_user` (a password reset, a sign-up check) or by `login`, whichever comes "
        "first, and keeps the profile of that moment. Where the two scripts build different profiles, users differ by "
        "the way they came, and where the user_id differs, one person becomes two users."
    )
    bad = """migration: trickle
scripts:
  login: |
    function login(email, password, callback) { callback(null, { user_id: 'shop|7', email, name: 'J' }); }
  get_user: |
    function getUser(email, callback) { callback(null, { user_id: 'shop|7', email }); }
"""
    good = """migration: trickle
scripts:
  login: |
    function login(email, password, callback) { callback(null, { user_id: 'shop|7', email, name: 'J' }); }
  get_user: |
    function getUser(email, callback) { callback(null, { user_id: 'shop|7', email, name: 'J' }); }
"""
    source = GET_USER

    def check(self, subject: ConnectionInput) -> Iterator[Finding]:
        login, get_user = subject.scripts.get("login"), subject.scripts.get("get_user")
        if not subject.trickle or login is None or get_user is None or not (login.readable and get_user.readable):
            return
        first, second = profiles(login.script), profiles(get_user.script)
        if not first or not second or any(each.open for each in (*first, *second)):
            return
        only_login = sorted(_keys(first) - _keys(second))
        only_get_user = sorted(_keys(second) - _keys(first))
        if only_login or only_get_user:
            differences = [f"only login has {', '.join(only_login)}"] if only_login else []
            differences += [f"only get_user has {', '.join(only_get_user)}"] if only_get_user else []
            yield self.finding(
                subject,
                f"login and get_user give different profiles: {'; '.join(differences)}",
                script=get_user,
                node=second[0].node,
                hint="Build the profile in both scripts from the same columns, under the same names.",
            )
        starts = _prefix(login.script, first), _prefix(get_user.script, second)
        if None not in starts and starts[0] != starts[1]:
            yield self.finding(
                subject,
                f"user_id begins with '{starts[1]}' here and with '{starts[0]}' in login",
                script=get_user,
                node=second[0].user_ids[0],
                hint="Give the same user the same user_id in both scripts.",
            )


def _keys(found: list[Profile]) -> set[str]:
    return {"user_id" if key in ID_FIELDS else key for profile in found for key in profile.fields}


def _prefix(script: Script, found: list[Profile]) -> str | None:
    """Return what every user_id begins with, up to its separator; None where it cannot be told."""
    starts = set()
    for profile in found:
        for value in profile.user_ids:
            text = leading_text(script, value)
            whole = string_value(script.value_of(value)) is not None
            starts.add(text.split("|")[0] if text and ("|" in text or not whole) else None)
    return starts.pop() if len(starts) == 1 else None
