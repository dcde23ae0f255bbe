"""Shows plans and what became of them, for every command that makes or applies one."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from deployer.cli import common
from deployer.cli.common import Presentation
from deployer.cli.interruption import confirmed
from deployer.cli.observing import TerminalObserver
from deployer.errors import DeployerError, ExitCode
from deployer.reporting.plan import PlanFormat

if TYPE_CHECKING:
    from deployer.operations.results import ApplyResult, PlanResult
    from deployer.planning.model import Plan
    from deployer.planning.plan_file import SavedPlan


def presentation(shown: Presentation, planfile: Path | None) -> Presentation:
    """Check that the options for showing, saving and applying a plan go together.

    Raises:
        DeployerError: for options that exclude each other.
    """
    auto_approve = shown.approved
    shown = replace(
        shown,
        plan_only=shown.plan_only or shown.out is not None,
        approved=auto_approve or planfile is not None,
    )
    if planfile is not None and shown.plan_only:
        raise DeployerError(
            "a plan file goes with no --plan and no --out", hint="Without the file they show and save a new plan."
        )
    if shown.plan_only and auto_approve:
        raise DeployerError(
            "--auto-approve goes with no --plan and no --out, which apply nothing", hint="Give one or the other."
        )
    if shown.reports and not shown.plan_only:
        raise DeployerError("--report is for a plan that is not applied", hint="Add --plan, or --out FILE to save it.")
    if shown.form is not PlanFormat.TEXT and not shown.plan_only:
        raise DeployerError("--format is for a plan that is not applied", hint="Add --plan, or --out FILE to save it.")
    return shown


def saved_plan(planfile: Path | None, command: str, source: str | None = None) -> "SavedPlan | None":
    """Read the plan that a command is given in a file, if it is; `source` is the tenant that a promotion comes from.

    Raises:
        RefusedError: for a plan that another command applies.
    """
    from deployer.planning.plan_checks import check_command
    from deployer.planning.plan_file import read_plan

    if planfile is None:
        return None
    make = {"apply": "plan TENANT", "promote": "promote FROM TO", "rollback": "rollback TENANT [RELEASE]"}[command]
    saved = read_plan(common.place(planfile), f"deployer {make} --out FILE")
    check_command(saved.plan, planfile, command, source)
    return saved


def observer(shown: Presentation) -> TerminalObserver:
    """Make what shows an apply as it goes on."""

    def show(plan: "Plan", saved: bool) -> None:
        if shown.as_json and not shown.approved:
            raise DeployerError("--json asks nothing", hint=_not_asked(plan))
        if not shown.as_json:
            show_plan(plan, saved=saved)

    return TerminalObserver(silent=shown.as_json, show=show)


def approval(shown: Presentation) -> "Callable[[Plan], None] | None":
    """Return what asks whether a plan is to be applied; None where nobody is asked."""
    return None if shown.approved else _ask


def show_plan(plan: "Plan", form: str = "text", *, saved: bool = False) -> None:
    """Print a plan; one that is `saved` with its digest."""
    from deployer.reporting import plan as views

    typer.echo(views.show_plan(plan, form, verbose=common.SETTINGS.verbosity > 0, saved=saved), nl=False)


def show_planned(result: "PlanResult", form: str, reports: Sequence[Path] = (), out: Path | None = None) -> None:
    """Print a plan that is not applied, write it for people into `reports`, and say how a saved one is applied.

    `out` is the file that holds it, as it was named on the command line.
    """
    from deployer.reporting.plan import write_report
    from deployer.reporting.plan_wording import saved_text

    for report in reports:
        write_report(result.plan, common.place(report), saved=result.saved is not None)
    show_plan(result.plan, form, saved=result.saved is not None)
    if out is not None:
        typer.echo(f"\n{saved_text(result.plan, out, result.takes_from)}", err=True)


def show_applied(result: "ApplyResult", shown: Presentation) -> None:
    """Print what became of a plan; leaves with an exit code where it was not applied whole."""
    from deployer.reporting.outcome import print_outcome
    from deployer.reporting.terminal import print_warning

    for note in result.notes:
        typer.echo(f"{note}.", err=True)
    if left := result.interrupted:
        print_warning(left.words, left.hint)
    print_outcome(result.plan, result.outcome, "json" if shown.as_json else "text")
    if result.outcome is not None and result.outcome.interrupted:
        common.leave(ExitCode.INTERRUPTED)
    if not result.complete:
        common.leave(ExitCode.ERROR)


def _not_asked(plan: "Plan") -> str:
    from deployer.planning.plan_checks import applying, saving

    return f"Add --auto-approve, or save the plan with `{saving(plan)}` and apply that with `{applying(plan)}`."


def _ask(plan: "Plan") -> None:
    if not sys.stdin.isatty():
        raise DeployerError("there is nobody to ask", hint=_not_asked(plan))
    if not confirmed(f"\nApply these changes to {plan.tenant.name}?"):
        typer.echo("Nothing was changed.")
        common.leave(ExitCode.ERROR)
