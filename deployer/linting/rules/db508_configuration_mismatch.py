"""DB508: scripts read a configuration key that nobody declares; or one is declared that nobody reads."""

from collections.abc import Iterator

from deployer.linting.finding import Finding, Severity
from deployer.linting.javascript import Script, property_name
from deployer.linting.rule import ConnectionRule
from deployer.linting.sources import ENVIRONMENT
from deployer.linting.subject import ConnectionSubject
from deployer.text import did_you_mean


class ConfigurationMismatch(ConnectionRule):
    """Compares `configuration.KEY` in the scripts with the keys of the definition."""

    code = "DB508"
    name = "configuration-mismatch"
    severity = Severity.ERROR
    explanation = (
        "`configuration` holds the keys of the connection's definition and nothing else: another key is `undefined` in "
        "the script, and shows as a strange failure of the driver at the first login. A key that no script reads is a "
        "secret that lies about for nothing (a warning)."
    )
    bad = """configuration: [API_URL]
scripts:
  login: |
    function login(email, password, callback) { check(configuration.API_URI, email, password, callback); }
"""
    good = """configuration: [API_URL]
scripts:
  login: |
    function login(email, password, callback) { check(configuration.API_URL, email, password, callback); }
"""
    source = ENVIRONMENT

    def check(self, subject: ConnectionSubject) -> Iterator[Finding]:
        declared = subject.configuration
        if declared is None:
            return
        read: set[str] = set()
        certain = True
        for script in subject.scripts.values():
            if script.tree.broken:
                certain = False
                continue
            reads = script.script.configuration_reads
            certain = certain and _all_named(script.script)
            read.update(name for name, _ in reads)
            first = dict(reversed(reads))
            for name, node in first.items():
                if name not in declared and name not in _OBJECT:
                    yield self.finding(
                        subject,
                        f"configuration.{name} is read and not declared",
                        script=script,
                        node=node,
                        hint=did_you_mean(name, list(declared)) or f"Declare {name} under `configuration`.",
                    )
        if certain and subject.scripts:
            for name in sorted(declared - read):
                yield self.finding(
                    subject,
                    f"configuration {name} is declared and no script reads it",
                    hint="Remove it, or read it.",
                    severity=Severity.WARNING,
                )


_OBJECT = frozenset({"hasOwnProperty", "toString", "constructor", "propertyIsEnumerable"})


def _all_named(script: Script) -> bool:
    """Is every key that the script reads written out?"""
    for use in script.names.globals.get("configuration", ()):
        parent = use.parent
        if parent is None:
            continue
        if use.field == "object":
            if property_name(parent) is None:
                return False
        elif parent.type == "unary_expression":
            continue
        else:
            pattern = parent.get("name") if parent.type == "variable_declarator" else None
            if pattern is None or pattern.type != "object_pattern":
                return False
            if any(child.type == "rest_pattern" for child in pattern.children):
                return False
    return True
