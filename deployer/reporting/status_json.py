"""Writes the status of tenants as JSON."""

from datetime import UTC, datetime
from typing import Any

from deployer.operations.tenant_status import ConnectionStatus, FleetStatus, TenantStatus
from deployer.reporting.views import dump_json


def status_json(fleet: FleetStatus) -> str:
    """Write the status as one JSON object."""
    return dump_json(status_values(fleet))


def status_values(fleet: FleetStatus) -> dict[str, Any]:
    """Return `{looked_at, counts: {STATE: tenants}, tenants: [...]}`, tenants as given; times in UTC, ISO 8601."""
    return {
        "looked_at": _time(fleet.looked_at),
        "counts": {state.value: number for state, number in fleet.counts().items()},
        "tenants": [_tenant(tenant) for tenant in fleet.tenants],
    }


def _tenant(tenant: TenantStatus) -> dict[str, Any]:
    return {
        "name": tenant.name,
        "domain": tenant.domain,
        "state": tenant.state.value,
        "behind": tenant.behind,
        "promote_from": tenant.promote_from,
        "tags": list(tenant.tags),
        "release": tenant.release,
        "applied_at": _time(tenant.applied_at),
        "applied_by": tenant.applied_by,
        "message": tenant.message,
        "leftovers": [one.model_dump(mode="json") for one in tenant.leftovers],
        "connections": [_connection(connection) for connection in tenant.connections],
    }


def _connection(connection: ConnectionStatus) -> dict[str, Any]:
    return {
        "name": connection.name,
        "state": connection.state.value,
        "behind": connection.behind,
        "release": connection.release,
        "applied_at": _time(connection.applied_at),
        "applied_by": connection.applied_by,
        "message": connection.message,
    }


def _time(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else None
