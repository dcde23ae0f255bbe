"""The prose of the source: docstrings begin with a verb, and messages speak with one voice.

A module's docstring begins in the third person ("Finds the concerns that ..."), a function's with an imperative ("Find
...", "Return whether ..."); properties and classes may be noun phrases. What went wrong begins lower case and has no
full stop; what to do next is whole sentences.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import deployer

ROOT = Path(deployer.__file__).parent
MODULES = sorted(path.relative_to(ROOT.parent).as_posix() for path in ROOT.rglob("*.py"))


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NO_VERBS = words(
    """
    a an the this that these those each every all any some no none both other another several one two three its it
    what whether where how which why who when
    as by for of with without in on at to from after before if while and or not
    nothing everything everybody nobody something faults text bytes names results actions errors values plans tenants
    desired imported is are was does do has have can may must there here their our own new old only
    get put post patch delete always never more most less same such true false
    """
)
"""Words that docstrings are tempted to begin with, and that are no verbs, or methods of HTTP where those are meant."""

VERBS_WITH_S = words(
    """
    access address alias assess bias bless bypass canvass compress cross discuss dismiss express focus guess harness
    miss pass possess press process suppress toss witness
    """
)
"""Imperatives that end in s."""

PLAIN_VERBS = words("delete do get patch post put")
"""Words of NO_VERBS that a function's docstring may begin with, where the function does that."""

PROPER_NAMES = (
    *(
        "Action",
        "Actions",
        "Auth0",
        "Dask",
        "GitHub",
        "GitLab",
        "JSON",
        "MariaDB",
        "Node",
        "Node.js",
        "OIDC",
        "PostgreSQL",
    ),
    *("Python", "Rule", "Rules", "YAML"),
)

_PROPERTIES = {"property", "cached_property", "setter"}


def source(module: str) -> ast.Module:
    return ast.parse((ROOT.parent / module).read_text(encoding="utf-8"))


def error_classes() -> frozenset[str]:
    """Every error that users are meant to read: their first argument is what went wrong."""
    bases = {
        node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for module in MODULES
        for node in ast.walk(source(module))
        if isinstance(node, ast.ClassDef)
    }
    found = {"DeployerError"}
    while more := {name for name, own in bases.items() if own & found} - found:
        found |= more
    return frozenset(found | {"Problem", "Mistake"})


ERRORS = error_classes()


def is_third_person(docstring: str) -> bool:
    word = first_word(docstring)
    return word[:1].isupper() and word.isalpha() and word.endswith("s") and word.lower() not in NO_VERBS


def is_imperative(docstring: str) -> bool:
    word = first_word(docstring)
    lower = word.lower()
    if not word.isalpha() or word != word.capitalize() or lower in NO_VERBS - PLAIN_VERBS:
        return False
    return not lower.endswith("s") or lower in VERBS_WITH_S


def first_word(docstring: str) -> str:
    return (docstring.split() or [""])[0].rstrip(",.:;")


def is_in_and_out(docstring: str) -> bool:
    """`A plan in, its text out`: what goes in and comes out is no account of what a module does."""
    summary = docstring.split("\n\n", maxsplit=1)[0].replace("\n", " ")
    return re.search(r"\bin[,;] .*\bout\b", summary) is not None


