"""Finds npm modules that a script requires without saying which version (DB504)."""

from collections.abc import Iterator

from deployer.linting.doc_urls import ENVIRONMENT
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ConnectionInput
from deployer.linting.platform import RUNTIME_MODULES, is_builtin, package_of
from deployer.linting.rule import ConnectionRule


class UnpinnedModule(ConnectionRule):
    """Modules of the runtime that neither `require('name@version')` nor the connection's `modules` pins."""

    code = "DB504"
    name = "unpinned-module"
    severity = Severity.WARNING
    explanation = (
        "Without a version, a script gets the one that the platform chooses: it changes under a script that nobody "
        "touched, between majors too. `modules` in the connection's definition pins one version for all its scripts, "
        "and the tests run with the same."
    )
    bad = """modules: {}
scripts:
  login: |
    function login(email, password, callback) { require('pg').check(email, password, callback); }
"""
    good = """modules: {pg: 8.16.3}
scripts:
  login: |
    function login(email, password, callback) { require('pg').check(email, password, callback); }
"""
    source = ENVIRONMENT

    def check(self, subject: ConnectionInput) -> Iterator[Finding]:
        if subject.modules is None:
            return
        for script in subject.scripts.values():
            if not script.readable:
                continue
            seen: set[str] = set()
            for node, name, version in script.script.requires:
                package = package_of(name)
                if version or package in seen or package in subject.modules or is_builtin(name):
                    continue
                seen.add(package)
                if package in RUNTIME_MODULES:
                    yield self.finding(
                        subject,
                        f"{package} has no version",
                        script=script,
                        node=node,
                        hint=f"Pin it under `modules` of the connection, for example {package}: 1.2.3.",
                    )
