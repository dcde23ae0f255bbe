"""Implements `deployer status`: tenants by connections: in sync, drifted, behind, failed or unknown."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from deployer.cli import common
from deployer.cli.fleet import FleetCommand, Selection, run_jobs
from deployer.errors import DeployerError
from deployer.reporting.status import StatusFormat, show_status
from deployer.text import count


def status(
    tenant: common.OptionalTenant = None,
    every: common.Every = False,
    tenants: common.Tenants = None,
    tags: common.Tags = None,
    engine: common.Engine = None,
    as_format: Annotated[StatusFormat, typer.Option("--format", help="How to show it.")] = StatusFormat.TEXT,
    out: Annotated[Path | None, typer.Option(dir_okay=False, help="Write it into this file.")] = None,
    as_json: common.AsJson = False,
) -> None:
    """Show how tenants and their connections stand."""
    from deployer.operations.tenant_status import FleetStatus, State, TenantStatus

    selection = Selection(tenant, every or not (tenant or tenants or tags), tenants or (), tags or (), engine)
    if not selection.is_fleet and tenant is not None:
        common.project().tenants.chain(tenant)  # a name that no file has is a mistake, not an unknown state
    results = run_jobs(selection, FleetCommand("status"))
    if any(result.verdict == "interrupted" for result in results):
        raise KeyboardInterrupt
    found = tuple(
        result.result
        if isinstance(result.result, TenantStatus)
        else TenantStatus(result.tenant, "", own_state=State.UNKNOWN, message=result.brief)
        for result in results
    )
    text = show_status(FleetStatus(found, datetime.now(UTC)), "json" if as_json else as_format.value)
    if out is None:
        typer.echo(text, nl=False)
    else:
        try:
            common.place(out).write_text(text, encoding="utf-8")
        except OSError as error:
            raise DeployerError(f"the status cannot be written: {error.strerror}", where=str(out)) from error
        typer.echo(f"The status of {count(len(found), 'tenant')} is in {out}.")
