"""Reads the secrets behind references, the only place that does. Values are never kept in models."""

import os
import stat
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from pathlib import Path

from pydantic import BaseModel

from deployer.config.problems import ConfigError, Problem
from deployer.config.tree import SecretReference
from deployer.text import did_you_mean, one_line

PROVIDERS = "deployer.secret_providers"
"""Entry point group: a provider is a callable that takes the path after the colon and returns the secret."""

FOLDERS_VARIABLE = "DEPLOYER_SECRET_DIRS"
"""The environment variable with more folders that `!file` may read from. No file can set it."""

_MOUNTED = Path("/run/secrets")  # where container runtimes put the secrets of a container
_MAX_SECRET_BYTES = 65_536

Source = SecretReference | str


class SecretResolver:
    """Reads references. `base` is the folder that `!file` paths start from."""

    def __init__(self, base: Path, environment: Mapping[str, str] | None = None) -> None:
        self._base = base
        self._environment = os.environ if environment is None else environment

    def resolve(self, source: Source) -> str:
        """Read the value behind one reference; text that is no reference is itself.

        Raises:
            ConfigError: with the reference's position, never with a value.
        """
        if isinstance(source, str):
            return source
        match source.scheme:
            case "env":
                return self._from_environment(source)
            case "file":
                return self._from_file(source)
            case _:
                return self._from_provider(source)

    def address(self, source: Source, problem_of: Callable[[str], str | None]) -> str:
        """Read the address of a tenant behind one reference: it is printed, so that nothing else may come out of it.

        Args:
            source: text, or a reference to the environment.
            problem_of: why a text is no such address, None where it is one.

        Raises:
            ConfigError: with the reference's position, never with what was found there.
        """
        value = self.resolve(source)
        if isinstance(source, SecretReference) and (problem := problem_of(value)):
            raise ConfigError([unfit_address(source, problem)])
        return value

    def is_set(self, source: Source | None) -> bool:
        """Return whether there is something behind a reference to the environment; others are taken to be set."""
        if isinstance(source, SecretReference) and source.scheme == "env":
            return bool(self._environment.get(source.target))
        return source is not None

    def resolve_all(self, sources: Mapping[str, Source]) -> dict[str, str]:
        """Read the values of many references, or report every one that cannot be read, together."""
        values: dict[str, str] = {}
        problems: list[Problem] = []
        for key, source in sources.items():
            try:
                values[key] = self.resolve(source)
            except ConfigError as error:
                problems.extend(error.problems)
        if problems:
            raise ConfigError(problems)
        return values

    def _from_environment(self, source: SecretReference) -> str:
        value = self._environment.get(source.target)
        if value is None:
            raise _problem(source, f"the environment variable {source.target} is not set", "Set it and run this again.")
        value = without_line_end(value)
        if not value:
            raise _problem(source, f"the environment variable {source.target} is empty", "Give it a value.")
        return value

    def _from_file(self, source: SecretReference) -> str:
        name = one_line(source.target)
        try:
            path = (self._base / source.target).resolve()
            self._check_place(source, path)
            if not stat.S_ISREG(path.stat().st_mode):  # reading a pipe may never end
                raise _problem(source, f"the secret file {name} cannot be read: it is no file")
            with path.open("rb") as file:
                data = file.read(_MAX_SECRET_BYTES + 1)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "that is no path"
            raise _problem(source, f"the secret file {name} cannot be read: {why}") from None
        if len(data) > _MAX_SECRET_BYTES:
            raise _problem(source, f"the secret file {name} is larger than {_MAX_SECRET_BYTES:,} bytes")
        try:
            value = without_line_end(data.decode())
        except UnicodeDecodeError:
            raise _problem(source, f"the secret file {name} is not UTF-8 text") from None
        if not value:
            raise _problem(source, f"the secret file {name} is empty")
        return value

    def _check_place(self, source: SecretReference, path: Path) -> None:
        """Refuse a file that stands, after links are followed, where a tenant file has no business to read."""
        named = self._environment.get(FOLDERS_VARIABLE, "")
        places = [self._base, _MOUNTED, *(Path(name) for name in named.split(os.pathsep) if name)]
        if not any(path.is_relative_to(place.resolve()) for place in places if place.is_absolute()):
            raise _problem(
                source,
                f"the secret file {one_line(source.target)} is neither below the project nor below {_MOUNTED}",
                f"Move it there, or name its folder in {FOLDERS_VARIABLE} (several: with `{os.pathsep}` between them).",
            )

    def _from_provider(self, source: SecretReference) -> str:
        provider, _, path = source.target.partition(":")
        found = entry_points(group=PROVIDERS)
        if provider not in found.names:
            near = did_you_mean(provider, found.names) or f"Install a package with an entry point in {PROVIDERS}."
            raise _problem(source, f"there is no secret provider '{one_line(provider)}'", near)
        try:
            read: Callable[[str], str] = found[provider].load()
            value = read(path)
        except Exception as error:  # noqa: BLE001  foreign code: its words may hold the secret, its type does not
            raise _problem(source, f"the provider '{provider}' failed ({type(error).__name__})") from None
        text = without_line_end(value) if isinstance(value, str) else ""
        if not text:
            raise _problem(source, f"the provider '{provider}' returned no text")
        return text


def asks_providers(value: object) -> bool:
    """Return whether a reference to a provider is in a model: only those may take long to read."""
    match value:
        case SecretReference():
            return value.scheme == "secret"
        case BaseModel():
            return any(asks_providers(each) for each in value.__dict__.values())
        case Mapping():
            return any(asks_providers(each) for each in value.values())
        case list() | tuple():
            return any(asks_providers(each) for each in value)
    return False


def without_line_end(text: str) -> str:
    """Take the final line break off a secret's text, which editors and shells add and nobody means."""
    return text.removesuffix("\n").removesuffix("\r")


def unfit_address(source: SecretReference, problem: str) -> Problem:
    """Say why what a reference leads to is no address, without saying what it leads to."""
    return Problem(source.position, f"the value of `{source}` {problem}", "Set it to the tenant's address.")


def _problem(source: SecretReference, message: str, hint: str | None = None) -> ConfigError:
    return ConfigError([Problem(source.position, message, hint)])
