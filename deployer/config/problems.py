"""Collects what is wrong in definition files: every problem with its position, reported together."""

from collections.abc import Iterable
from dataclasses import dataclass

from deployer.errors import DeployerError, with_hint
from deployer.text import count, one_line


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file; `line` and `column` count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{one_line(self.file)}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: where, what, and how to mend it."""

    position: Position | None
    message: str
    hint: str | None = None

    def __str__(self) -> str:
        place = f"{self.position}: " if self.position else ""
        return f"{place}{with_hint(self.message, self.hint)}"


class ConfigError(DeployerError):
    """One or more mistakes in definition files, in the order of their positions."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        unique = dict.fromkeys(problems)
        self.problems = sorted(unique, key=lambda p: (p.position or Position("", 0, 0), p.message))
        super().__init__(
            self._text(), hint=None if len(self.problems) == 1 else f"{count(len(self.problems), 'mistake')} in all."
        )

    @property
    def brief(self) -> str:
        """The first mistake, without what to do about it, and how many more there are."""
        first, more = self.problems[0], len(self.problems) - 1
        place = f"{first.position}: " if first.position else ""
        return f"{place}{first.message}{f' (and {more} more)' if more else ''}"

    def _text(self) -> str:
        if len(self.problems) == 1:
            return str(self.problems[0])
        return "\n".join(str(problem) for problem in self.problems) + "\n"
