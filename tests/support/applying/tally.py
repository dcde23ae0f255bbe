"""Counts the cases of a matrix, plays all of them, and shows those that fail."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest


class Tally:
    """Counts the cases of a matrix and those that end well; the others are all played, too, and shown at the end."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.cases = 0
        self.failures: list[str] = []
        self.notes: Counter[str] = Counter()

    def play(self, case: Any, function: Callable[..., Any], *arguments: Any) -> bool:
        """Play a case by a function that says whether it was one, or how it ended, and fails where it did not."""
        try:
            ended = function(*arguments)
        except (AssertionError, pytest.fail.Exception) as failure:
            self.cases += 1
            self.failures.append(f"{case}: {failure}"[:4000])
            assert len(self.failures) < 20, "\n\n".join(self.failures)
            return True
        self.cases += bool(ended)
        if isinstance(ended, str) and ended:
            self.notes[ended] += 1
        return bool(ended)

    def report(self, what: str, least: int) -> None:
        """Print the counts; fail where one case did, or where there were fewer cases than there must be."""
        more = f" {dict(sorted(self.notes.items()))}" if self.notes else ""
        with self._capsys.disabled():
            print(f"\n{what}: {self.cases} cases, {self.cases - len(self.failures)} survive{more}")
        if self.failures:
            shown = "\n\n".join(self.failures[:5])
            pytest.fail(f"{len(self.failures)} of {self.cases} cases fail:\n{shown}", pytrace=False)
        assert self.cases >= least, f"{self.cases} cases, and there must be {least}"
