"""Checks payloads against schemas, and words what is wrong as Auth0 does.

The wording is that of the JSON schema validator in front of the Management API, as seen in its answers, such as
`Payload validation error: 'Missing required property: name'.`
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


class Invalid(Exception):  # noqa: N818 - reads as what it says
    """What is wrong, and on which property (a dotted path, empty for the whole payload)."""

    def __init__(self, problem: str, where: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.where = where

    def message(self, subject: str = "Payload") -> str:
        """Build the sentence that the API answers with."""
        place = f" on property {self.where}" if self.where else ""
        return f"{subject} validation error: '{self.problem}'{place}."


class Schema(Protocol):
    """Anything that checks a value."""

    def check(self, value: Any, where: str = "") -> None:
        """Raise Invalid unless the value fits."""


def type_name(value: Any) -> str:
    """Return JSON's name for a value's type."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    return "array" if isinstance(value, list) else "object"


def expect(value: Any, expected: str, where: str) -> None:
    """Raise Invalid unless the value has the type."""
    found = type_name(value)
    if found != expected and not (expected == "number" and found == "integer"):
        raise Invalid(f"Expected type {expected} but found type {found}", where)


def _matches(pattern: str, text: str) -> bool:
    """Search as JavaScript does, where `$` is the very end and not before a last line break."""
    return re.search(pattern[:-1] + r"\Z" if pattern.endswith("$") else pattern, text) is not None


@dataclass(frozen=True, slots=True)
class String:
    """A string of `min` to `max` characters."""

    min: int = 0
    max: int | None = None
    pattern: str | None = None
    enum: tuple[str, ...] | None = None

    def check(self, value: Any, where: str = "") -> None:
        """Raise Invalid unless the value fits."""
        expect(value, "string", where)
        if len(value) < self.min:
            raise Invalid(f"String is too short ({len(value)} chars), minimum {self.min}", where)
        if self.max is not None and len(value) > self.max:
            raise Invalid(f"String is too long ({len(value)} chars), maximum {self.max}", where)
        if self.pattern is not None and not _matches(self.pattern, value):
            raise Invalid(f"String does not match pattern {self.pattern}: {json.dumps(value)[:200]}", where)
        if self.enum is not None and value not in self.enum:
            raise Invalid(f"No enum match for: {json.dumps(value)[:200]}", where)


@dataclass(frozen=True, slots=True)
class Number:
    """An integer, or any number, between two bounds."""

    min: float | None = None
    max: float | None = None
    integer: bool = True

    def check(self, value: Any, where: str = "") -> None:
        """Raise Invalid unless the value fits."""
        if self.integer and isinstance(value, float) and value.is_integer():
            value = int(value)
        expect(value, "integer" if self.integer else "number", where)
        if self.min is not None and value < self.min:
            raise Invalid(f"Value {value} is less than minimum {self.min}", where)
        if self.max is not None and value > self.max:
            raise Invalid(f"Value {value} is greater than maximum {self.max}", where)


@dataclass(frozen=True, slots=True)
class Boolean:
    """True or false."""

    def check(self, value: Any, where: str = "") -> None:
        """Raise Invalid unless the value fits."""
        expect(value, "boolean", where)


@dataclass(frozen=True, slots=True)
class Anything:
    """Any JSON value."""

    def check(self, value: Any, where: str = "") -> None:
        """Accept it."""


@dataclass(frozen=True, slots=True)
class Nullable:
    """The schema's values, or null."""

    schema: Schema

    def check(self, value: Any, where: str = "") -> None:
        """Raise Invalid unless the value fits."""
        if value is not None:
            self.schema.check(value, where)


@dataclass(frozen=True, slots=True)
class Array:
    """A list of items that fit one schema."""

    item: Schema = field(default_factory=Anything)
    min: int = 0
    max: int | None = None
    unique: bool = False

    def check(self, value: Any, where: str = "") -> None:
        """Raise Invalid unless the value fits."""
        expect(value, "array", where)
        if len(value) < self.min:
            raise Invalid(f"Array is too short ({len(value)}), minimum {self.min}", where)
        if self.max is not None and len(value) > self.max:
            raise Invalid(f"Array is too long ({len(value)}), maximum {self.max}", where)
        for index, item in enumerate(value):
            self.item.check(item, f"{where}[{index}]")
        if self.unique:
            seen: dict[str, int] = {}
            for index, item in enumerate(value):
                first = seen.setdefault(json.dumps(item, sort_keys=True), index)
                if first != index:
                    raise Invalid(f"Array items are not unique (indices {first} and {index})", where)


@dataclass(frozen=True, slots=True)
class Object:
    """A map with named fields. `extra` says what other fields may hold; None allows no others."""

    fields: Mapping[str, Schema] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    extra: Schema | None = None
    max: int | None = None
    min: int = 0
    names: Schema | None = None

    def check(self, value: Any, where: str = "") -> None:
        """Raise Invalid unless the value fits."""
        expect(value, "object", where)
        missing = [name for name in self.required if name not in value]
        if missing:
            raise Invalid(f"Missing required property: {missing[0]}", where)
        unknown = [name for name in value if name not in self.fields]
        if unknown and self.extra is None:
            raise Invalid(f"Additional properties not allowed: {','.join(unknown)}", where)
        if len(value) < self.min:
            raise Invalid(f"Too few properties defined ({len(value)}), minimum {self.min}", where)
        if self.max is not None and len(value) > self.max:
            raise Invalid(f"Too many properties defined ({len(value)}), maximum {self.max}", where)
        for name, item in value.items():
            place = f"{where}.{name}" if where else name
            if self.names is not None:
                self.names.check(name, place)
            schema = self.fields.get(name, self.extra)
            if schema is not None:
                schema.check(item, place)
