"""Tells how often a function that is handed to another one will be called."""

from enum import Enum

from deployer.linting.javascript import (
    FUNCTIONS,
    Node,
    arguments,
    method_name,
    parameter_name,
    parameters,
    string_value,
)
from deployer.linting.javascript.asynchrony import ERROR_NAME, ITERATIONS, LISTENERS, TIMERS

_ONE_TIME_EVENTS = frozenset({"connect", "ready", "open", "secureConnect", "end", "close", "finish", "response"})
_MANY = frozenset({"setInterval", "subscribe", "use", "observe", "watch", "intercept", "retry", "whilst", "doWhilst"})


class Times(Enum):
    """`ONCE`: exactly one call is to be expected. `COVERED`: it should come, but another one may come first
    (a timer, an event). `UNKNOWN`: any number."""

    ONCE = "once"
    COVERED = "covered"
    UNKNOWN = "unknown"


def times_called(call: Node, handed: list[Node]) -> Times:
    """Return how often `call` calls the functions that it is handed (some of its arguments)."""
    name = method_name(call)
    given = arguments(call)
    if name in ITERATIONS or name in _MANY:
        return Times.UNKNOWN
    if name in LISTENERS:
        event = string_value(given[0]) if given else None
        return Times.COVERED if event in _ONE_TIME_EVENTS else Times.UNKNOWN
    if name in TIMERS:
        return Times.COVERED
    if call.type == "new_expression" and name != "Request" and not _takes_error(handed[-1]):
        return Times.UNKNOWN
    last = given[-1] if given else None
    if last is not None and last not in handed and last.type in FUNCTIONS:
        return Times.UNKNOWN  # `stream(onRow, onEnd)`: the last one is the one that is called once
    return Times.ONCE


def _takes_error(function: Node) -> bool:
    """Return whether a function literal begins with an error parameter, as Node's callbacks do."""
    if function.type not in FUNCTIONS:
        return True
    listed = parameters(function)
    name = parameter_name(listed[0]) if listed else None
    return name is not None and ERROR_NAME.search(name) is not None
