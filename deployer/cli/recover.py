"""Implements `deployer recover`: finish or take back an apply that was interrupted."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from deployer.cli import common
from deployer.cli.interruption import answered, confirmed
from deployer.errors import DeployerError, ExitCode
from deployer.text import one_line

if TYPE_CHECKING:
    from deployer.applying.recovery_plan import RecoveryPlan

_NOT_ASKED = "Add --auto-approve, or --plan to only see what it would do."


def recover(
    tenant: common.TenantName,
    finish: Annotated[bool, typer.Option("--finish", help="Make the changes that are missing.")] = False,
    dismiss: Annotated[
        str | None, typer.Option(metavar="ID", help="Stop reporting a journal that cannot be read.")
    ] = None,
    plan_only: common.PlanOnly = False,
    auto_approve: Annotated[bool, typer.Option("--auto-approve", help="Do not ask.")] = False,
    confirm: Annotated[
        list[str] | None,
        typer.Option(metavar="ADDRESS", help="A connection that is deleted with its users, named in full."),
    ] = None,
    as_json: common.AsJson = False,
) -> None:
    """Take back an apply that was interrupted, or finish it. Shows first what that does, and asks."""
    from deployer.applying.recovery_plan import check_confirmed
    from deployer.cli.observing import TerminalObserver
    from deployer.operations import recover as operation
    from deployer.operations.unlock import dismiss_journal
    from deployer.reporting.outcome import print_outcome
    from deployer.reporting.outcome_json import outcome_values
    from deployer.reporting.plan import show_plan

    context = common.context(tenant, TerminalObserver(silent=as_json))
    if dismiss is not None:
        dismiss_journal(context, dismiss)
        typer.echo(f"The journal {dismiss} is no longer reported.")
        return
    quiet = as_json and not plan_only

    def agree(plans: "list[RecoveryPlan]") -> None:
        if as_json and not (auto_approve or plan_only):
            raise DeployerError("--json asks nothing", hint=_NOT_ASKED)
        for one in plans if not quiet else []:
            _show(one, show_plan(one.plan, "json" if as_json else "text"), as_json=as_json)
        if plan_only:
            return
        named = frozenset(confirm or ())
        if not auto_approve and sys.stdin.isatty():
            named |= _typed(plans, named)
        check_confirmed(plans, named)
        if not auto_approve:
            _ask(tenant, finish=finish)

    found = common.run(operation.recover(context, operation.RecoverOptions(agree, finish, look=plan_only)))
    for words in found.closed:
        typer.echo(f"{words}.", err=as_json)
    if as_json and not (plan_only and found.plans):
        common.print_json([outcome_values(plan, outcome) for plan, outcome in found.outcomes])
    elif not found.plans and not found.closed:
        typer.echo("Nothing was interrupted.")
    for plan, outcome in found.outcomes if not as_json else []:
        print_outcome(plan, outcome, goal="finish" if finish else "undo")
    if any(outcome.incomplete or (finish and not outcome.complete) for _, outcome in found.outcomes):
        common.leave(ExitCode.ERROR)


def _show(one: "RecoveryPlan", shown: str, *, as_json: bool) -> None:
    """Say which apply it is, what is done about it, and what is left alone."""
    from deployer.applying.interrupted import Interrupted

    if not as_json:
        typer.echo(f"To recover: {Interrupted.of(one.state).words}.")
    typer.echo(shown, nl=False)
    for address, why in one.kept.items():
        typer.echo(f"{one_line(address)}: {one_line(why, 400)}.", err=as_json)


def _typed(plans: "list[RecoveryPlan]", named: frozenset[str]) -> frozenset[str]:
    """Ask for the address of each connection to be deleted; return those that were typed in full."""
    addresses = [address for one in plans for address in one.deleted_connections if address not in named]
    return frozenset(
        address
        for address in addresses
        if answered(f"\nType {one_line(address)} in full to delete it with every user: ") == address
    )


def _ask(tenant: str, *, finish: bool) -> None:
    if not sys.stdin.isatty():
        raise DeployerError("there is nobody to ask", hint=_NOT_ASKED)
    if not confirmed(f"\n{'Finish' if finish else 'Take back'} this on {one_line(tenant)}?"):
        typer.echo("Nothing was changed.")
        common.leave(ExitCode.ERROR)
