"""Runs one command for many tenants: which they are, progress while they run, a summary at the end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from deployer.cli import common
from deployer.errors import DeployerError, ExitCode
from deployer.text import one_line

if TYPE_CHECKING:
    from deployer.fleet.fleet import JobResult, Options
    from deployer.operations.plan import PlanOptions
    from deployer.operations.promote import PromoteOptions


@dataclass(frozen=True, slots=True)
class Selection:
    """What the command line says about tenants. `source` is the one that a promotion starts from."""

    tenant: str | None = None
    every: bool = False
    globs: Sequence[str] = ()
    tags: Sequence[str] = ()
    engine: str | None = None
    canary: int = 0
    batch: int = 0
    max_failures: int | None = None
    source: str | None = None

    @property
    def is_fleet(self) -> bool:
        """Whether many tenants are meant.

        Raises:
            DeployerError: where none, or one and many, are named.
        """
        many = self.every or bool(self.globs) or bool(self.tags)
        if many and self.tenant is not None:
            raise DeployerError("a tenant and --all, --tenant or --tag were given", hint="Give one or the other.")
        if not many and self.tenant is None:
            raise DeployerError("no tenant was given", hint="Name one, or use --all, --tenant GLOB or --tag TAG.")
        return many

    def names(self) -> list[str]:
        """List the tenants that are meant."""
        from deployer.fleet.selection import select_tenants

        if self.tenant is not None and not self.is_fleet:
            return [self.tenant]
        names = select_tenants(common.project(), every=self.every, globs=self.globs, tags=self.tags)
        return names if self.source is None else self._promoted(self.source, names)

    def _promoted(self, source: str, names: Sequence[str]) -> list[str]:
        """Choose where a promotion goes: never where it comes from; of all, to those that take their releases there."""
        project = common.project()
        chosen = bool(self.globs or self.tags)
        fitting = [name for name in names if name != source and (chosen or project.tenant(name).promote_from == source)]
        if not fitting:
            raise DeployerError(
                f"no tenant takes its releases from {source}",
                hint=f"Give those that should `promote_from: {source}`, or choose them: --tenant GLOB or --tag TAG.",
            )
        return fitting


@dataclass(frozen=True, slots=True)
class FleetCommand:
    """What is done for each tenant, and how it is shown.

    `saved_in` is the folder of the plans, as it was named on the command line.
    """

    command: str
    options: "Options" = None
    as_json: bool = False
    changes_code: ExitCode = ExitCode.DONE
    saved_in: Path | None = None


def plan_many(
    selection: Selection,
    command: str,
    options: "PlanOptions | PromoteOptions",
    form: str,
    out: Path | None,
    code: ExitCode = ExitCode.DONE,
) -> None:
    """Show what a command would change in many tenants, and save the plan of each as `TENANT.plan` in the folder `out`.

    Raises:
        DeployerError: for what goes with one tenant only, and where the folder cannot be made.
    """
    if form in ("markdown", "html"):
        raise DeployerError(f"--format {form} is for one tenant", hint="Name the tenant.")
    if out is not None and selection.engine:
        raise DeployerError("--out goes with no --engine: plans would be saved elsewhere", hint="Leave one away.")
    folder = None if out is None else common.place(out).absolute()
    try:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DeployerError(f"the folder cannot be made: {error.strerror}", where=one_line(str(out))) from error
    run_command(selection, FleetCommand(command, replace(options, out=folder), form == "json", code, out))


def one_or_fleet(
    selection: Selection, command: FleetCommand, alone: Mapping[str, object], approved: bool
) -> str | None:
    """Return the tenant to change; None after many were changed, where many are meant.

    Args:
        selection: of the command line.
        command: what is done where many are meant.
        alone: the options that go with one tenant only, and what was given for them.
        approved: whether --auto-approve was given: nobody is asked for many tenants.

    Raises:
        DeployerError: where many are meant, and are not approved or one of those options was given.
    """
    if not selection.is_fleet:
        return selection.names()[0]
    if any(alone.values()) or not approved:
        without = f"takes no {' or '.join(alone)} and " if alone else ""
        raise DeployerError(
            f"`{command.command}` for many tenants {without}needs --auto-approve",
            hint="Look at the plan of one of them first.",
        )
    run_command(selection, command)
    return None


def run_command(selection: Selection, command: FleetCommand) -> None:
    """Run a command for many tenants; leaves with 1 where one failed, 3 where one was refused, 130 after Ctrl-C."""
    from deployer.reporting.fleet import print_fleet

    results = run_jobs(selection, command)
    print_fleet(results, "json" if command.as_json else "text", saved_in=command.saved_in)
    verdicts = {result.verdict for result in results}
    for verdict, code in (
        ("interrupted", ExitCode.INTERRUPTED),
        ("failed", ExitCode.ERROR),
        ("skipped", ExitCode.ERROR),
        ("refused", ExitCode.REFUSED),
        ("changes", command.changes_code),
    ):
        if verdict in verdicts and code:
            common.leave(code)


def run_jobs(selection: Selection, command: FleetCommand) -> "list[JobResult]":
    """Run the command for all tenants, with progress on standard error where that is a terminal, and warnings."""
    from deployer.fleet.fleet import Job, Waves, run_fleet
    from deployer.fleet.jobs import run_job
    from deployer.planning.hosts import addresses_of, check_together
    from deployer.reporting.fleet import common_notices
    from deployer.reporting.fleet_progress import FleetProgress
    from deployer.reporting.terminal import print_warning

    settings, names = common.SETTINGS, selection.names()
    root = str(settings.root.absolute())
    if len(names) > 1:
        check_together(addresses_of(common.project(), names))
    jobs = [
        Job(
            command.command,
            root,
            name,
            _options_of(command.options, name),
            without_secrets=settings.without_secrets,
            token_cache=settings.token_cache,
        )
        for name in names
    ]
    waves = Waves(selection.canary, selection.batch, selection.max_failures)
    with FleetProgress(command.command, len(jobs)) as progress:
        results = run_fleet(run_job, jobs, engine=selection.engine, waves=waves, on_result=progress.result)
    for notice in common_notices(results):
        print_warning(notice.what, notice.hint)
    return results


def _options_of(options: "Options", name: str) -> "Options":
    """Give a tenant its options: its plan goes into a file of its own."""
    out = getattr(options, "out", None)
    return options if options is None or out is None else replace(options, out=out / f"{name}.plan")
