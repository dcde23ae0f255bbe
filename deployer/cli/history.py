"""`deployer history`: who did what to a tenant, when, and with which result."""

from datetime import datetime
from typing import Annotated

import typer

from deployer.cli import common


def history(
    tenant: common.TenantName,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest.")] = 20,
    since: Annotated[datetime | None, typer.Option(help="Only after this time (UTC).")] = None,
    until: Annotated[datetime | None, typer.Option(help="Only before this time (UTC).")] = None,
    result: Annotated[str | None, typer.Option(help="Only with this result: succeeded, rolled-back, partial.")] = None,
    release: Annotated[str | None, typer.Option(help="Only from or to this release.")] = None,
    as_json: common.AsJson = False,
) -> None:
    """Show what was done to a tenant: who, when, from what to what, with which result."""
    from datetime import UTC
    from itertools import islice

    from deployer.reporting.history import print_history

    store = common.store(common.project().tenant(tenant))
    found = store.history.list(
        tenant,
        since=since.replace(tzinfo=UTC) if since else None,
        until=until.replace(tzinfo=UTC) if until else None,
        result=result,
        release=release,
    )
    records = list(islice(found, limit))
    if as_json:
        common.print_json([record.model_dump(mode="json") for record in records])
    else:
        print_history(tenant, records)
