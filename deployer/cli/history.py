"""Implements `deployer history`: who did what to a tenant, when, and with which result."""

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

    from deployer.operations import history as operation
    from deployer.reporting.history import print_history

    wanted = operation.HistoryFilter(
        since=since.replace(tzinfo=UTC) if since else None,
        until=until.replace(tzinfo=UTC) if until else None,
        result=result.value if result else None,
        release=release,
    )
    found = operation.history(common.context(tenant), limit, wanted)
    print_history(tenant, found, "json" if as_json else "text", filtered=wanted != operation.HistoryFilter())
