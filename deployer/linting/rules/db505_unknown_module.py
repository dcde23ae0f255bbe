"""Finds required modules that neither Node, nor Auth0's runtime, nor the definition has (DB505)."""

from collections.abc import Iterator

from deployer.linting.doc_urls import ENVIRONMENT
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ConnectionInput
from deployer.linting.platform import RUNTIME_MODULES, is_builtin, package_of
from deployer.linting.rule import ConnectionRule
from deployer.text import did_you_mean


class UnknownModule(ConnectionRule):
    """Names outside Node's own modules, the known modules of the runtime, and the connection's `modules`."""

    code = "DB505"
    name = "unknown-module"
    severity = Severity.WARNING
    explanation = (
        "A module that the runtime does not have makes `require` throw at the first login. It is a slip of the pen, a "
        "file of your own (scripts cannot have any), or a module that the connection's `modules` should name."
    )
    bad = """scripts:
  login: |
    function login(email, password, callback) { require('./lib/users').check(email, password, callback); }
"""
    good = """modules: {acme-users: 2.1.0}
scripts:
  login: |
    function login(email, password, callback) { require('acme-users').check(email, password, callback); }
"""
    source = ENVIRONMENT

    def check(self, subject: ConnectionInput) -> Iterator[Finding]:
        pinned = subject.modules or {}
        for script in subject.scripts.values():
            if not script.readable:
                continue
            for node, name, version in script.script.requires:
                package = package_of(name)
                if version or package in pinned or package in RUNTIME_MODULES or is_builtin(name):
                    continue
                near = did_you_mean(package, [*pinned, *RUNTIME_MODULES])
                own = name.startswith((".", "/"))
                yield self.finding(
                    subject,
                    f"{name} is a file, and scripts have no files"
                    if own
                    else f"{name} is no module that the runtime is known to have",
                    script=script,
                    node=node,
                    hint="Include it with the template instead."
                    if own
                    else near or f"Name it under `modules`: {package}: 1.2.3.",
                )
