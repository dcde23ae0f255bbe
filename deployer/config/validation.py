"""Checks a merged and rendered tree, and reports every mistake with its position and a suggestion."""

import types
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from deployer.config.models import Tenant
from deployer.config.problems import Position, Problem
from deployer.config.tree import Node, Path, Places, plain
from deployer.text import did_you_mean, one_line

_SET_HERE = {"name": "A tenant is named by its file.", "path": None}


def validate(root: Node, name: str, path: str, problems: list[Problem]) -> Tenant | None:
    """Return the tenant, or None with what is wrong added to `problems`."""
    where = Places(root)
    data = plain(root)
    # Set here, so that a file cannot say them, and must not be thought to.
    reserved = [key for key in _SET_HERE if key in data]
    problems.extend(Problem(where.nearest(key), f"unknown key '{key}'", _SET_HERE[key]) for key in reserved)
    try:
        tenant = Tenant.model_validate({**data, "name": name, "path": path})
        return None if reserved else tenant.with_places(where)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        # Of a value that could not even be made (an expression that fails), nothing more is said.
        known = {problem.position for problem in problems}
        wrong = [details for details in found if _value_position(root, _location(details)) not in known]
        problems.extend(_problem(details, where) for details in wrong)
        return None


def _location(details: ErrorDetails) -> Path:
    key = details.get("ctx", {}).get("key")
    return (*details["loc"], key) if key else tuple(details["loc"])


def _value_position(root: Node, location: Path) -> Position | None:
    """Find where a value stands that is neither a mapping nor a list; None for others, and for what is not there."""
    node: Node | None = root
    for part in location:
        if node is not None and isinstance(node.value, list) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
        else:
            node = node.get(str(part)) if node is not None else None
    return None if node is None or isinstance(node.value, dict | list) else node.position


def _problem(details: ErrorDetails, where: Places) -> Problem:
    location = _location(details)
    position = where.nearest(*location)
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
        return str(context["text"]), context.get("hint")
    if kind == "value_error":
        return f"'{name}' {context['error']}", None
    if kind in {"model_type", "dict_type"}:
        return f"'{name}' must be a mapping (key: value)", None
    needed = {"string_type": "text", "list_type": "a list", "bool_type": "true or false", "int_type": "a whole number"}
    needed |= {"bool_parsing": "true or false", "int_parsing": "a whole number", "float_parsing": "a number"}
    needed |= {"float_type": "a number", "int_from_float": "a whole number"}
    if kind in needed:
        hint = "Put it in quotes." if kind == "string_type" else None
        return f"'{name}' must be {needed[kind]}", hint
    return f"'{name}': {details['msg'][:1].lower()}{details['msg'][1:]}", None


def _known_keys(location: Path) -> list[str]:
    """List the keys that the model at this place knows."""
    current: Any = Tenant
    for part in location:
        current = _plain_type(current)
        if _is_model(current):
            named = (field for name, field in current.model_fields.items() if (field.alias or name) == part)
            current = next((field.annotation for field in named), None)
        elif get_origin(current) in (dict, list):
            current = get_args(current)[-1]
        else:
            return []
    current = _plain_type(current)
    hidden = _SET_HERE.keys() if current is Tenant else frozenset()
    names = [field.alias or name for name, field in current.model_fields.items()] if _is_model(current) else []
    return [name for name in names if name not in hidden]


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _plain_type(annotation: Any) -> Any:
    """Return the type inside `X | None` or `Annotated[X, ...]`."""
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        return next((_plain_type(a) for a in get_args(annotation) if a is not type(None)), None)
    return _plain_type(get_args(annotation)[0]) if origin is Annotated else annotation
