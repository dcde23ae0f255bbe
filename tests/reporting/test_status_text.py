"""The status as text and JSON."""

import json
from datetime import timedelta, timezone

import pytest

from deployer.operations.tenant_status import ConnectionStatus, FleetStatus, State
from deployer.reporting.status import show_status
from deployer.reporting.status_json import status_values
from deployer.reporting.status_text import status_text
from tests.support.fleets import LOOKED, fleet, many, tenant, three_stages

HOSTILE = "x\x1b[31m\u202e\n\ud800"


def lines(status: FleetStatus) -> list[str]:
    return [line.plain for line in status_text(status)]


def test_table_with_problems_first() -> None:
    assert lines(three_stages()) == [
        "tenant   state              users              partners  release       last applied      by",
        "prod-us  failed             failed             -         8e8e8e8e8e8e  -                 -",
        "    users: the last apply was rolled back",
        "lab      unknown            -                  -         -             -                 -",
        "    the tenant cannot be reached",
        "staging  drifted            drifted            in sync   -             -                 -",
        "    users: options.customScripts.change_email is not in the tenant",
        "prod-eu  2 releases behind  2 releases behind  -         8e8e8e8e8e8e  -                 -",
        "dev      in sync            in sync            -         3f3f3f3f3f3f  2026-11-23 01:58  ada",
        "",
        "5 tenants: 1 failed, 1 unknown, 1 drifted, 1 behind, 1 in sync. Looked at 2026-11-23 02:10 UTC.",
    ]


def test_many_different_connections_stand_in_one_column() -> None:
    found = lines(fleet(*(tenant(f"t{n}", connections=(ConnectionStatus(f"c{n}", State.IN_SYNC),)) for n in range(6))))
    assert found[0].split() == ["tenant", "state", "connections", "release", "last", "applied", "by"]
    assert found[1].startswith("t0      in sync  c0 in sync")
    assert found[-1] == "6 tenants: 6 in sync. Looked at 2026-11-23 02:10 UTC."


def test_nobody() -> None:
    assert lines(fleet())[-1] == "No tenants. Looked at 2026-11-23 02:10 UTC."


@pytest.mark.parametrize("form", ["text", "json", "html"])
def test_hostile_text(form: str) -> None:
    connection = ConnectionStatus(HOSTILE, State.FAILED, release=HOSTILE, applied_by=HOSTILE, message=HOSTILE)
    one = tenant(
        HOSTILE, connections=(connection,), tags=(HOSTILE,), release=HOSTILE, applied_by=HOSTILE, message=HOSTILE
    )
    shown = show_status(fleet(one, tenant("b", source=HOSTILE)), form)
    shown.encode()
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_json() -> None:
    values = status_values(three_stages())
    assert json.loads(json.dumps(values)) == values
    assert values["looked_at"] == "2026-11-23T02:10:00+00:00"
    assert values["counts"] == {"failed": 1, "unknown": 1, "drifted": 1, "behind": 1, "in_sync": 1}
    assert [one["name"] for one in values["tenants"]] == ["dev", "staging", "prod-eu", "prod-us", "lab"]
    assert values["tenants"][2] == {
        "name": "prod-eu",
        "domain": "prod-eu.example.com",
        "state": "behind",
        "behind": 2,
        "promote_from": "staging",
        "tags": ["production", "eu"],
        "release": "sha256:" + "8e" * 32,
        "applied_at": None,
        "applied_by": None,
        "message": None,
        "leftovers": [],
        "connections": [
            {
                "name": "users",
                "state": "behind",
                "behind": 2,
                "release": None,
                "applied_at": None,
                "applied_by": None,
                "message": None,
            }
        ],
    }


def test_times_of_any_zone_are_shown_in_utc() -> None:
    away = LOOKED.astimezone(timezone(timedelta(hours=-5)))
    one = tenant("a", applied_at=away)
    assert status_values(FleetStatus((one,), away))["tenants"][0]["applied_at"] == "2026-11-23T02:10:00+00:00"
    assert "2026-11-23 02:10" in lines(FleetStatus((one,), away))[1]


def test_five_hundred_tenants() -> None:
    assert len(lines(many())) == 503


def test_many_connections_of_one_tenant_are_counted() -> None:
    several = [ConnectionStatus(f"connection-{n}", State.IN_SYNC) for n in range(50)]
    assert "50 in sync" in lines(fleet(tenant("t", connections=tuple(several))))[1]
    several[7] = ConnectionStatus("the-other", State.BEHIND, behind=2)
    assert "the-other 2 releases behind, 49 in sync" in lines(fleet(tenant("t", connections=tuple(several))))[1]
    drifted = tuple(ConnectionStatus(f"c{n}", State.DRIFTED) for n in range(9))
    (line,) = [line for line in lines(fleet(tenant("t", connections=drifted))) if line.startswith("t ")]
    assert "c3 drifted, 5 more not in sync" in line
    assert len(line) < 150
