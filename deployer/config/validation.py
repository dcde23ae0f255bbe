"""A merged, rendered tree in, a `Tenant` out, or every mistake with its position and a suggestion."""

import types
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from deployer.config.models import Tenant
from deployer.config.problems import Position, Problem
from deployer.config.tree import Node, Path, plain, positions
from deployer.text import did_you_mean, one_line


def validate(root: Node, name: str, path: str, problems: list[Problem]) -> Tenant | None:
    """The tenant, or None with what is wrong added to `problems`."""
    where = dict(positions(root))
    data = plain(root)
    try:
        return Tenant.model_validate({**data, "name": name, "path": path})
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        problems.extend(_problem(details, where, root.position) for details in found)
        return None


def _problem(details: ErrorDetails, where: dict[Path, Position], top: Position) -> Problem:
    location: Path = tuple(details["loc"])
    if key := details.get("ctx", {}).get("key"):
        location = (*location, key)
    position = top
    for length in range(len(location), 0, -1):
        if location[:length] in where:
            position = where[location[:length]]
            break
    name = one_line(".".join(str(part) for part in location if part != "[key]"))
    message, hint = _message(details, name, location)
    return Problem(position, message, hint)


def _message(details: ErrorDetails, name: str, location: Path) -> tuple[str, str | None]:
    kind, context = details["type"], details.get("ctx", {})
    if kind == "extra_forbidden":
        near = did_you_mean(str(location[-1]), _known_keys(location[:-1]))
        return f"unknown key '{one_line(str(location[-1]))}'", near
    if kind == "missing":
        return f"the key '{location[-1]}' is missing", None
    if kind == "literal_error":
        return f"'{name}' must be {context.get('expected', 'another value')}", None
    if kind == "key":
        return str(context["text"]), None
    if kind == "value_error":
        return f"'{name}' {context['error']}", None
    if kind in {"model_type", "dict_type"}:
        return f"'{name}' must be a mapping (key: value)", None
    wanted = {"string_type": "text", "list_type": "a list", "bool_type": "true or false", "int_type": "a whole number"}
    if kind in wanted:
        hint = "Put it in quotes." if kind == "string_type" else None
        return f"'{name}' must be {wanted[kind]}", hint
    return f"'{name}': {details['msg'][:1].lower()}{details['msg'][1:]}", None


def _known_keys(location: Path) -> list[str]:
    """The keys that the model at this place knows."""
    current: Any = Tenant
    for part in location:
        if isinstance(current, type) and issubclass(current, BaseModel):
            field = current.model_fields.get(str(part))
            current = _inner(field.annotation) if field else None
        else:
            current = _inner(current)
    if isinstance(current, type) and issubclass(current, BaseModel):
        return [key for key in current.model_fields if key not in ("name", "path") or current is not Tenant]
    return []


def _inner(annotation: Any) -> Any:
    """The model inside `X | None`, `dict[str, X]`, `list[X]` or `Annotated[X, ...]`."""
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        return next((_inner(a) for a in get_args(annotation) if a is not type(None)), None)
    if origin is Annotated:
        return _inner(get_args(annotation)[0])
    if origin is dict:
        value = get_args(annotation)[1]
        return value if isinstance(value, type) else _inner(value)
    if origin is list:
        return get_args(annotation)[0]
    return annotation
