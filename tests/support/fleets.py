"""Fleets to report on."""

from datetime import UTC, datetime, timedelta
from typing import Any

from deployer.operations.tenant_status import ConnectionStatus, FleetStatus, State, TenantStatus

LOOKED = datetime(2026, 11, 23, 2, 10, tzinfo=UTC)


def tenant(name: str, state: State = State.IN_SYNC, source: str | None = None, **values: Any) -> TenantStatus:
    """A tenant with one connection in this state."""
    behind = values.pop("behind", 0)
    connections = values.pop("connections", (ConnectionStatus("users", state, behind=behind),))
    return TenantStatus(name, values.pop("domain", f"{name}.example.com"), connections, source, **values)


def fleet(*tenants: TenantStatus) -> FleetStatus:
    """These tenants, looked at at one time."""
    return FleetStatus(tenants, LOOKED)


def three_stages() -> FleetStatus:
    """dev -> staging -> two productions, each in another state, and one tenant alone that nobody can reach."""
    connection = ConnectionStatus
    return fleet(
        tenant(
            "dev",
            tags=("internal",),
            release="sha256:" + "3f" * 32,
            applied_at=LOOKED - timedelta(minutes=12),
            applied_by="ada",
        ),
        tenant(
            "staging",
            source="dev",
            tags=("internal",),
            connections=(
                connection("users", State.DRIFTED, message="options.customScripts.change_email is not in the tenant"),
                connection("partners", State.IN_SYNC),
            ),
        ),
        tenant("prod-eu", State.BEHIND, "staging", behind=2, tags=("production", "eu"), release="sha256:" + "8e" * 32),
        tenant(
            "prod-us",
            source="staging",
            tags=("production", "us"),
            release="sha256:" + "8e" * 32,
            connections=(
                connection(
                    "users",
                    State.FAILED,
                    release="sha256:" + "77" * 32,
                    applied_at=LOOKED - timedelta(days=1),
                    applied_by="grace",
                    message="the last apply was rolled back",
                ),
            ),
        ),
        tenant("lab", connections=(), own_state=State.UNKNOWN, message="the tenant cannot be reached"),
    )


def many(number: int = 500) -> FleetStatus:
    """dev, staging, and the rest promoted from staging; three connections each."""

    def state(index: int) -> State:
        return {5: State.FAILED, 11: State.DRIFTED, 20: State.BEHIND, 40: State.UNKNOWN}.get(index % 61, State.IN_SYNC)

    def one(index: int) -> TenantStatus:
        names = ("users", "partners", "staff")
        connections = tuple(
            ConnectionStatus(name, state(index * 7 + at), behind=2 if state(index * 7 + at) is State.BEHIND else 0)
            for at, name in enumerate(names)
        )
        return TenantStatus(
            f"customer-{index:03}",
            f"c{index}.eu.example.com",
            connections,
            "staging",
            ("production", ("eu", "us", "ap")[index % 3]),
            "sha256:" + f"{index % 4}a" * 32,
            LOOKED - timedelta(hours=index),
            "ci",
        )

    return fleet(tenant("dev"), tenant("staging", source="dev"), *(one(index) for index in range(number - 2)))
