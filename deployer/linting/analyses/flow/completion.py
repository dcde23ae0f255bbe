"""Finds the places where a script's callback is not called, or is called a second time."""

from dataclasses import dataclass

from deployer.linting.analyses.flow.branches import TooDeepError
from deployer.linting.analyses.flow.carriers import Carriers
from deployer.linting.analyses.flow.interpreter import Interpreter
from deployer.linting.analyses.memo import once_per_script
from deployer.linting.javascript import Node, Script

_MISLEADING = ("with_statement", "class_declaration", "class")


@dataclass(frozen=True, slots=True)
class Completion:
    """`missing`: functions and `return` statements where a path ends with the callback not called; `never`: the script
    does not use its callback at all. `twice`: (first call, second call) pairs on one path; the same node twice means a
    loop. All are empty where the script cannot be followed."""

    missing: tuple[Node, ...] = ()
    twice: tuple[tuple[Node, Node], ...] = ()
    never: bool = False


def completion(script: Script) -> Completion:
    """Return the completion of a script, which is followed once, however many rules ask."""
    return once_per_script(script, completion_of)


def completion_of(script: Script) -> Completion:
    """Follow a script's function, and everything that it hands its callback to."""
    function = script.function
    if function is None or script.callback is None or _misleads(script):
        return Completion()
    if not script.callback.references:
        return Completion(never=True)
    try:
        interpreter = Interpreter(Carriers(script))
        outcome = interpreter.outcome(function, "call")
    except (TooDeepError, RecursionError):
        return Completion()
    ends = {path.end or function for path in outcome.ends if path.open}
    return Completion(
        missing=tuple(sorted(ends, key=lambda node: node.start)),
        twice=tuple(
            sorted(
                ((first, second) for second, first in interpreter.second_calls.items()), key=lambda pair: pair[1].start
            )
        ),
    )


def _misleads(script: Script) -> bool:
    """Return whether the script uses what makes names or calls mean something else than they say."""
    if any(script.tree.nodes(kind) for kind in _MISLEADING) or "arguments" in script.names.globals:
        return True
    if any(function.marks and "*" in function.marks for function in script.tree.nodes("method_definition")):
        return True
    return "eval" in script.names.globals or (script.callback is not None and bool(script.callback.writes))
