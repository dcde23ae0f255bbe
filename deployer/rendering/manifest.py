"""Checks what a family's `template.yaml` says: its variables, scripts, modules and configuration.

`Manifest.values` turns what a tenant file gives for the variables into what the templates see.
"""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationError, ValidationInfo, field_validator, model_validator

from deployer.config.problems import ConfigError
from deployer.config.tree import Marker, Node, plain
from deployer.errors import DeployerError
from deployer.rendering.filters import identifier_problem
from deployer.rendering.manifest_problems import StrictModel, exact_version, validation_problems
from deployer.scripts import SCRIPT_KINDS
from deployer.text import did_you_mean, one_line

VariableType = Literal["identifier", "string", "integer", "number", "boolean", "choice", "list", "map", "conditions"]

MAX_TEXT = 2_000
MAX_ENTRIES = 200
MAX_CONDITIONS = 20

# What the templates see besides the variables; a variable of that name would hide it.
RESERVED_NAMES = frozenset(
    {"variables", "connection", "tenant", "script", "loop", "caller", "self", "range", "dict"}
    | {"known_password_formats"}
)

_CONDITION_FORMS = ("is", "in", "not", "null", "before_now")
_VARIABLE_NAME = re.compile(r"[a-z][a-z0-9_]*")
_CONFIGURATION_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MODULE_NAME = re.compile(r"(@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*")


class Variable(StrictModel):
    """One variable of a store's templates.

    Without `default` it is required. With `default: null`, or `optional: true`, it may be null.
    """

    type: VariableType
    default: Any = None
    optional: bool = False
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    keys: Literal["identifier", "string"] = "string"
    items: Literal["identifier", "string"] = "string"
    description: str = Field(min_length=1)

    @property
    def required(self) -> bool:
        """True if a tenant file has to give it."""
        return "default" not in self.model_fields_set

    @property
    def nullable(self) -> bool:
        """True if it may be null, which the templates see as none."""
        return self.optional or (not self.required and self.default is None)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if bool(self.choices) != (self.type == "choice") and self.type != "list":
            raise ValueError("`choices` belongs to the type choice (or list), which needs it")
        if not self.required and self.default is not None and (problem := self.problem(self.default)):
            raise ValueError(f"`default` {problem}")
        return self

    def problem(self, value: Any) -> str | None:
        """Say why a value does not fit, without the value (it may be a secret in the wrong place); None if it does."""
        if value is None:
            return None if self.nullable else "must not be empty"
        match self.type:
            case "identifier":
                return _identifier(value)
            case "string":
                return _string(value)
            case "boolean":
                return None if isinstance(value, bool) else "must be true or false"
            case "integer" | "number":
                return self._number(value)
            case "choice":
                return self._choice(value)
            case "list":
                return self._list(value)
            case "map":
                return self._map(value)
            case "conditions":
                return _conditions(value)

    def _number(self, value: Any) -> str | None:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return "must be a number"
        if self.type == "integer" and not isinstance(value, int):
            return "must be a whole number"
        if self.minimum is not None and not value >= self.minimum:
            return f"must be at least {self.minimum:g}"
        if self.maximum is not None and not value <= self.maximum:
            return f"must be at most {self.maximum:g}"
        return None

    def _choice(self, value: Any) -> str | None:
        if isinstance(value, str) and value in self.choices:
            return None
        return f"must be one of {', '.join(self.choices)}"

    def _list(self, value: Any) -> str | None:
        if not isinstance(value, list):
            return "must be a list"
        if len(value) > MAX_ENTRIES:
            return f"has more than {MAX_ENTRIES} items"
        if self.choices:
            return next((f"may hold {', '.join(self.choices)} only" for item in value if self._choice(item)), None)
        return next((f"has an item that {problem}" for item in value if (problem := self._item(item))), None)

    def _map(self, value: Any) -> str | None:
        if not isinstance(value, dict):
            return "must be a mapping (key: value)"
        if len(value) > MAX_ENTRIES:
            return f"has more than {MAX_ENTRIES} keys"
        if any(_string(key) or not key for key in value):
            return "has a key that is no plain text"
        if self.keys == "identifier" and (problem := next(filter(None, map(_identifier, value)), None)):
            return f"has a key that {problem}"
        return next(
            (
                f"has at '{one_line(key, 60)}' a value that {problem}"
                for key, item in value.items()
                if (problem := self._item(item))
            ),
            None,
        )

    def _item(self, value: Any) -> str | None:
        return _identifier(value) if self.items == "identifier" else _string(value)


class VariablesError(DeployerError):
    """What is wrong with the variables that were given: `problems` maps each variable to what is wrong and a hint."""

    def __init__(self, store: str, problems: Mapping[str, tuple[str, str | None]]) -> None:
        self.problems = dict(problems)
        texts = [f"{message}{', ' + hint if hint else ''}" for message, hint in problems.values()]
        super().__init__("; ".join(texts), where=f"variables of store '{store}'")


