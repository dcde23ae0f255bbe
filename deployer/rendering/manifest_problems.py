"""Validates the YAML files of templates strictly and says where in them each mistake stands."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from deployer.config.problems import Position, Problem
from deployer.config.tree import Node, positions
from deployer.text import did_you_mean, one_line

Location = tuple[str | int, ...]

_VERSION = re.compile(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?")


class StrictModel(BaseModel):
    """A part of such a file: no unknown keys, no changes, and no values in messages."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def exact_version(value: Any) -> Any:
    """Accept one exact version of an npm module. Raises ValueError for ranges and for numbers without quotes."""
    if not isinstance(value, str) or not _VERSION.fullmatch(value):
        raise ValueError("must be one exact version in quotes, such as '8.16.3'")
    return value


def validation_problems(
    error: ValidationError, root: Node, model_of: Callable[[Location], type[StrictModel]], whole: str
) -> Iterator[Problem]:
    """Turn what pydantic says into problems with their positions.

    Args:
        error: what pydantic found.
        root: the tree that was validated.
        model_of: the model that holds a location, for the keys that it knows.
        whole: what to call the file where it is wrong as a whole.
    """
    where = dict(positions(root))
    for details in error.errors(include_url=False, include_input=False):
        location = tuple(details["loc"])
        name = one_line(".".join(str(part) for part in location)) or whole
        if details["type"] == "extra_forbidden":
            near = did_you_mean(str(location[-1]), model_of(location).model_fields)
            yield Problem(_nearest(location, where, root), f"unknown key '{one_line(str(location[-1]))}'", near)
        elif details["type"] == "missing":
            yield Problem(_nearest(location, where, root), f"the key '{name}' is missing")
        elif details["type"] == "value_error":
            yield Problem(_nearest(location, where, root), f"'{name}' {details['ctx']['error']}")
        else:
            text = details["msg"]
            yield Problem(_nearest(location, where, root), f"'{name}': {text[:1].lower()}{text[1:]}")


def _nearest(location: Location, where: Mapping[Location, Position], root: Node) -> Position:
    for length in range(len(location), 0, -1):
        if location[:length] in where:
            return where[location[:length]]
    return root.position
