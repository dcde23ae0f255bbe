"""Lint rules in, their explanations out as text."""

import textwrap
from collections.abc import Iterator, Sequence

from deployer.linting.rule import Rule, ScriptRule

_GROUPS = {
    "1": "the set",
    "2": "completion",
    "3": "profile",
    "4": "security",
    "5": "platform",
    "6": "migration",
}
_MAX_EXAMPLE = 2_000


def rule_text(rule: Rule) -> str:
    """Everything that a rule says of itself."""
    return "\n".join(
        (
            f"{rule.code} {rule.name} ({rule.severity.value})",
            "",
            textwrap.fill(rule.explanation, 100),
            "",
            "Bad:",
            _example(rule.bad),
            "",
            "Good:",
            _example(rule.good),
            "",
            f"Source: {rule.source}",
            *_silencing(rule),
            "",
        )
    )


def _silencing(rule: Rule) -> Iterator[str]:
    """How a finding is silenced: in a script by a comment, in a definition by one before all code, or for a tenant."""
    comment = f"// deployer-ignore {rule.code}: why"
    if isinstance(rule, ScriptRule):
        yield f"Silence one line: {comment}"
    else:
        yield f"Silence it for a connection: {comment}, before all code of one of its scripts"
    yield f"Silence it for a tenant: `lint: {{severity: {{{rule.code}: off}}}}` in its file"


def rule_values(rule: Rule) -> dict[str, str]:
    """The same as JSON values."""
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity.value,
        "explanation": rule.explanation,
        "bad": rule.bad,
        "good": rule.good,
        "source": rule.source,
    }


def rules_text(rules: Sequence[Rule]) -> str:
    """One line for each rule, by group."""
    lines: list[str] = []
    group = ""
    for rule in rules:
        own = _GROUPS.get(rule.code[2:3], "others") if rule.code.startswith("DB") else "others"
        if own != group:
            lines += ["", f"{own}:"] if lines else [f"{own}:"]
            group = own
        lines.append(f"  {rule.code:<8} {rule.severity.value:<8} {rule.name}")
    return "\n".join([*lines, "", "`deployer explain CODE` says more.", ""])


def _example(text: str) -> str:
    shown = text if len(text) <= _MAX_EXAMPLE else text[:70] + " ... " + text[-20:]
    return textwrap.indent(shown.rstrip(), "    ")
