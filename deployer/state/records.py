"""Writes records as JSON, and reads them back as checked models.

What does not fit is a StateCorruptError, never a traceback, because anybody who can write to the bucket can write
anything.
"""

import json
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from deployer.state.errors import StateCorruptError

_Model = TypeVar("_Model", bound=BaseModel)


def encode(model: BaseModel) -> bytes:
    """Write a record as JSON that a person can read."""
    return model.model_dump_json(indent=1).encode() + b"\n"


def decode(
    kind: type[_Model],
    data: bytes,
    *,
    what: str,
    where: str,
    hint: str = "It was damaged, or not written by deployer.",
) -> _Model:
    """Parse a record of a kind; unknown fields are kept. Raises StateCorruptError naming `what`."""
    try:
        return kind.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        path = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise StateCorruptError(
            f"the {what} cannot be read: {path}: {first['msg'][:120]}",
            where=where,
            hint=hint,
        ) from None


def format_of(data: bytes) -> int | None:
    """Return the number in a record's `format`, None if it cannot be read as a record at all."""
    try:
        value: Any = json.loads(data)
    except (ValueError, RecursionError):
        return None
    number = value.get("format") if isinstance(value, dict) else None
    return number if isinstance(number, int) and not isinstance(number, bool) else None
