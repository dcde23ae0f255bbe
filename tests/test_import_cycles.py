"""No module of the package imports itself by way of others, imports inside of functions included."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import deployer

ROOT = Path(deployer.__file__).parent


def name_of(file: Path) -> str:
    parts = file.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(file): file for file in ROOT.rglob("*.py") if "_templates" not in file.parts}


def imports_in(node: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yield the imports that are carried out, so none of those for type checkers alone."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child
        elif isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            for otherwise in child.orelse:
                yield from imports_in(otherwise)
        else:
            yield from imports_in(child)


def imported_by(source: str, known: set[str]) -> set[str]:
    """Find the modules that a source imports: of `from package import name`, the module `name` where it is one."""
    found = set()
    for statement in imports_in(ast.parse(source)):
        if isinstance(statement, ast.Import):
            found |= {alias.name for alias in statement.names}
        elif statement.module is not None:
            for alias in statement.names:
                whole = f"{statement.module}.{alias.name}"
                found.add(whole if whole in known else statement.module)
    return found & known


def cycle_in(sources: dict[str, str]) -> list[str] | None:
    """Find a cycle of imports, None where there is none."""
    graph = {name: imported_by(source, set(sources)) - {name} for name, source in sources.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return None


def test_no_module_imports_itself_by_way_of_others() -> None:
    assert cycle_in({name: file.read_text(encoding="utf-8") for name, file in MODULES.items()}) is None


@pytest.mark.parametrize(
    ("back", "found"),
    [
        ("import p.a", True),
        ("from p import a", True),
        ("def f():\n    from p.a import x", True),
        ("if TYPE_CHECKING:\n    from p.a import x", False),
        ("from p.c import a", False),
    ],
)
def test_what_is_a_cycle(back: str, found: bool) -> None:
    sources = {"p": "", "p.a": "from p.b import y", "p.b": back, "p.c": ""}
    assert (cycle_in(sources) is not None) is found
