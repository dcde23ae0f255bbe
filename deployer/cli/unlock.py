"""Implements `deployer unlock`: take away the lock of a process that does not run any more."""

from typing import Annotated

import typer

from deployer.cli import common


def unlock(
    tenant: common.TenantName,
    id: Annotated[str, typer.Option("--id", metavar="ID", help="The lock's id, as the message says.")],
) -> None:
    """Take away a lock that was left behind."""
    from deployer.operations.unlock import unlock as operation
    from deployer.text import one_line

    unlocked = operation(common.context(tenant), id)
    record = unlocked.lock
    typer.echo(f"Unlocked: it was held by {one_line(record.who)} for '{one_line(record.command)}'.")
    if unlocked.interrupted:
        typer.echo(f"An apply was interrupted: `deployer recover {tenant}` takes it back.")
