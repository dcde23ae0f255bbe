"""JavaScript in, the places out where it is not JavaScript; the one check that needs no rules."""

from dataclasses import dataclass

from deployer.linting.masking import without_quoted
from deployer.linting.syntax import Tree
from deployer.text import one_line

_MOST = 3


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """One place: line and column from 1, and the text of the line."""

    line: int
    column: int
    text: str

    def __str__(self) -> str:
        return f"this is not JavaScript: {one_line(without_quoted(self.text.strip()), 60)}"


def syntax_problems(source: str) -> list[SyntaxProblem]:
    """Each place where the parser gave up, the first few only."""
    tree = Tree(source)
    if not tree.broken:
        return []
    places = sorted({tree.position(node.start) for node in tree.errors}) or [(1, 1)]
    return [SyntaxProblem(line, column, tree.line_text(line)) for line, column in places[:_MOST]]
