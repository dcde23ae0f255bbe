"""`deployer history prune`: what the store no longer needs, shown, and deleted where that is said."""

import contextlib
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from deployer.cli import common
from deployer.cli.interruption import begin_changes
from deployer.errors import DeployerError

if TYPE_CHECKING:
    from deployer.project import Project


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
    from deployer.state.pruning import Retention, find_prunable
    from deployer.state.pruning import delete as delete_found

    project = common.project()
    store = common.store(project.tenant(tenant or _any_tenant(project)), needed=True)
    retention = Retention(records, releases, timedelta(days=days))
    with contextlib.ExitStack() as locks:
        if delete:
            for each in store.history.tenants():
                locks.enter_context(store.lock(each, "history prune"))
        found = find_prunable(store, retention)
        if delete:
            begin_changes()
            delete_found(store, found)
    if as_json:
        common.print_json({"deleted": delete, **found.counts(), "kept": found.kept})
        return
    counts = ", ".join(f"{number:,} {noun}" for noun, number in found.counts().items())
    typer.echo(f"{'Deleted' if delete else 'Can go'}: {counts}.")
    for each in found.kept:
        typer.echo(f"{each}: nothing goes, since what it has is known by its history alone; apply to it once.")
    if not delete and any(found.counts().values()):
        typer.echo("Nothing was deleted. To delete it, add --delete.")


def _any_tenant(project: "Project") -> str:
    """Whichever tenant, where all keep their history in one place. Raises DeployerError where they do not."""
    stores = {name: project.tenant(name).history for name in project.tenants.names()}
    if len(set(stores.values())) != 1:
        raise DeployerError(
            "the tenants have stores of their own" if stores else "there is no tenant",
            where="tenants",
            hint="Name the tenant whose store is meant: deployer history prune TENANT",
        )
    return next(iter(stores))
