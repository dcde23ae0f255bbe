"""`deployer unlock`: take away the lock of a process that does not run any more."""

from typing import Annotated

import typer

from deployer.cli import common


def unlock(
    tenant: common.TenantName,
    id: Annotated[str, typer.Option("--id", metavar="ID", help="The lock's id, as the message says.")],
) -> None:
    """Take away a lock that was left behind."""
    from deployer.text import one_line

    store = common.store(common.project().tenant(tenant), needed=True)
    record = store.locks.unlock(tenant, id)
    typer.echo(f"Unlocked: it was held by {one_line(record.who)} for '{one_line(record.command)}'.")
    if store.journals.open_journals(tenant):
        typer.echo(f"An apply was interrupted: `deployer recover {tenant}` takes it back.")
