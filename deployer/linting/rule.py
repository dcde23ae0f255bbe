"""What a lint rule is. In: a subject. Out: findings.

To write a rule, put one module with one class into `deployer/linting/rules/` (`db406_direct_database.py`); it is found
by being there. Another distribution offers its rules under the entry point group `deployer.lint_rules`: each entry
names a class like the ones here, or a function that returns several. Codes of others must not begin with `DB`.

    class NoConsole(ScriptRule):
        code = "ACME001"
        name = "no-console"
        severity = Severity.WARNING
        explanation = "Our log collector does not see what action scripts print."
        bad = "function login(email, password, callback) { console.log('hi'); callback(null); }"
        good = "function login(email, password, callback) { callback(null); }"
        source = "https://wiki.acme.example/logging"

        def check(self, subject: ScriptInput) -> Iterator[Finding]:
            for call in calls(subject.tree):
                if callee_path(call) == "console.log":
                    yield self.finding(subject, call, "console.log is not collected")

    # pyproject.toml of the other distribution
    [project.entry-points."deployer.lint_rules"]
    no-console = "acme_rules:NoConsole"
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ConnectionInput, ScriptInput
from deployer.linting.javascript import Node


class Rule(ABC):
    """What every rule carries. `bad` gives a finding, `good` gives none; both are shown by `explain` and tested."""

    code: ClassVar[str]
    name: ClassVar[str]
    severity: ClassVar[Severity]
    explanation: ClassVar[str]
    bad: ClassVar[str]
    good: ClassVar[str]
    source: ClassVar[str]
    """The page that says so."""
    points_at_secrets: ClassVar[bool] = False
    """Do the findings point at secrets? Their text is then masked wherever the line is shown."""

    def in_definition(
        self,
        subject: ConnectionInput,
        message: str,
        *,
        part: str = "",
        hint: str = "",
        severity: Severity | None = None,
    ) -> Finding:
        """A finding about the definition: about one part of it (`configuration.PG_URL`), or about the whole."""
        label, line, column = subject.places.get(part, (subject.label, subject.line, subject.column))
        made = self._make(subject.address, label, message, hint, severity)
        return replace(made, line=line, column=max(column, 1) if line else 0)

    def _make(self, address: str, label: str, message: str, hint: str, severity: Severity | None) -> Finding:
        return Finding(self.code, self.name, severity or self.severity, message, address, label or address, hint=hint)


class ScriptRule(Rule):
    """Looks at one script."""

    example_kind: ClassVar[str | None] = "login"
    """The kind of script that `bad` and `good` are."""
    reads_broken: ClassVar[bool] = False
    """Is the rule also right about a text that does not parse? Else it is not asked."""
    judges_code: ClassVar[bool] = False
    """Does it say whether code compiles? It is then also asked about guards and Actions, no comment silences it, and
    its severity cannot be changed: what does not compile is never deployed."""

    @abstractmethod
    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        """The findings in one script."""

    def check_definition(self, subject: ConnectionInput) -> Iterator[Finding]:  # noqa: ARG002 - for those who do
        """The same mistake in the definition around the scripts, where it can be made there."""
        return iter(())

    def finding(
        self,
        subject: ScriptInput,
        node: Node | None,
        message: str,
        *,
        hint: str = "",
        severity: Severity | None = None,
    ) -> Finding:
        """A finding at `node`; None: about the whole script, shown at its first line."""
        return at(self._make(subject.address, subject.label, message, hint, severity), subject, node)


class ConnectionRule(Rule):
    """Looks at one connection's definition together with all its scripts.

    `bad` and `good` are YAML: `deployer.linting.examples.connection_example` says which keys.
    """

    @abstractmethod
    def check(self, subject: ConnectionInput) -> Iterator[Finding]:
        """The findings in one connection."""

    def finding(
        self,
        subject: ConnectionInput,
        message: str,
        *,
        script: ScriptInput | None = None,
        node: Node | None = None,
        hint: str = "",
        severity: Severity | None = None,
    ) -> Finding:
        """A finding about the definition, or (with `script`) at a node of one of its scripts."""
        if script is not None:
            return at(self._make(script.address, script.label, message, hint, severity), script, node)
        return self.in_definition(subject, message, hint=hint, severity=severity)


def at(finding: Finding, subject: ScriptInput, node: Node | None) -> Finding:
    """The finding moved to a node of a script (None: to its first line)."""
    if node is None:
        first = subject.source[:10_000].split("\n", 1)[0].rstrip("\r")
        return replace(
            finding,
            line=1,
            column=1,
            end_line=1,
            end_column=len(first) + 1,
            source_line=first,
            template=subject.template,
        )
    tree = subject.tree
    line, column = tree.position(node.start)
    end_line, end_column = tree.position(node.end)
    return replace(
        finding,
        line=line,
        column=column,
        end_line=end_line,
        end_column=end_column,
        source_line=tree.line_text(line),
        template=subject.template,
    )
