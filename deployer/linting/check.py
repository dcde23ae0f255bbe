"""JavaScript in, the places out where it is not JavaScript; the one check that needs no rules."""

from deployer.linting.syntax import Tree
from deployer.text import one_line


def syntax_problems(source: str) -> list[str]:
    """`line 3, column 5: ...` for each place where the parser gave up, the first few only."""
    tree = Tree(source)
    if not tree.broken:
        return []
    problems = []
    for node in tree.errors[:3]:
        line, column = tree.position(node.start)
        near = one_line(tree.line_text(line).strip(), 60)
        problems.append(f"line {line}, column {column}: this is not JavaScript: {near}")
    return problems or ["this is not JavaScript"]
