"""Gives every command what they share: options, the project, the context of an operation, and the way out."""

import logging
import signal
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

from deployer.cli.completion import complete_tenants
from deployer.errors import ExitCode
from deployer.reporting.plan import PlanFormat

if TYPE_CHECKING:
    from deployer.operations.context import Context
    from deployer.operations.observer import Observer
    from deployer.project import Project

_Result = TypeVar("_Result")

_TENANT_HELP = "A tenant: the name of a file in tenants/."
TenantName = Annotated[str, typer.Argument(metavar="TENANT", help=_TENANT_HELP, autocompletion=complete_tenants)]
OptionalTenant = Annotated[
    str | None, typer.Argument(metavar="TENANT", help=_TENANT_HELP, autocompletion=complete_tenants)
]
Every = Annotated[bool, typer.Option("--all", help="Every tenant.")]
Tenants = Annotated[list[str] | None, typer.Option("--tenant", metavar="GLOB", help="Tenants by name, such as 'eu-*'.")]
Tags = Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help="Tenants with this tag.")]
Engine = Annotated[
    str | None, typer.Option(metavar="URL", help="Run many tenants on a Dask cluster: dask://HOST:PORT.")
]
Canary = Annotated[int, typer.Option(min=0, help="So many tenants first; the others only if they succeed.")]
Batch = Annotated[int, typer.Option(min=0, help="At most so many tenants at once.")]
MaxFailures = Annotated[int | None, typer.Option(min=0, help="Begin no further tenant after more failures.")]
NoLint = Annotated[bool, typer.Option("--no-lint", help="Go on in spite of lint errors.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

Target = Annotated[list[str] | None, typer.Option(metavar="ADDRESS", help="Only this resource and what it depends on.")]
Allow = Annotated[list[str] | None, typer.Option(metavar="CODE:ADDRESS", help="Accept a change that must be named.")]
WithoutSecrets = Annotated[
    bool,
    typer.Option(
        "--without-secrets",
        help="Read no secrets but the credentials, and the secrets_key where it is set; an apply compares them.",
    ),
]
PlanOnly = Annotated[bool, typer.Option("--plan", help="Only show what would change.")]
Out = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Save the plan, to be applied exactly; apply nothing. Of many tenants, a folder for plans."
    ),
]
Reports = Annotated[
    list[Path] | None,
    typer.Option(
        "--report", metavar="FILE", dir_okay=False, help="Write the whole plan for people too: .txt, .md, .html, .json."
    ),
]
BreakGlass = Annotated[str | None, typer.Option(metavar="REASON", help="Go past promote_from; the reason is recorded.")]


Form = Annotated[PlanFormat, typer.Option("--format", help="How to show a plan that is not applied.")]


@dataclass(frozen=True, slots=True)
class Presentation:
    """How a plan and what becomes of it are shown.

    `plan_only`: it is shown as `form`, saved to `out` where that is given, written for people into `reports`, and not
    applied. `approved`: nobody is asked.
    """

    as_json: bool = False
    plan_only: bool = False
    form: PlanFormat = PlanFormat.TEXT
    out: Path | None = None
    reports: tuple[Path, ...] = ()
    approved: bool = False

    @property
    def plan_form(self) -> str:
        """The format of a plan that is not applied."""
        return "json" if self.as_json else self.form.value


@dataclass(slots=True)
class Settings:
    """The options that every command takes."""

    root: Path = field(default_factory=Path)
    verbosity: int = 0
    token_cache: bool = True
    without_secrets: bool = False


SETTINGS = Settings()
"""Of this process: a command line is read once."""


def configure(root: Path | None, verbosity: int, *, token_cache: bool) -> None:
    """Take the shared options. `-vv` shows every request (method, path, status, time), never a secret."""
    SETTINGS.root = root or Path()
    SETTINGS.verbosity = verbosity
    SETTINGS.token_cache = token_cache
    SETTINGS.without_secrets = False
    if verbosity:
        logging.basicConfig(format="%(name)s: %(message)s")
        logging.getLogger("deployer").setLevel(logging.INFO if verbosity == 1 else logging.DEBUG)


def project() -> "Project":
    """Open the project in the folder that `--chdir` names."""
    from deployer.project import Project

    return Project(SETTINGS.root, without_secrets=SETTINGS.without_secrets)


def place(path: Path) -> Path:
    """Return where a path of the command line leads: from the folder that `--chdir` names."""
    return SETTINGS.root / path


def context(tenant: str, observer: "Observer | None" = None) -> "Context":
    """Make what an operation on a tenant works with; without an observer, what it reports is printed."""
    from deployer.cli.observing import TerminalObserver
    from deployer.management.tokens import TokenCache
    from deployer.operations.context import Context

    cache = TokenCache() if SETTINGS.token_cache else None
    return Context(project(), tenant, observer or TerminalObserver(), interruptible, cache)


def run(operation: Coroutine[Any, Any, _Result]) -> _Result:
    """Run an operation to its end and return what it returns."""
    import asyncio

    return asyncio.run(operation)


async def interruptible(function: Callable[[], _Result], *, waits: bool = False) -> _Result:  # noqa: ARG001
    """Run a function of an operation here. Ctrl-C ends it at once, also where it never looks at the event loop."""
    from deployer.cli.interruption import interrupted_by

    with interrupted_by(signal.SIGINT):
        return function()


def print_json(value: Any) -> None:
    """Print JSON on standard output: indented, and escaped so that no terminal obeys it."""
    import json

    typer.echo(json.dumps(value, indent=2, ensure_ascii=True))


def leave(code: ExitCode) -> NoReturn:
    """End the command with an exit code."""
    raise typer.Exit(int(code))
