"""Hides what is a secret in the source lines that findings show."""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from deployer.linting.finding import Finding
from deployer.linting.registry import all_rules

_QUOTED = re.compile(r"(?P<quote>[\"'`])(?P<text>(?:\\.|(?!(?P=quote)).)*)(?P<end>(?P=quote)|$)")


class Masks:
    """The lines of one script that hold secrets: those that a rule like DB401 points at."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self._lines: set[int] = set()
        for finding in findings:
            if finding.code in _secret_codes():
                self._lines.update(range(finding.line, max(finding.line, finding.end_line) + 1))

    def hide(self, finding: Finding) -> Finding:
        """Replace every text in quotes by stars in the finding's line, if it is one of the masked lines."""
        if finding.line not in self._lines or not finding.source_line:
            return finding
        return replace(finding, source_line=without_quoted(finding.source_line))


def without_quoted(line: str) -> str:
    """Replace every text in quotes in a line by stars: what is in them may be a secret."""
    return _QUOTED.sub(_stars, line)


def _stars(match: re.Match[str]) -> str:
    return match["quote"] + "*" * len(match["text"]) + match["end"]


@cache
def _secret_codes() -> frozenset[str]:
    return frozenset(rule.code for rule in all_rules() if rule.points_at_secrets)
