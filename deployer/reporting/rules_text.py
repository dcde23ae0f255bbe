"""Writes lint rules for people: one of them in full, or a list."""

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


def rules_text(rules: Sequence[Rule]) -> str:
    """Write everything that a rule says of itself; of several rules only their names, by group."""
    return _explain(rules[0]) if len(rules) == 1 else _list(rules)


def _explain(rule: Rule) -> str:
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
    """Say how a finding is silenced: in a script by a comment, in a definition by one before all code, for a tenant."""
    comment = f"// deployer-ignore {rule.code}: why"
    if isinstance(rule, ScriptRule):
        yield f"Silence one line: {comment}"
    else:
        yield f"Silence it for a connection: {comment}, before all code of one of its scripts"
    yield f"Silence it for a tenant: `lint: {{severity: {{{rule.code}: off}}}}` in its file"


def _list(rules: Sequence[Rule]) -> str:
    """Write one line for each rule, by group."""
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
