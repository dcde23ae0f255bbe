"""What `apply`, `promote` and `rollback` do with a plan: show it, ask, apply it, say how it went."""

import asyncio
import contextlib
import shlex
import signal
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from deployer.cli import common
from deployer.cli.interruption import begin_changes, confirmed
from deployer.errors import DeployerError, ExitCode
from deployer.text import one_line

if TYPE_CHECKING:
    from deployer.applying.outcome import Observer, Step
    from deployer.applying.request import Request
    from deployer.management.gateway import Gateway
    from deployer.planning.model import Plan
    from deployer.planning.plan_file import SavedPlan
    from deployer.planning.resolve import ResolvedTenant
    from deployer.state.state_store import StateStore


async def deploy(
    ready: "ResolvedTenant",
    gateway: "Gateway",
    store: "StateStore",
    plan: "Plan",
    request: "Request",
    how: common.ApplyOptions,
    ask: "Callable[[Plan], None] | None" = None,
) -> None:
    """Take a plan to its end; leaves with an exit code where it was not applied whole.

    A plan that was saved is exactly what is applied: also one without changes must still fit the tenant. `ask` asks
    whether it is to be applied, where somebody is asked, and leaves if it is not; a yes or no by default.
    """
    from deployer.applying.allowance import check_allowed
    from deployer.applying.session import apply_plan, conclude_unchanged
    from deployer.planning.plan_checks import unneeded
    from deployer.reporting.outcomes import Progress, outcome_json, show_outcome

    if how.as_json and not (how.auto_approve or how.saved or how.plan_only):
        raise DeployerError("--json asks nothing", hint=_not_asked(plan))
    if how.plan_only:
        show_and_save(plan, ready, request.allowed, "json" if how.as_json else how.form.value, how.out, how.reports)
        return
    if not how.as_json:
        show(plan, saved=how.saved)
    if not plan.effective:
        if how.saved:
            await apply_plan(ready, gateway, store, plan, request, Progress("", silent=True))
        closed, left = await conclude_unchanged(ready, gateway, store, plan, request, saved=how.saved)
        for words in closed:
            typer.echo(f"{words}.", err=True)
        if left:
            typer.echo(f"warning: {left.words}. {left.hint}", err=True)
        if how.as_json:
            common.print_json(outcome_json(plan, None))
        return
    for sentence in unneeded(plan, request.allowed):
        typer.echo(f"warning: {sentence}", err=True)
    if not (how.auto_approve or how.saved):
        check_allowed(plan, request.allowed)  # nobody says yes to what is refused then
        (ask or _ask)(plan)
    with _ended_by_sigterm(), Progress(f"Applying to {plan.tenant.name}", silent=how.as_json) as progress:
        outcome = await apply_plan(ready, gateway, store, plan, request, _FirstChange(progress))
    if how.as_json:
        common.print_json(outcome_json(plan, outcome))
    else:
        show_outcome(outcome, plan.tenant.name)
    if outcome.interrupted:
        common.leave(ExitCode.INTERRUPTED)
    if not outcome.complete:
        common.leave(ExitCode.ERROR)


def apply_options(how: common.ApplyOptions, planfile: Path | None) -> common.ApplyOptions:
    """How a release is applied, where that goes together: a saved plan, a new one that is only shown, or a new one.

    Raises:
        DeployerError: for options that exclude each other.
    """
    how = replace(how, saved=planfile is not None, plan_only=how.plan_only or how.out is not None)
    if how.saved and how.plan_only:
        raise DeployerError(
            "a plan file goes with no --plan and no --out", hint="Without the file they show and save a new plan."
        )
    if how.plan_only and how.auto_approve:
        raise DeployerError(
            "--auto-approve goes with no --plan and no --out, which apply nothing", hint="Give one or the other."
        )
    if how.reports and not how.plan_only:
        raise DeployerError("--report is for a plan that is not applied", hint="Add --plan, or --out FILE to save it.")
    if how.form is not common.PlanFormat.TEXT and not how.plan_only:
        raise DeployerError("--format is for a plan that is not applied", hint="Add --plan, or --out FILE to save it.")
    return how


def saved_plan(planfile: Path | None, command: str, source: str | None = None) -> "SavedPlan | None":
    """The plan that a command is given in a file, if it is one; `source` is the tenant that a promotion comes from.

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


def show(plan: "Plan", form: str = "text", *, saved: bool = False) -> None:
    """Print a plan; one that is `saved` with its digest."""
    from deployer.reporting.plans import show_plan

    typer.echo(show_plan(plan, form, verbose=common.SETTINGS.verbosity > 0, saved=saved), nl=False)


def show_and_save(
    plan: "Plan",
    ready: "ResolvedTenant",
    allowed: Collection[str],
    form: str,
    out: Path | None,
    reports: Sequence[Path] = (),
) -> None:
    """Print a plan, and write it into a file where one is named, with what is accepted; how that is applied is said.

    `reports` are files that people read it in, in the format that the end of each name says.
    """
    from deployer.planning.plan_checks import accepting, applying, unneeded
    from deployer.planning.plan_file import write_plan
    from deployer.reporting.plans import write_report

    plan = accepting(plan, allowed)
    for report in reports:
        write_report(plan, common.place(report), saved=out is not None)
    if out is not None:
        write_plan(plan, common.place(out), ready.key)
    show(plan, form, saved=out is not None)
    for sentence in unneeded(plan, frozenset(allowed)):
        typer.echo(f"warning: {sentence}", err=True)
    if out is not None:
        file = shlex.quote(one_line(str(out)))
        command = applying(plan, file, ready.tenant.promote_from)
        typer.echo(f"\nSaved in {file}. To apply exactly this: {command}", err=True)


class _FirstChange:
    """Watches an apply for another observer, and notes when it begins to change the tenant."""

    def __init__(self, observer: "Observer") -> None:
        self._observer = observer

    def started(self, step: "Step") -> None:
        """A step begins."""
        begin_changes()
        self._observer.started(step)

    def finished(self, step: "Step") -> None:
        """A step has ended."""
        self._observer.finished(step)


@contextlib.contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Let SIGTERM, which pipelines send when somebody cancels them, end an apply as Ctrl-C does: by a roll-back."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    here = threading.current_thread() is threading.main_thread() and sys.platform != "win32" and task is not None
    if here and task is not None:
        loop.add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        yield
    finally:
        if here:
            loop.remove_signal_handler(signal.SIGTERM)


def _not_asked(plan: "Plan") -> str:
    from deployer.planning.plan_checks import applying, saving

    return f"Add --auto-approve, or save the plan with `{saving(plan)}` and apply that with `{applying(plan)}`."


def _ask(plan: "Plan") -> None:
    if not sys.stdin.isatty():
        raise DeployerError("there is nobody to ask", hint=_not_asked(plan))
    if not confirmed(f"\nApply these changes to {plan.tenant.name}?"):
        typer.echo("Nothing was changed.")
        common.leave(ExitCode.ERROR)
