"""Writes lint rules and their explanations as JSON."""

from collections.abc import Sequence

from deployer.linting.rule import Rule
from deployer.reporting.views import dump_json


def rules_json(rules: Sequence[Rule]) -> str:
    """Write everything that each rule says of itself, as a JSON array."""
    return dump_json([_values(rule) for rule in rules])


def _values(rule: Rule) -> dict[str, str]:
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity.value,
        "explanation": rule.explanation,
        "bad": rule.bad,
        "good": rule.good,
        "source": rule.source,
    }
