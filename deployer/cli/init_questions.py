"""Asks on a terminal for what `deployer init` needs to make the files.

Each answer is looked at before the next question, and asked for again where it does not fit.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from deployer.cli.interruption import answered
from deployer.errors import DeployerError, with_hint
from deployer.text import one_line, visible

if TYPE_CHECKING:
    from deployer.rendering.manifest import Manifest, Variable
    from deployer.rendering.templates import Templates
    from deployer.scaffolding.files import NewTenant

_Answer = TypeVar("_Answer")
_ANY_DOMAIN = "example.com"


def choose(question: str, choices: Sequence[str], default: str | None = None) -> str:
    """Ask for one of the choices."""

    def read(text: str) -> str:
        if text not in choices:
            raise DeployerError("that is none of them", hint=f"Write one of: {', '.join(choices)}.")
        return text

    return _ask(question, read, default)


def ask_connection(templates: "Templates", default: str) -> str:
    """Ask for a name that Auth0 takes for a connection."""
    from deployer.scaffolding.files import ScaffoldOptions, check_options

    def read(text: str) -> str:
        check_options(ScaffoldOptions(store=None, connection=text), templates)
        return text

    return _ask("The connection's name", read, default)


def ask_tenants(templates: "Templates") -> "list[NewTenant]":
    """Ask for tenants by name and domain, until an empty line."""
    from deployer.scaffolding.files import NewTenant, ScaffoldOptions, check_options

    found: list[NewTenant] = []

    def checked(name: str, domain: str) -> NewTenant:
        tenant = NewTenant(name, domain.strip().lower())
        check_options(ScaffoldOptions(store=None, tenants=[*found, tenant]), templates)
        return tenant

    typer.echo("Your tenants besides the local one, as NAME=DOMAIN, such as dev=acme-dev.eu.auth0.com.")
    while text := answered("Tenant (an empty line ends): "):
        name, _, domain = (part.strip() for part in text.partition("="))
        try:
            checked(name, _ANY_DOMAIN)
        except DeployerError as error:
            _say(error)
            continue
        found.append(_ask(f"The domain of {name}", partial(checked, name), given=domain))
    return found


def ask_variables(manifest: "Manifest", given: Mapping[str, Any]) -> dict[str, Any]:
    """Ask for every variable of a store that has no default and was not given."""
    missing = {name: one for name, one in manifest.variables.items() if one.required and name not in given}
    return {
        name: _ask(f"{name} ({one_line(variable.description)})", _reader(name, variable))
        for name, variable in missing.items()
    }


def value_of(text: str, variable: "Variable | None", source: str) -> Any:
    """Read a variable's value from its text: as it stands where text is wanted, else as YAML does.

    Raises:
        DeployerError: for what is not YAML; `source` is where the text comes from.
    """
    from deployer.config.tree import plain
    from deployer.config.yaml_source import parse

    if variable is not None and variable.type in ("identifier", "string", "choice"):
        return text
    return plain(parse(text, source))


def _reader(name: str, variable: "Variable") -> Callable[[str], Any]:
    def read(text: str) -> Any:
        value = value_of(text, variable, name)
        if problem := variable.problem(value):
            raise DeployerError(f"'{name}' {problem}")
        return value

    return read


def _ask(question: str, read: Callable[[str], _Answer], default: str | None = None, given: str = "") -> _Answer:
    """Ask until `read` takes the answer; an empty one is the default, where there is one. `given` is the first."""
    shown = f"{question} [{default}]: " if default is not None else f"{question}: "
    while True:
        text = given or answered(shown) or default
        given = ""
        if text is None:
            continue
        try:
            return read(text)
        except DeployerError as error:
            _say(error)


def _say(error: DeployerError) -> None:
    """Say what is wrong and what to do, without the flag that nobody has used."""
    typer.echo(visible(with_hint(error.what, error.hint)))
