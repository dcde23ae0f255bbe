"""Holds what is known on one path through a script, and where a run of statements can lead."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from deployer.linting.javascript import Node

Fact = tuple[int, bool]
"""An expression (its number in `Texts`) and whether it is truthy on this path."""
Facts = frozenset[Fact]

MAX_PATHS = 64
"""More paths than these are merged, and nothing more is said about them."""


@dataclass(frozen=True, slots=True)
class Path:
    """One way through the code.

    `calls`: how often the callback has been called for certain (0, 1, 2 = more than once). `maybe`: it may have been
    called, or will be, by something that cannot be followed. `quiet`: what follows hangs on a condition that this
    analysis does not understand, so it says nothing. `timed`: a timer has been set that calls the callback without
    asking whether it has been called; `timer` is that call. `first` is the first call, `end` where a continuation ended
    without one; they are for messages and do not tell paths apart.
    """

    calls: int = 0
    maybe: bool = False
    quiet: bool = False
    timed: bool = False
    facts: Facts = frozenset()
    first: Node | None = field(default=None, compare=False)
    timer: Node | None = field(default=None, compare=False)
    end: Node | None = field(default=None, compare=False)

    @property
    def open(self) -> bool:
        """Nothing has called the callback on this path, and nothing will."""
        return not (self.calls or self.maybe or self.quiet)

    def fact(self, key: int) -> bool | None:
        """Return what is known of an expression on this path; None where nothing is."""
        if (key, True) in self.facts:
            return True
        return False if (key, False) in self.facts else None

    def knowing(self, key: int, value: bool) -> "Path":
        """Return the path with the knowledge that an expression is truthy, or is not."""
        return replace(self, facts=self.facts | {(key, value)})


Paths = set[Path]
"""Sets of paths come in the same order in every process: nothing in them hashes text."""


class Texts:
    """Numbers for the texts of expressions."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._texts: list[str] = []

    def number(self, text: str) -> int:
        """Return the number of a text, the same each time."""
        number = self._numbers.get(text)
        if number is None:
            number = self._numbers[text] = len(self._texts)
            self._texts.append(text)
        return number

    def text(self, number: int) -> str:
        """Return the text of a number."""
        return self._texts[number]


def bounded(paths: Iterable[Path]) -> Paths:
    """Return the paths themselves, or at most a few uncertain ones that stand for them where there are too many."""
    found = set(paths)
    if len(found) <= MAX_PATHS:
        return found
    return {replace(path, facts=frozenset(), quiet=True) for path in found}


@dataclass(slots=True)
class Flow:
    """Where a run of statements leads: on, out of the function, or to a loop or label around it."""

    normal: Paths = field(default_factory=set)
    returns: Paths = field(default_factory=set)
    breaks: dict[str, Paths] = field(default_factory=dict)
    continues: dict[str, Paths] = field(default_factory=dict)

    def take(self, other: "Flow") -> None:
        """Add where another run leads, but for its normal end."""
        self.returns |= other.returns
        for mine, theirs in ((self.breaks, other.breaks), (self.continues, other.continues)):
            for label, paths in theirs.items():
                mine.setdefault(label, set()).update(paths)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a whole function can end: `ends` by returning, `throws` by an exception or a rejected promise."""

    ends: frozenset[Path]
    throws: frozenset[Path]
