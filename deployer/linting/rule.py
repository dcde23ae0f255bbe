"""Defines what a lint rule is: a class with a code, an explanation, two examples, a source and one method `check`.

A rule of this project is one module with one class in `deployer/linting/rules/`, named after its code and name
(`db507_configuration_written.py`); it is found by being there, and its two examples are its first tests. Codes count up
within their hundred: 1xx the script set, 2xx completion, 3xx profiles, 4xx security, 5xx the platform, 6xx migration.

Another distribution offers rules of its own under the entry point group `deployer.lint_rules`. Each entry names a class
like the ones here, or a function that returns several classes. Their codes must not begin with `DB`:

    # acme_rules.py
    from collections.abc import Iterator

    from deployer.linting.finding import Finding, Severity
    from deployer.linting.inputs import ScriptInput
    from deployer.linting.javascript import callee_path, calls
    from deployer.linting.rule import ScriptRule

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

    # pyproject.toml of that distribution
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
    """The base of every rule; a new one derives from `ScriptRule` or `ConnectionRule`.

    It must define the attributes without a value below, and `check`. It may define those with a value. `check` yields a
    finding for each mistake, made with `self.finding`; it only looks at its `subject`, keeps nothing between two calls,
    and says nothing where it cannot be sure: what a subject does not tell is None.
    """

    code: ClassVar[str]
    """What silences the rule and changes its severity: `DB507`."""
    name: ClassVar[str]
    """The same for people: `configuration-written`."""
    severity: ClassVar[Severity]
    """`Severity.ERROR` stops a deployment. A single finding may have another one."""
    explanation: ClassVar[str]
    """Why it matters, in a few sentences; `deployer explain CODE` shows it with all that follows."""
    bad: ClassVar[str]
    """An example that gives a finding of this rule. A test holds it to that."""
    good: ClassVar[str]
    """The same put right: it gives no finding of this rule. A test holds it to that."""
    source: ClassVar[str]
    """The address of the page that says so; one that several rules cite stands in `doc_urls`."""
    points_at_secrets: ClassVar[bool] = False
    """Whether the findings point at secrets: what is in quotes is then masked wherever the line is shown."""

    def in_definition(
        self,
        subject: ConnectionInput,
        message: str,
        *,
        part: str = "",
        hint: str = "",
        severity: Severity | None = None,
    ) -> Finding:
        """Build a finding about one part of the definition (`configuration.PG_URL`), or about the whole."""
        label, line, column = subject.places.get(part, (subject.label, subject.line, subject.column))
        made = self._make(subject.address, label, message, hint, severity)
        return replace(made, line=line, column=max(column, 1) if line else 0)

    def _make(self, address: str, label: str, message: str, hint: str, severity: Severity | None) -> Finding:
        return Finding(self.code, self.name, severity or self.severity, message, address, label or address, hint=hint)


class ScriptRule(Rule):
    """A rule about one script, whatever connection it belongs to."""

    example_kind: ClassVar[str | None] = "login"
    """The kind of script that `bad` and `good` are; None where nothing tells it."""
    reads_broken: ClassVar[bool] = False
    """Whether it is also right about a text that does not parse; if not, it is not asked about one."""
    judges_code: ClassVar[bool] = False
    """Whether it says that code does not compile: it is then also asked about guards and Actions, no comment silences
    it, and its severity cannot be changed, because what does not compile is never deployed."""

    @abstractmethod
    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        """Find the mistakes in one script."""

    def check_definition(self, subject: ConnectionInput) -> Iterator[Finding]:  # noqa: ARG002 - for those who do
        """Find the same mistake in the definition around the scripts, where it can be made there."""
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
        """Build a finding at `node`; None: about the whole script, shown at its first line."""
        return _placed(self._make(subject.address, subject.label, message, hint, severity), subject, node)


class ConnectionRule(Rule):
    """A rule about one connection's definition together with all its scripts.

    `bad` and `good` are YAML: `deployer.linting.examples.connection_example` says which keys.
    """

    @abstractmethod
    def check(self, subject: ConnectionInput) -> Iterator[Finding]:
        """Find the mistakes in one connection."""

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
        """Build a finding about the definition, or (with `script`) at a node of one of its scripts."""
        if script is not None:
            return _placed(self._make(script.address, script.label, message, hint, severity), script, node)
        return self.in_definition(subject, message, hint=hint, severity=severity)


def _placed(finding: Finding, subject: ScriptInput, node: Node | None) -> Finding:
    """Place the finding at a node of a script (None: at its first line)."""
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