class Manifest(StrictModel):
    """What a store's templates need and can do. Without `header`, its scripts are sent exactly as they are rendered."""

    description: str = Field(min_length=1, max_length=200)
    variables: dict[str, Variable] = Field(default_factory=dict)
    configuration: dict[str, str] = Field(default_factory=dict)
    modules: dict[str, Annotated[str, BeforeValidator(exact_version)]] = Field(default_factory=dict)
    scripts: tuple[str, ...] = Field(min_length=1)
    direct_database: bool = False
    usernames: bool = False
    header: bool = True

    @field_validator("variables", "configuration", "modules")
    @classmethod
    def _names(cls, value: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        shape = {"variables": _VARIABLE_NAME, "configuration": _CONFIGURATION_KEY, "modules": _MODULE_NAME}
        for name in value:
            if not shape[str(info.field_name)].fullmatch(name):
                raise ValueError(f"has the key '{one_line(name, 60)}', which is not a name")
            if info.field_name == "variables" and name in RESERVED_NAMES:
                raise ValueError(f"has the key '{name}', which the templates use for something else")
        return value

    @field_validator("scripts")
    @classmethod
    def _known_scripts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if name not in SCRIPT_KINDS:
                near = did_you_mean(name, SCRIPT_KINDS)
                raise ValueError(
                    f"names '{one_line(name, 60)}', which is no kind of script{', ' + near if near else ''}"
                )
        if len(set(value)) != len(value):
            raise ValueError("names a script twice")
        return value

    def values(self, given: Mapping[str, Any], *, store: str) -> dict[str, Any]:
        """Give every variable its value or its default, in the manifest's order.

        Raises VariablesError with everything that is wrong: unknown names, wrong types, what is missing. A marker
        stands for a value whose mistake is known already.
        """
        problems = dict(self._problems(given))
        if problems:
            raise VariablesError(store, problems)
        return {name: given.get(name, variable.default) for name, variable in self.variables.items()}

    def _problems(self, given: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, str | None]]]:
        for name, value in given.items():
            if isinstance(value, Marker):
                continue
            if name not in self.variables:
                shown = one_line(str(name), 60)
                near = did_you_mean(str(name), self.variables)
                yield name, (f"unknown variable '{shown}'", near or f"known are {', '.join(self.variables) or 'none'}")
            elif problem := self.variables[name].problem(value):
                yield name, (f"'{name}' {problem}", None)
        for name, variable in self.variables.items():
            if variable.required and name not in given:
                yield name, (f"'{name}' is missing ({variable.description})", None)


def make_manifest(root: Node, choices: Mapping[str, tuple[str, ...]]) -> Manifest:
    """Check a manifest as it was parsed and merged over those that it extends.

    Args:
        root: what the manifest says.
        choices: what a variable may offer by a name under `choices`, such as `password-formats`.

    Raises:
        ConfigError: every mistake and its position.
    """
    try:
        return Manifest.model_validate(_with_choices(plain(root), choices))
    except ValidationError as error:
        raise ConfigError(validation_problems(error, root, _model_of, "the manifest")) from None


def _with_choices(values: Any, choices: Mapping[str, tuple[str, ...]]) -> Any:
    """Put what a variable offers by a name in the place of the name; everything else is left to the validation."""
    variables = values.get("variables") if isinstance(values, dict) else None
    if not isinstance(variables, dict):
        return values
    found = {
        name: {**variable, "choices": list(choices[variable["choices"]])}
        for name, variable in variables.items()
        if isinstance(variable, dict) and isinstance(variable.get("choices"), str) and variable["choices"] in choices
    }
    return {**values, "variables": {**variables, **found}}


def _model_of(location: tuple[str | int, ...]) -> type[StrictModel]:
    return Variable if location[0] == "variables" else Manifest


def _identifier(value: Any) -> str | None:
    problem = identifier_problem(value)
    return f"must be the name of a table or column: {problem}" if problem else None


def _conditions(value: Any) -> str | None:
    """Check conditions on columns, in closed forms: nothing of them gets into a query but the column's quoted name."""
    if not isinstance(value, list):
        return "must be a list of conditions ({column: ..., is: ...})"
    if len(value) > MAX_CONDITIONS:
        return f"has more than {MAX_CONDITIONS} conditions"
    return next((f"has a condition that {problem}" for item in value if (problem := _condition(item))), None)


def _condition(value: Any) -> str | None:
    forms = [key for key in value if key != "column"] if isinstance(value, dict) else []
    if not isinstance(value, dict) or "column" not in value or len(forms) != 1 or forms[0] not in _CONDITION_FORMS:
        return f"must name a `column` and one of {', '.join(_CONDITION_FORMS)}"
    form, expected = forms[0], value[forms[0]]
    if problem := _identifier(value["column"]):
        return problem
    if form in ("null", "before_now"):
        return None if isinstance(expected, bool) else f"must have true or false for `{form}`"
    if form == "in":
        if not isinstance(expected, list) or not expected or not all(map(_is_plain, expected)):
            return "must have a list of texts or whole numbers for `in`"
        return None
    return None if _is_plain(expected) else f"must have a text, a whole number, true or false for `{form}`"


def _is_plain(value: Any) -> bool:
    return isinstance(value, bool | int) or (isinstance(value, str) and len(value) <= MAX_TEXT)


def _string(value: Any) -> str | None:
    if not isinstance(value, str):
        return "must be text (put it in quotes)"
    return f"is longer than {MAX_TEXT:,} characters" if len(value) > MAX_TEXT else None
