"""Finds scripts that are still the ones that Auth0 puts there (DB106)."""

from collections.abc import Iterator

from deployer.linting.doc_urls import TEMPLATES
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ScriptInput
from deployer.linting.rule import ScriptRule
from deployer.scripts import DEFAULT_TEMPLATE


class DefaultTemplate(ScriptRule):
    """Known by the error that the default templates answer with."""

    code = "DB106"
    name = "default-template"
    severity = Severity.ERROR
    explanation = (
        "The templates in the Dashboard answer every call with an error that asks to implement the script. Deployed, "
        "they break the operation that they stand for; deployed over a working script, they are an outage."
    )
    bad = """function login(email, password, callback) {
  return callback(new Error('Please implement the Login script for this database connection'));
}"""
    good = """function login(email, password, callback) {
  return callback(null, { user_id: email });
}"""
    source = TEMPLATES

    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        for node in subject.tree.nodes("string", "template_string"):
            if DEFAULT_TEMPLATE.search(node.text):
                yield self.finding(
                    subject,
                    node,
                    "this is Auth0's default template, which does nothing but answer with an error",
                    hint="Write the script, or leave it out of the connection.",
                )
                return
