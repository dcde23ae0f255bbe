"""Finds configuration keys that scripts read and nobody declares, or that are declared and nobody reads (DB508)."""

from collections.abc import Iterator
from difflib import get_close_matches

from deployer.linting.doc_urls import ENVIRONMENT
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ConnectionInput
from deployer.linting.javascript import Script, property_name
from deployer.linting.rule import ConnectionRule


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

    def check(self, subject: ConnectionInput) -> Iterator[Finding]:
        declared = subject.configuration
        if declared is None:
            return
        parsed = [script for script in subject.scripts.values() if script.readable]
        certain = len(parsed) == len(subject.scripts) and all(_all_named(script.script) for script in parsed)
        read = {name for script in parsed for name, _ in script.script.configuration_reads}
        # A key that other scripts read is meant as it is written.
        unread = [name for name in declared if name not in read]
        for script in parsed:
            first = dict(reversed(script.script.configuration_reads))
            for name, node in first.items():
                if name not in declared and name not in _OBJECT:
                    yield self.finding(
                        subject,
                        f"configuration.{name} is read and not declared",
                        script=script,
                        node=node,
                        hint=_hint(name, unread),
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


def _hint(name: str, unread: list[str]) -> str:
    # Keys share prefixes (API_...): only what is nearly the same is the same word misspelt.
    close = get_close_matches(name, unread, n=1, cutoff=0.8)
    return f"did you mean '{close[0]}'?" if close else f"Declare {name} under `configuration`."


def _all_named(script: Script) -> bool:
    """Return whether every key that the script reads is written out."""
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
