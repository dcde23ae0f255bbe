"""`deployer history`: who did what to a tenant, when, and with which result."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from deployer.cli import common


class Result(StrEnum):
    """How a command can have ended."""

    SUCCEEDED = "succeeded"
    ROLLED_BACK = "rolled-back"
    PARTIAL = "partial"


def history(
    tenant: common.TenantName,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest.")] = 20,
    since: Annotated[datetime | None, typer.Option(help="Only after this time (UTC).")] = None,
    until: Annotated[datetime | None, typer.Option(help="Only before this time (UTC).")] = None,
    result: Annotated[Result | None, typer.Option(help="Only with this result.")] = None,
    release: Annotated[str | None, typer.Option(help="Only from or to this release.")] = None,
    as_json: common.AsJson = False,
) -> None:
    """Show what was done to a tenant. Who, when, from what to what, with which result."""
    from datetime import UTC

    from deployer.reporting.history import print_history

    store = common.store(common.project().tenant(tenant), needed=True)
    found = store.history.list(
        tenant,
        since=since.replace(tzinfo=UTC) if since else None,
        until=until.replace(tzinfo=UTC) if until else None,
        result=result.value if result else None,
        release=release,
        limit=limit + 1,
    )
    records = found[:limit]
    if as_json:
        common.print_json([record.model_dump(mode="json") for record in records])
    else:
        filtered = any(given is not None for given in (since, until, result, release))
        print_history(tenant, records, filtered=filtered, more=len(found) > limit)
