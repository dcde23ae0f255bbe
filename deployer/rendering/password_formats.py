"""Reads which formats of password hashes the shipped templates can verify and write: `shared/password_formats.yaml`.

A format is an entry there and a macro in `shared/password_formats.js.j2`. Variables of a manifest offer the formats by
`choices: password-formats` and `choices: new-password-formats`.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator

from deployer.config.problems import ConfigError
from deployer.config.tree import Node, plain
from deployer.rendering.manifest_problems import StrictModel, exact_version, validation_problems

REGISTRY = "shared/password_formats.yaml"
MACROS = "shared/password_formats.js.j2"
MAX_FORMATS = 50

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_MODULE = re.compile(r"[a-z][a-z0-9]*")


class PasswordFormat(StrictModel):
    """One format. Without `new_hashes` it is only read; with `read_as` another format verifies what it writes."""

    stored_as: str = Field(min_length=1, max_length=300)
    """What stored hashes look like, in Markdown."""
    new_hashes: str | None = Field(default=None, min_length=1, max_length=300)
    """How much work a new hash is, in Markdown; None: no new hashes are written."""
    modules: dict[str, Annotated[str, BeforeValidator(exact_version)]] = Field(default_factory=dict)
    """The npm module that does the work, and a version to suggest; empty: Node's own crypto."""
    read_as: str | None = None

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if self.read_as is not None and self.new_hashes is None:
            raise ValueError("needs `new_hashes`: it could be neither read nor written")
        if any(not _MODULE.fullmatch(name) for name in self.modules):
            raise ValueError("has a module whose name is no name in JavaScript")
        return self


class _Registry(StrictModel):
    formats: dict[str, PasswordFormat] = Field(max_length=MAX_FORMATS)

    @field_validator("formats")
    @classmethod
    def _consistent(cls, formats: dict[str, PasswordFormat]) -> dict[str, PasswordFormat]:
        for name, entry in formats.items():
            if not _NAME.fullmatch(name):
                raise ValueError("has a key that is no name: lower case letters, digits and single hyphens")
            target = formats.get(entry.read_as) if entry.read_as is not None else None
            if entry.read_as is not None and (target is None or target.read_as is not None):
                raise ValueError(f"has '{name}', whose `read_as` names no format that is read")
        return formats


class PasswordFormats:
    """The registry: every format by its name, in the order in which scripts try them."""

    def __init__(self, formats: Mapping[str, PasswordFormat] | None = None) -> None:
        self.by_name = dict(formats or {})

    @property
    def choices(self) -> dict[str, tuple[str, ...]]:
        """The formats that a variable may offer, by what its `choices` says."""
        return {
            "password-formats": tuple(name for name, entry in self.by_name.items() if entry.read_as is None),
            "new-password-formats": tuple(name for name, entry in self.by_name.items() if entry.new_hashes is not None),
        }

    def for_templates(self) -> list[dict[str, Any]]:
        """List what templates see as `known_password_formats`: name, macro, modules and the format that reads it."""
        return [
            {
                "name": name,
                "macro": name.replace("-", "_"),
                "module_versions": dict(entry.modules),
                "read_as": entry.read_as or name,
            }
            for name, entry in self.by_name.items()
        ]


def make_password_formats(root: Node) -> PasswordFormats:
    """Check a parsed registry. Raises ConfigError with every mistake and its position."""
    try:
        return PasswordFormats(_Registry.model_validate(plain(root)).formats)
    except ValidationError as error:
        raise ConfigError(validation_problems(error, root, _model_of, "the registry")) from None


def _model_of(location: tuple[str | int, ...]) -> type[StrictModel]:
    return PasswordFormat if len(location) > 1 else _Registry
