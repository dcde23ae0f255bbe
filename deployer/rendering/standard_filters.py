"""Wraps the filters of Jinja that templates may use: they are measured, and keep values and code apart."""

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any

from jinja2 import TemplateRuntimeError
from jinja2.runtime import Undefined
from markupsafe import Markup

from deployer.rendering import limits

# Left out: what makes text of any size from a number (center, format, wordwrap, slice, batch), what is for HTML
# (escape, safe, urlize, tojson ...), what differs from run to run (random), and what reaches attributes (attr).
_KEPT = frozenset(
    {"abs", "capitalize", "count", "d", "default", "dictsort", "first", "float", "groupby", "int", "items", "last"}
    | {"length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "reverse", "select", "selectattr"}
    | {"sort", "string", "title", "trim", "truncate", "unique", "upper", "wordcount"}
)


def bounded(standard: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """Wrap the filters that are kept, by name."""
    kept = {name: _measured(standard[name]) for name in _KEPT}
    return {**kept, "join": join, "replace": replace, "indent": indent}


def join(values: Iterable[Any], separator: str = "", attribute: str | None = None) -> str:
    """Join the values with the separator between them: code if all of it is code, else a value."""
    if isinstance(values, Undefined):
        str(values)
    parts = [item[attribute] if attribute is not None else item for item in limits.counted(values)]
    for part in parts:
        if isinstance(part, bool) or not isinstance(part, str | int | float):
            raise TemplateRuntimeError(f"join: {type(part).__name__} cannot be joined: quote it with the filter js")
    texts = [str(part) for part in parts]
    size = sum(len(text) for text in texts) + len(separator) * max(0, len(texts) - 1)
    if size > limits.MAX_TEXT:
        raise limits.TemplateLimitError(f"join: more than {limits.MAX_TEXT:,} characters")
    is_code = all(isinstance(part, Markup | int) for part in (*parts, separator))
    return _text(str(separator).join(texts), is_code=is_code)


def replace(text: str, old: str, new: str) -> str:
    """Replace as `str.replace` does, measured before it is done."""
    plain, sought, put = str(text), str(old), str(new)
    limits.read(plain)
    if len(plain) + plain.count(sought) * len(put) > limits.MAX_TEXT:
        raise limits.TemplateLimitError(f"replace: more than {limits.MAX_TEXT:,} characters")
    return _text(plain.replace(sought, put), is_code=isinstance(text, Markup) and isinstance(new, Markup))


def indent(text: str, width: int = 4, first: bool = False, blank: bool = False) -> str:
    """Move every line but the first (and, unless asked for, the empty ones) right by `width` spaces."""
    if not 0 <= width <= 40:
        raise TemplateRuntimeError("indent: the width is between 0 and 40")
    lines = str(text).split("\n")
    limits.spend(characters=len(lines) * width)
    moved = [
        line if (number == 0 and not first) or (not line and not blank) else " " * width + line
        for number, line in enumerate(lines)
    ]
    return _text("\n".join(moved), is_code=isinstance(text, Markup))


def _text(text: str, *, is_code: bool) -> str:
    limits.made(text)
    return Markup(text) if is_code else text  # noqa: S704 - only what was code before


def _measured(function: Callable[..., Any]) -> Callable[..., Any]:
    """Charge a filter's input and output; a text that it makes from a value stays a value."""
    passes = 1 if hasattr(function, "jinja_pass_arg") else 0

    @wraps(function)
    def measured(*args: Any, **kwargs: Any) -> Any:
        given = args[passes:]
        limits.spend(steps=1)
        for value in given[:1]:
            limits.read(value)
        result = limits.made(function(*args, **kwargs))
        texts = [value for value in (*given, *kwargs.values()) if isinstance(value, str)]
        if isinstance(result, Markup) and texts and not all(isinstance(text, Markup) for text in texts):
            return result if any(result is text for text in texts) else str(result)
        return result

    return measured
