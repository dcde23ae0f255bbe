"""The registry of kinds: its order is that of creation, and nobody else has a list of kinds."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import deployer
from deployer.planning.compute import in_order
from deployer.planning.resolve import define
from deployer.project import Project
from deployer.resources import kinds
from deployer.resources.registry import KINDS, find_kinds
from tests.support.kinds import Given

FOLDER = Path(deployer.__file__).parent
# These speak of other things by the same words: endpoints, what is linted, and what tenant files say.
OTHERS = ("sandbox", "resources", "runtime", "linting", "rendering", "config", "management")
ORDER = list(KINDS)


@pytest.mark.parametrize("form", ["action", "rule"])
def test_kinds_stand_in_the_order_in_which_their_resources_are_created(given: Given, form: str) -> None:
    """So leftovers, listed the other way round, can be deleted one after the other."""
    given.define(form=form, guards="restrict-audience, backfill-metadata")
    resources = define(Project(given.project.root), "local").desired
    assert {one.kind for one in resources} >= {"connection", "client-grant", "binding", form}
    for resource in in_order(resources):
        for address in resource.depends_on:
            needed = address.partition(".")[0]
            assert ORDER.index(needed) <= ORDER.index(resource.kind)


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_is_registered_by_its_own_name(name: str) -> None:
    kind = KINDS[name]
    assert kind.name == name
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name)
    assert kind.shared or kind.deletion_note is None or not kind.deletion_note.endswith(".")


def test_a_kind_that_does_not_say_all_that_it_must_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = "from deployer.resources.kinds.base import BaseKind\n"
    (tmp_path / "half_a_kind.py").write_text(base + "class HalfKind(BaseKind):\n    name = 'half'\n")
    monkeypatch.setattr(kinds, "__path__", [*kinds.__path__, str(tmp_path)])
    with pytest.raises(TypeError, match=r"HalfKind.*defined_by"):
        list(find_kinds())
    sys.modules.pop(f"{kinds.__name__}.half_a_kind")


def collections_of_kinds(tree: ast.Module) -> Iterator[int]:
    """The lines on which a module puts two kinds or more into one list, tuple, set or dict."""
    for node in ast.walk(tree):
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            items = node.elts
        elif isinstance(node, ast.Dict):
            items = [*node.keys, *node.values]
        else:
            continue
        named = [
            item
            for item in items
            if (isinstance(item, ast.Constant) and item.value in KINDS)
            or (isinstance(item, ast.Attribute) and item.attr == "KIND")
        ]
        if len(named) > 1:
            yield node.lineno


def test_no_module_outside_resources_lists_kinds() -> None:
    found = [
        f"{path.relative_to(FOLDER)}:{line}"
        for path in FOLDER.rglob("*.py")
        if path.relative_to(FOLDER).parts[0] not in OTHERS
        for line in collections_of_kinds(ast.parse(path.read_text()))
    ]
    assert found == []
