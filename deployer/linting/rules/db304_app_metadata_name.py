"""Finds profiles that carry `app_metadata`, which is called `metadata` in a script (DB304)."""

from collections.abc import Iterator

from deployer.linting.analyses.profiles import PROFILE_KINDS, profiles
from deployer.linting.doc_urls import TEMPLATES
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ScriptInput
from deployer.linting.rule import ScriptRule


class AppMetadataName(ScriptRule):
    """The property `app_metadata` of a profile."""

    code = "DB304"
    name = "app-metadata-name"
    severity = Severity.ERROR
    explanation = (
        "In custom database scripts the application metadata of a profile is named `metadata`. What a script gives as "
        "`app_metadata` never arrives in the user's app_metadata: roles and plans are lost without an error."
    )
    bad = """function login(email, password, callback) {
  callback(null, { user_id: 'legacy|7', email: email, app_metadata: { plan: 'gold' } });
}"""
    good = """function login(email, password, callback) {
  callback(null, { user_id: 'legacy|7', email: email, metadata: { plan: 'gold' } });
}"""
    source = TEMPLATES

    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        if subject.script.kind is None or subject.script.kind.name not in PROFILE_KINDS:
            return
        values = [value for profile in profiles(subject.script) for value in profile.fields.get("app_metadata", ())]
        for value in dict.fromkeys(values):
            place = value.parent if value.parent is not None and value.parent.type == "pair" else value
            yield self.finding(
                subject,
                place,
                "app_metadata is lost: it is named metadata here",
                hint="Rename the property to metadata.",
            )
