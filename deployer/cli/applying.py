"""What `apply`, `promote` and `rollback` do with a plan: show it, ask, apply it, say how it went."""

import asyncio
import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from deployer.cli import common
from deployer.errors import DeployerError, ExitCode

if TYPE_CHECKING:
    from deployer.applying.session import Request
    from deployer.management.gateway import Gateway
    from deployer.planning.model import Plan
    from deployer.planning.preparation import Prepared
    from deployer.store.store import Store


async def deploy(
    ready: "Prepared", gateway: "Gateway", store: "Store", plan: "Plan", request: "Request", how: common.Manner
) -> None:
    """Take a plan to its end; leaves with an exit code where it was not applied whole."""
    from deployer.applying.session import apply_plan, record_unchanged
    from deployer.reporting.outcomes import Progress, outcome_json, show_outcome
    from deployer.reporting.plans import show_plan

    if how.as_json and not (how.auto_approve or how.plan_only):
        raise DeployerError(
            "--json asks nothing", hint="Add --auto-approve, or save a plan with `plan --out` and apply that file."
        )
    if how.plan_only or not how.as_json:
        form = "json" if how.as_json else "text"
        typer.echo(show_plan(plan, form, verbose=common.SETTINGS.verbosity > 0), nl=False)
    if how.plan_only:
        return
    if not plan.effective:
        record_unchanged(store, plan, request)
        if how.as_json:
            common.print_json(outcome_json(plan, None))
        return
    if not how.auto_approve:
        _ask(plan.tenant.name)
    with _ended_by_sigterm():
        outcome = await apply_plan(ready, gateway, store, plan, request, Progress(silent=how.as_json))
    if how.as_json:
        common.print_json(outcome_json(plan, outcome))
    else:
        show_outcome(outcome, plan.tenant.name)
    if outcome.interrupted:
        common.leave(ExitCode.INTERRUPTED)
    if not outcome.complete:
        common.leave(ExitCode.ERROR)


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


def _ask(tenant: str) -> None:
    if not sys.stdin.isatty():
        raise DeployerError(
            "there is nobody to ask", hint="Add --auto-approve, or save a plan with `plan --out` and apply that file."
        )
    if not typer.confirm(f"\nApply these changes to {tenant}?"):
        typer.echo("Nothing was changed.")
        common.leave(ExitCode.ERROR)