def is_property(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    names = (
        each.attr if isinstance(each, ast.Attribute) else getattr(each, "id", "") for each in function.decorator_list
    )
    return not _PROPERTIES.isdisjoint(names)


def ends_of(node: ast.expr) -> tuple[str, str]:
    """The literal text that a message begins and ends with; empty where that is computed."""
    match node:
        case ast.Constant(value=str(text)):
            return text, text
        case ast.JoinedStr(values=parts):
            return ends_of(parts[0])[0], ends_of(parts[-1])[1]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return ends_of(left)[0], ends_of(right)[1]
    return "", ""


def faults_of_what(node: ast.expr) -> Iterator[str]:
    begin, end = ends_of(node)
    word = (begin.split() or [""])[0]
    if begin[:1].isupper() and not word.isupper() and word.rstrip(",:").removesuffix("'s") not in PROPER_NAMES:
        yield f"what went wrong begins upper case: {begin[:60]!r}"
    if re.search(r"(?<!\.)\.\s*$", end):
        yield f"what went wrong ends with a full stop: {end[-60:]!r}"


def faults_of_hint(node: ast.expr) -> Iterator[str]:
    begin, end = ends_of(node)
    if begin[:1].islower() and not begin.startswith("did you mean"):
        yield f"what to do next begins lower case: {begin[:60]!r}"
    if end.rstrip() and end.rstrip()[-1] not in ".?`:":
        yield f"what to do next is no whole sentence: {end[-60:]!r}"


def calls_of_errors(tree: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in ERRORS:
                yield node


@pytest.mark.parametrize("module", MODULES)
def test_a_module_says_with_a_verb_what_it_does(module: str) -> None:
    docstring = ast.get_docstring(source(module))
    assert docstring, "it has no docstring"
    assert is_third_person(docstring), f"begins without a verb in the third person: {docstring.splitlines()[0]}"
    assert not is_in_and_out(docstring), f"says what goes in and comes out: {docstring.splitlines()[0]}"


@pytest.mark.parametrize("module", MODULES)
def test_a_function_says_with_a_verb_what_to_do(module: str) -> None:
    functions = [node for node in ast.walk(source(module)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    found = [
        f"{module}:{function.lineno}: {function.name}: {docstring.splitlines()[0]}"
        for function in functions
        if not is_property(function) and (docstring := ast.get_docstring(function)) and not is_imperative(docstring)
    ]
    assert found == []


@pytest.mark.parametrize("module", MODULES)
def test_messages_speak_with_one_voice(module: str) -> None:
    found = []
    for call in calls_of_errors(source(module)):
        faults = [fault for argument in call.args[:1] for fault in faults_of_what(argument)]
        faults += [fault for each in call.keywords if each.arg == "what" for fault in faults_of_what(each.value)]
        faults += [fault for each in call.keywords if each.arg == "hint" for fault in faults_of_hint(each.value)]
        found += [f"{module}:{call.lineno}: {fault}" for fault in faults]
    assert found == []


@pytest.mark.parametrize(
    ("docstring", "fits"),
    [
        ("Finds what has changed.", True),
        ("The changes of a plan.", False),
        ("Find what has changed.", False),
        ("A plan in, its text out.", False),
        ("Plans in, their texts out.", False),
        ("`plan`: shows what would change.", False),
    ],
)
def test_what_a_module_may_say(docstring: str, fits: bool) -> None:
    assert (is_third_person(docstring) and not is_in_and_out(docstring)) is fits


@pytest.mark.parametrize(
    ("docstring", "fits"),
    [
        ("Return whether it is there.", True),
        ("Process one answer.", True),
        ("Put the value back.", True),
        ("Whether it is there.", False),
        ("Returns whether it is there.", False),
        ("`1 script`, `2 scripts`.", False),
    ],
)
def test_what_a_function_may_say(docstring: str, fits: bool) -> None:
    assert is_imperative(docstring) is fits


@pytest.mark.parametrize(
    ("call", "faults"),
    [
        ('DeployerError("the file cannot be read", hint="Check its mode.")', 0),
        ('DeployerError(f"\'{name}\' is no tenant", hint=f"Name one of {names}.")', 0),
        ('DeployerError("Auth0 refused it", hint="did you mean this?")', 0),
        ('DeployerError("The file cannot be read")', 1),
        ('DeployerError(f"{name} cannot be read.")', 1),
        ('DeployerError("the file" + " is empty.", hint="fill it")', 3),
    ],
)
def test_what_a_message_may_say(call: str, faults: int) -> None:
    (found,) = calls_of_errors(ast.parse(call))
    hints = [each.value for each in found.keywords]
    assert len([*faults_of_what(found.args[0]), *(fault for hint in hints for fault in faults_of_hint(hint))]) == faults
