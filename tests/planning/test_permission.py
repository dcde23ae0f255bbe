"""What may be given to `--allow`: the codes of all concerns that the code makes, and no others."""

import ast
from pathlib import Path

import deployer
from deployer.planning.plan_checks import CODES


def codes_in(tree):
    """The code of every concern in a module: `Concern(code="x", ...)`, `WayIn(code="x", ...)` and `add("x", ...)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            given = {keyword.arg: keyword.value for keyword in node.keywords}
            named = node.func.id in ("Concern", "WayIn")
            code = given.get("code") if named else node.args[0] if node.func.id == "add" else None
            if isinstance(code, ast.Constant):
                yield code.value
            elif isinstance(code, ast.Name):
                yield from constants(tree, code.id)


def constants(tree, name):
    """The value of a constant of the module."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(one, ast.Name) and one.id == name for one in node.targets):
            yield ast.literal_eval(node.value)


def test_the_codes_are_those_of_every_concern():
    folder = Path(deployer.__file__).parent
    found = set()
    for path in folder.rglob("*.py"):
        text = path.read_text()
        if "Concern(" in text or "WayIn(" in text:
            found |= set(codes_in(ast.parse(text)))
    # Said when a plan is made, where nothing shows that it is needed.
    found |= {"rotates-secret"}
    assert found == CODES
