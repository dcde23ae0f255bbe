"""`deployer status`: tenants by connections: in sync, drifted, behind, failed or unknown."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from deployer.cli import common
from deployer.cli.fleet import FleetCommand, Selection, run_jobs


class StatusFormat(StrEnum):
    """How the status is shown."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


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
    from deployer.reporting.status import show_status
    from deployer.reporting.status_model import FleetStatus, State, TenantStatus

    everything = every or not (tenant or tenants or tags)
    selection = Selection(tenant, everything and tenant is None, tenants or (), tags or (), engine)
    results = run_jobs(selection, FleetCommand("status"))
    found = tuple(
        result.data
        if isinstance(result.data, TenantStatus)
        else TenantStatus(result.tenant, "", own_state=State.UNKNOWN, message=result.summary)
        for result in results
    )
    text = show_status(FleetStatus(found, datetime.now(UTC)), "json" if as_json else as_format.value)
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
        typer.echo(f"The status of {len(found)} tenants is in {out}.")
