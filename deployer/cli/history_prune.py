"""Implements `deployer history prune`: what the store no longer needs, shown, and deleted where that is said."""

from datetime import timedelta
from typing import Annotated

import typer

from deployer.cli import common
from deployer.cli.interruption import begin_changes


def history_prune(
    tenant: Annotated[
        str | None, typer.Argument(metavar="[TENANT]", help="Whose store, where tenants have stores of their own.")
    ] = None,
    records: Annotated[int, typer.Option(min=1, help="Keep so many records of each tenant, the newest.")] = 100,
    releases: Annotated[int, typer.Option(min=1, help="Keep so many releases of each tenant to roll back to.")] = 10,
    days: Annotated[int, typer.Option(min=8, help="Delete nothing that is younger.")] = 90,
    delete: Annotated[bool, typer.Option("--delete", help="Delete it; without this it is only counted.")] = False,
    as_json: common.AsJson = False,
) -> None:
    """Delete what is old in the store and nothing needs. Without --delete, only say what that is."""
    from deployer.operations import prune as operation
    from deployer.state.pruning import Retention

    context = common.context(tenant or operation.any_tenant(common.project()))
    retention = Retention(records, releases, timedelta(days=days))
    found = operation.prune(context, retention, begin_changes) if delete else operation.find(context, retention)
    if as_json:
        common.print_json({"deleted": delete, **found.counts(), "kept": found.kept})
        return
    counts = ", ".join(f"{number:,} {noun}" for noun, number in found.counts().items())
    typer.echo(f"{'Deleted' if delete else 'Can go'}: {counts}.")
    for each in found.kept:
        typer.echo(f"{each}: nothing goes, since what it has is known by its history alone; apply to it once.")
    if not delete and any(found.counts().values()):
        typer.echo("Nothing was deleted. To delete it, add --delete.")
