"""Lints connections and scripts: runs the rules, lets comments silence findings, changes severities, and reports."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from deployer.errors import DeployerError
from deployer.linting.compilation import compile_scripts
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ConnectionInput, ScriptInput
from deployer.linting.masking import Masks
from deployer.linting.registry import all_rules, suggest_rule
from deployer.linting.rule import ConnectionRule, Rule, ScriptRule
from deployer.linting.suppressions import Suppression, suppressions
from deployer.scripts import MAX_SCRIPT_BYTES
from deployer.text import one_line

MAX_PARSED = 4 * MAX_SCRIPT_BYTES
"""Longer texts are refused by DB104 alone: Auth0 would not take them, whatever is in them."""


@dataclass(frozen=True, slots=True)
class LintReport:
    """What linting found: `findings` in the order of places, how many were silenced, and how much was looked at."""

    findings: tuple[Finding, ...] = ()
    silenced: int = 0
    connections: int = 0
    scripts: int = 0
    skipped: tuple[str, ...] = ()
    """Files that were not linted, because nothing tells which action script they are."""

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that stop a deployment."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that do not."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.WARNING)


def lint(
    connections: Iterable[ConnectionInput] = (),
    scripts: Iterable[ScriptInput] = (),
    *,
    severities: Mapping[str, str] | None = None,
    rules: Sequence[Rule] | None = None,
    skipped: Iterable[str] = (),
) -> LintReport:
    """Lint connections with their scripts, and scripts that belong to no connection.

    Args:
        severities: changed severities, code -> `error`, `warning` or `off`.
        rules: other rules than all that there are.

    Raises:
        DeployerError: for a code that no rule has, or a rule of somebody else that fails.
    """
    chosen = tuple(rules) if rules is not None else all_rules()
    changed = _severities(severities or {}, chosen)
    run = _LintRun([rule for rule in chosen if isinstance(rule, ScriptRule)], changed)
    about_connections = [rule for rule in chosen if isinstance(rule, ConnectionRule)]
    connections, scripts = list(connections), list(scripts)
    if run.judges:
        compile_scripts(code for code in _all_code(connections, scripts) if len(code.source) <= MAX_PARSED)
    whole = 0
    for connection in connections:
        whole += 1
        run.connection(connection, about_connections)
        for script in connection.scripts.values():
            script.forget()
    for script in scripts:
        run.script(script)
        script.forget()
    findings = tuple(sorted(run.findings, key=lambda finding: finding.sort_key))
    return LintReport(findings, run.silenced, whole, run.scripts, tuple(skipped))


class _LintRun:
    """One run over all subjects."""

    def __init__(self, rules: list[ScriptRule], severities: Mapping[str, Severity]) -> None:
        self._rules = rules
        self._severities = severities
        self._judging = [rule for rule in rules if rule.judges_code]
        self._fixed = {rule.code for rule in self._judging}
        self.findings: list[Finding] = []
        self.silenced = 0
        self.scripts = 0

    @property
    def judges(self) -> bool:
        """Whether any rule is about whether code compiles."""
        return bool(self._judging)

    def connection(self, subject: ConnectionInput, rules: list[ConnectionRule]) -> None:
        """Lint all scripts of a connection, then the connection as a whole."""
        comments: dict[str, list[Suppression]] = {}
        secrets: dict[str, Masks] = {}
        for kind, script in subject.scripts.items():
            place = script.address or kind
            found, comments[place] = self._of_script(script)
            secrets[place] = Masks(found)
            self._keep(found, comments[place], secrets[place])
        checks: list[tuple[Rule, Iterator[Finding]]] = [(rule, rule.check(subject)) for rule in rules]
        checks += [(rule, rule.check_definition(subject)) for rule in self._rules]
        for code in subject.guard_code:
            self.script(code)
        whole = [finding for rule, found in checks for finding in _checked(rule, found, subject.address)]
        leading = [comment for listed in comments.values() for comment in listed if comment.precedes_code]
        for finding in whole:
            self._keep(
                [finding], comments.get(finding.address, leading), secrets.get(finding.address, Masks([finding]))
            )

    def script(self, subject: ScriptInput) -> None:
        """Lint a script by itself."""
        found, comments = self._of_script(subject)
        self._keep(found, comments, Masks(found))

    def _of_script(self, subject: ScriptInput) -> tuple[list[Finding], list[Suppression]]:
        if subject.form != "script":
            return [each for rule in self._judging for each in _checked(rule, rule.check(subject), subject.address)], []
        self.scripts += 1
        if len(subject.source) > MAX_PARSED:
            sized = [rule for rule in self._rules if rule.code == "DB104"]
            return [finding for rule in sized for finding in rule.check(subject)], []
        broken = subject.tree.broken or (self.judges and subject.refusal is not None)
        found = [
            finding
            for rule in self._rules
            if rule.reads_broken or not broken
            for finding in _checked(rule, rule.check(subject), subject.address)
        ]
        return found, suppressions(subject.tree)

    def _keep(self, found: Iterable[Finding], comments: Iterable[Suppression], masks: Masks) -> None:
        listed = [comment for comment in comments if comment.complete]
        for finding in found:
            severity = self._severities.get(finding.code, finding.severity)
            if severity is Severity.OFF:
                continue
            if finding.code not in self._fixed and any(_silences(comment, finding) for comment in listed):
                self.silenced += 1
                continue
            kept = finding if severity is finding.severity else replace(finding, severity=severity)
            self.findings.append(masks.hide(kept))


def _all_code(connections: Iterable[ConnectionInput], scripts: Iterable[ScriptInput]) -> Iterator[ScriptInput]:
    for connection in connections:
        yield from connection.code
    yield from scripts


def _silences(comment: Suppression, finding: Finding) -> bool:
    if finding.code not in comment.codes:
        return False
    return finding.line in comment.lines or (comment.precedes_code and not finding.source_line)


def _checked(rule: Rule, findings: Iterator[Finding], address: str) -> Iterator[Finding]:
    """Yield the findings of a rule; what somebody else's rule raises becomes one sentence that names the rule."""
    try:
        yield from findings
    except DeployerError:
        raise
    except Exception as error:
        raise DeployerError(
            f"the lint rule {rule.code} ({type(rule).__module__}) failed: {type(error).__name__}: {error}",
            where=one_line(address) or None,
            hint=f"Turn it off with the severity `{rule.code}: off`, and tell its author.",
        ) from error


def _severities(changed: Mapping[str, str], rules: Sequence[Rule]) -> dict[str, Severity]:
    known = {rule.code: rule for rule in rules} | {rule.name: rule for rule in rules}
    found = {}
    for name, severity in changed.items():
        rule = known.get(name) or known.get(name.upper())
        if rule is None:
            near = suggest_rule(name, rules)
            raise DeployerError(
                f"there is no lint rule '{one_line(name, 60)}' whose severity could be changed",
                hint=near or "`deployer explain` lists all rules.",
            )
        if isinstance(rule, ScriptRule) and rule.judges_code and severity != rule.severity:
            raise DeployerError(
                f"the severity of {rule.code} cannot be changed: what does not compile is never deployed",
                hint="Is the judge another Node.js than the tenant's? Name the tenant's version under `node`.",
            )
        try:
            found[rule.code] = Severity(severity)
        except ValueError:
            raise DeployerError(
                f"'{one_line(severity, 60)}' is no severity for {rule.code}", hint="Write error, warning or off."
            ) from None
    return found
