"""The picture of the data's way in CONTRIBUTING.md is that of the imports, which go one way and never in a circle."""

import re
import tomllib
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

import deployer
from tests.support.paths import ROOT

PACKAGE = Path(deployer.__file__).parent
SECTION = "The way of the data"
LINE = re.compile(r"(?P<names>[a-z0-9_]+(?: \| [a-z0-9_]+)*)  +(?P<what>\S.*)")


def picture() -> list[set[str]]:
    """The names of each line, from top to bottom. A line is `name   what it does`, or `name | name   what they do`."""
    section = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split(f"## {SECTION}\n")[1].split("\n## ")[0]
    lines = section.split("```")[1].strip().splitlines()
    found = [LINE.fullmatch(line) for line in lines]
    assert None not in found, [line for line, match in zip(lines, found, strict=True) if match is None]
    return [set(match["names"].split(" | ")) for match in found if match]


LAYERS = picture()
LEVEL = {name: number for number, names in enumerate(LAYERS) for name in names}


@pytest.fixture(scope="module")
def imports() -> dict[str, set[str]]:
    """What each module imports of this tool, wherever in it, what only type checkers read included."""
    return imported(type_checking=True)


def imported(*, type_checking: bool) -> dict[str, set[str]]:
    graph = grimp.build_graph("deployer", cache_dir=None, exclude_type_checking_imports=not type_checking)
    return {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}


def parts() -> set[str]:
    """The packages of `deployer`, and the modules beside them."""
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    return packages | {path.stem for path in PACKAGE.glob("*.py") if path.stem != "__init__"}


def part(module: str) -> str | None:
    return module.split(".")[1] if "." in module else None


def between_parts(imports: dict[str, set[str]]) -> Iterator[tuple[str, str]]:
    for module, others in imports.items():
        yield from ((module, other) for other in others if part(other) and part(module) and part(module) != part(other))


def test_every_part_stands_in_the_picture_once() -> None:
    assert sorted(name for names in LAYERS for name in names) == sorted(parts())


def test_every_import_goes_downwards(imports: dict[str, set[str]]) -> None:
    found = list(between_parts(imports))
    assert len(found) > 1000
    upwards = [
        f"{module} imports {other}" for module, other in found if LEVEL[str(part(module))] >= LEVEL[str(part(other))]
    ]
    assert upwards == []


def test_the_picture_is_the_contract_that_is_checked_at_every_change() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    (layers,) = [each["layers"] for each in settings["contracts"] if each.get("containers") == ["deployer"]]
    assert [set(layer.split(" | ")) for layer in layers] == LAYERS


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Imports inside functions count: they only hide a circle. What only type checkers read makes none."""
    try:
        TopologicalSorter(imported(type_checking=False)).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))
