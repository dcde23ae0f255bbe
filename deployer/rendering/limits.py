"""Counts the work that a template does, and stops it as soon as it does too much.

Every rendering has one `Budget`: steps (loop turns, calls, includes) and characters (text made or read).
Both are counts, not seconds, so that the same template gives the same answer on a fast and on a slow machine. They are
far above what a script needs (a script may have 100 kB) and far below what hurts: under a second and some 100 MB.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import islice
from typing import Any

from jinja2 import TemplateRuntimeError
from markupsafe import Markup

MAX_STEPS = 40_000
MAX_CHARACTERS = 10_000_000
MAX_TEXT = 250_000
MAX_ITEMS = 20_000
MAX_OUTPUT = 250_000
MAX_INTEGER_BITS = 256

_AT_ONCE = 32  # pieces of output between two looks at their size


_LEAVES = frozenset({str, int, bool, float, type(None)})  # most of what there is, told apart without a question
_SIZED = (str, list, tuple, dict, Mapping)


class TemplateLimitError(TemplateRuntimeError):
    """The template does more work, or makes more text, than any script needs."""


@dataclass(slots=True)
class Budget:
    """What is left for one rendering."""

    steps: int = MAX_STEPS
    characters: int = MAX_CHARACTERS


_current: ContextVar[Budget | None] = ContextVar("template_budget", default=None)


@contextmanager
def budgeted() -> Iterator[Budget]:
    """Give a new budget to everything that is rendered inside."""
    budget = Budget()
    token = _current.set(budget)
    try:
        yield budget
    finally:
        _current.reset(token)


def spend(steps: int = 0, characters: int = 0) -> None:
    """Take from the current rendering's budget. Raises `TemplateLimitError` when it is used up."""
    budget = _current.get()
    if budget is None:
        raise TemplateLimitError("templates are rendered with Template.render only")
    budget.steps -= steps
    budget.characters -= characters
    if budget.steps < 0:
        raise TemplateLimitError(f"the template takes more than {MAX_STEPS:,} steps")
    if budget.characters < 0:
        raise TemplateLimitError(f"the template works through more than {MAX_CHARACTERS:,} characters")


def counted(items: Iterable[Any]) -> Iterator[Any]:
    """Yield the same items, one step each: loop filters run before the loop's body does."""
    for item in items:
        spend(1)
        yield item


def read(value: Any, steps: int = 0) -> Any:
    """Charge a value's size and return it: comparing and searching cost what they read."""
    if isinstance(value, _SIZED):
        spend(steps, len(value))
    elif steps:
        spend(steps)
    return value


def made(value: Any) -> Any:
    """Charge a value as something new and return it. Raises `TemplateLimitError` for what is too large to keep."""
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise TemplateLimitError(f"the template makes a text of more than {MAX_TEXT:,} characters")
        spend(characters=len(value))
    elif isinstance(value, bool):
        return value
    elif isinstance(value, int):
        if value.bit_length() > MAX_INTEGER_BITS:
            raise TemplateLimitError("the template computes with a number that is too large")
    elif isinstance(value, list | tuple | Mapping):
        spend(characters=count_items(value))
    return value


def count_items(value: Any) -> int:
    """Count the items in a value, nested ones included. Raises `TemplateLimitError` over `MAX_ITEMS`.

    A list that holds the same list twice counts it twice: comparing or printing it takes that long.
    """
    count, queue = 0, [value]
    while queue:
        item = queue.pop()
        if isinstance(item, Mapping):
            children = [*item.keys(), *item.values()]
        elif isinstance(item, list | tuple | set | frozenset):
            children = list(item)
        else:
            continue
        count += len(children)
        if count > MAX_ITEMS:
            raise TemplateLimitError(f"the template makes a list or map of more than {MAX_ITEMS:,} items")
        queue.extend(child for child in children if type(child) not in _LEAVES)
    return count


def concat(parts: Iterable[str]) -> str:
    """Join parts as `"".join(parts)` does, and stop as soon as they grow too large."""
    texts: list[str] = []
    length = 0
    rest = iter(parts)
    while some := list(islice(rest, _AT_ONCE)):
        length += sum(map(len, some))
        if length > MAX_OUTPUT:
            raise TemplateLimitError(f"the template makes more than {MAX_OUTPUT:,} characters of output")
        texts += some
    spend(1, length)
    return "".join(texts)


def binary(operator: str, left: Any, right: Any) -> Any:
    """Compute with numbers; `+` also takes texts and lists, `*` also a text and a number.

    Text is code (Markup) only if both sides are. Raises `TemplateLimitError` for what could explode.
    """
    if isinstance(left, int | float) and isinstance(right, int | float):
        return made(_arithmetic(operator, left, right))
    if operator == "+" and isinstance(left, str) and isinstance(right, str):
        both = isinstance(left, Markup) and isinstance(right, Markup)
        text = made(str.__add__(left, right))
        return Markup(text) if both else text  # noqa: S704 - only what the template itself wrote
    if operator == "+" and isinstance(left, list) and isinstance(right, list):
        return made([*left, *right])
    if operator == "*" and isinstance(left, str) and isinstance(right, int):
        if len(left) * right > MAX_TEXT:
            raise TemplateLimitError(f"the template makes a text of more than {MAX_TEXT:,} characters")
        return made(left * right)
    raise TemplateRuntimeError(f"'{operator}' does not work on {type(left).__name__} and {type(right).__name__} here")


def _arithmetic(operator: str, left: float, right: float) -> float:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return left / right
        case "//":
            return left // right
        case "%":
            return left % right
    raise TemplateRuntimeError(f"the operator '{operator}' is not available in templates")
