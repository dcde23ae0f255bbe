"""What every command shares: the options `--chdir`, `-v` and `--no-token-cache`, the project, and the way out."""

import logging
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from deployer.cli.completion import complete_tenants
from deployer.errors import DeployerError, ExitCode, RefusedError
from deployer.text import count, one_line

if TYPE_CHECKING:
    from deployer.config.models import Tenant
    from deployer.management.access import Access
    from deployer.management.gateway import Gateway
    from deployer.planning.resolve import ResolvedTenant
    from deployer.project import Project
    from deployer.state.state_store import StateStore

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


class PlanFormat(StrEnum):
    """How a plan is shown."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"


Form = Annotated[PlanFormat, typer.Option("--format", help="How to show a plan that is not applied.")]


@dataclass(frozen=True, slots=True)
class ApplyOptions:
    """How a plan is taken to its end.

    `saved`: it comes from a file, so nobody is asked. `plan_only`: it is shown as `form`, saved to `out` where that is
    given, written for people into `reports`, and not applied.
    """

    auto_approve: bool = False
    as_json: bool = False
    saved: bool = False
    plan_only: bool = False
    form: PlanFormat = PlanFormat.TEXT
    out: Path | None = None
    reports: tuple[Path, ...] = ()


@dataclass(slots=True)
class Settings:
    """The options that every command takes."""

    root: Path = field(default_factory=Path)
    verbosity: int = 0
    token_cache: bool = True
    without_secrets: bool = False
    missing_stores: set[str] = field(default_factory=set)
    """Those that were warned of."""


SETTINGS = Settings()
"""Of this process: a command line is read once."""


def configure(root: Path | None, verbosity: int, *, token_cache: bool) -> None:
    """Take the shared options. `-vv` shows every request (method, path, status, time), never a secret."""
    SETTINGS.root = root or Path()
    SETTINGS.verbosity = verbosity
    SETTINGS.token_cache = token_cache
    SETTINGS.without_secrets = False
    SETTINGS.missing_stores.clear()
    if verbosity:
        logging.basicConfig(format="%(name)s: %(message)s")
        logging.getLogger("deployer").setLevel(logging.INFO if verbosity == 1 else logging.DEBUG)


def project() -> "Project":
    """The project in the folder that `--chdir` names."""
    from deployer.project import Project

    return Project(SETTINGS.root, without_secrets=SETTINGS.without_secrets)


def place(path: Path) -> Path:
    """Where a path given on the command line leads: from the folder that `--chdir` names."""
    return SETTINGS.root / path


def prepared(name: str) -> "ResolvedTenant":
    """One tenant, loaded, rendered and resolved."""
    from deployer.planning.resolve import prepare

    return prepare(project(), name)


def store(tenant: "Tenant", *, needed: bool = False) -> "StateStore":
    """Where the tenant's history, snapshots, journals and locks are: its `history`, DEPLOYER_STORE, or `.deployer/`.

    A folder that was named and is not there may be mistyped: standard error says so, once.

    Raises:
        DeployerError: instead, where such a folder is `needed`: nothing but what is in it was asked for.
    """
    import os

    from deployer.state.state_store import StateStore

    named = tenant.history or os.environ.get("DEPLOYER_STORE") or None
    opened = StateStore.open(named, SETTINGS.root.absolute())
    if named is None or opened.is_there:
        return opened
    source = f"`history` of {tenant.name}" if tenant.history else "DEPLOYER_STORE"
    words = f"the folder {one_line(str(opened.objects.location))}, which {source} names, does not exist"
    if needed:
        raise DeployerError(words, hint="Correct the name. The first apply makes the folder.")
    if named not in SETTINGS.missing_stores:
        SETTINGS.missing_stores.add(named)
        typer.echo(f"warning: {words}: nothing is known of what was done. The first apply makes it.", err=True)
    return opened


def refuse_findings(ready: "ResolvedTenant", *, compiled_only: bool = False) -> None:
    """Show the lint errors of a tenant on standard error, and refuse to go on. Warnings are for `deployer lint`.

    Args:
        ready: the tenant.
        compiled_only: look only for what does not compile, which nobody can go past.

    Raises:
        RefusedError: nothing was changed.
    """
    import sys
    from dataclasses import replace

    from deployer.linting.lint_cache import lint_errors
    from deployer.reporting.findings import format_findings
    from deployer.reporting.terminal import colored

    root = SETTINGS.root.absolute()
    report = lint_errors(ready.tenant, ready.rendered, root, ready.actions, compiled_only=compiled_only)
    if not report.errors:
        return
    shown = replace(report, findings=report.errors)
    typer.echo(format_findings(shown, "text", color=colored(sys.stderr)), err=True)
    if all(finding.code == "DB101" for finding in report.errors):
        raise RefusedError(
            f"{count(len(report.errors), 'script does', 'scripts do')} not compile, and would fail at every call",
            where=f"tenant {ready.tenant.name}",
            hint="Correct what is shown above: --no-lint does not go past it.",
        )
    raise RefusedError(
        f"lint finds {count(len(report.errors), 'error')}",
        where=f"tenant {ready.tenant.name}",
        hint="Correct them, or add --no-lint to go on all the same.",
    )


def warn_uncompiled(ready: "ResolvedTenant") -> None:
    """Say on standard error what of an earlier release does not compile: the tenant ran it, and may go back to it."""
    from deployer.linting.lint_cache import lint_errors

    root = SETTINGS.root.absolute()
    for finding in lint_errors(ready.tenant, ready.rendered, root, ready.actions, compiled_only=True).errors:
        typer.echo(f"warning: {one_line(finding.address)} does not compile: {one_line(finding.message)}", err=True)


def gateway(access: "Access") -> "Gateway":
    """A gateway that keeps its token as the options say."""
    from deployer.management.gateway import Gateway
    from deployer.management.tokens import TokenCache

    return Gateway(access, TokenCache() if SETTINGS.token_cache else None)


def warn_interrupted(tenant: "Tenant") -> None:
    """Say on standard error that an apply of the tenant was interrupted or is under way, where that is so."""
    from deployer.applying.interrupted import find_interrupted

    if left := find_interrupted(store(tenant), tenant.name):
        typer.echo(f"warning: {left.words}. {left.hint}", err=True)


def print_json(value: Any) -> None:
    """JSON on standard output: indented, and escaped so that no terminal obeys it."""
    import json

    typer.echo(json.dumps(value, indent=2, ensure_ascii=True))


def leave(code: ExitCode) -> NoReturn:
    """End the command with an exit code."""
    raise typer.Exit(int(code))
