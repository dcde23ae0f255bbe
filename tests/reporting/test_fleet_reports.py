"""One command for many tenants: a line for each, its errors in full, and JSON, whatever the command was."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deployer.applying.outcome import Outcome, Step
from deployer.fleet.fleet import JobResult
from deployer.operations.observer import Notice
from deployer.operations.results import ApplyResult, PlanResult
from deployer.operations.tenant_status import State
from deployer.planning.drift import Drift, Drifted
from deployer.planning.model import Action, Change, Leftover, Plan, PlannedTenant
from deployer.reporting.fleet import common_notices, print_fleet
from deployer.reporting.fleet_wording import error_text, summary_text
from tests.support.fleets import tenant

TENANT = PlannedTenant(name="local", domain="acme.eu.auth0.com", base_url="https://acme.eu.auth0.com")
CREATE = Change(kind="connection", name="users", action=Action.CREATE)
UPDATE = Change(kind="connection", name="staff", action=Action.UPDATE)


def plan(*changes: Change, **more) -> Plan:
    values = {"created_at": datetime(2026, 11, 23, tzinfo=UTC), "created_by": "ada", "key_id": "k", **more}
    return Plan(tenant=TENANT, changes=list(changes), **values)


PLANNED = PlanResult(plan(CREATE, UPDATE), takes_from="staging")
APPLIED = ApplyResult(plan(CREATE, UPDATE), Outcome([Step(CREATE, "applied"), Step(UPDATE, "applied")]))
FAILED = ApplyResult(plan(CREATE), Outcome([Step(CREATE, "failed", message="no \x1b[2J access")]))
UNCHANGED = ApplyResult(plan(), notes=("a journal was closed",))
DRIFTED = Drift(TENANT, [Drifted("connection.users", missing=True, attributes=[], secrets=[])], 1)


@pytest.mark.parametrize(
    ("result", "line"),
    [
        (JobResult("a", "changes", result=PLANNED), "1 to create, 1 to update"),
        (JobResult("a", "ok", result=PlanResult(plan())), "no changes"),
        (
            JobResult("a", "ok", result=PlanResult(plan(leftovers=[Leftover(address="action.old")]))),
            "no changes; no longer defined: action.old",
        ),
        (JobResult("a", "ok", result=APPLIED), "1 created, 1 updated"),
        (JobResult("a", "failed", result=FAILED), "rolled-back: no \\x1b[2J access"),
        (JobResult("a", "ok", result=UNCHANGED), "no changes; a journal was closed"),
        (JobResult("a", "changes", result=DRIFTED), "1 resource drifted"),
        (JobResult("a", "ok", result=tenant("a", State.BEHIND, behind=2)), "2 releases behind"),
        (JobResult("a", "skipped", "because others failed"), "because others failed"),
        (
            JobResult("a", "ok", "done", notices=(Notice("interrupted", "an apply was cut off"),)),
            "done; an apply was cut off",
        ),
    ],
)
def test_a_tenant_in_one_line(result, line):
    assert summary_text(result) == line


@pytest.mark.parametrize(
    ("result", "text"),
    [
        (JobResult("a", "failed", result=FAILED), "no \x1b[2J access"),
        (JobResult("a", "failed", result=ApplyResult(plan(), Outcome(interrupted=True))), "interrupted"),
        (JobResult("a", "refused", "short", "in full"), "in full"),
    ],
)
def test_why_a_tenant_failed(result, text):
    assert error_text(result) == text


def test_errors_stand_between_the_tenants_and_the_totals(capsys):
    print_fleet([JobResult("a", "failed", result=FAILED), JobResult("b", "ok", result=APPLIED)])
    captured = capsys.readouterr()
    assert captured.out.splitlines()[-1] == "2 tenants: 1 failed, 1 done."
    assert captured.err == "\nerror: a: no \\x1b[2J access\n"


def test_a_saved_plan_says_how_it_is_applied(capsys):
    print_fleet([JobResult("local", "changes", result=PLANNED)], saved_in=Path("my plans"))
    out = capsys.readouterr().out
    assert "\nPlan sha256:" in out
    assert "Saved in 'my plans/local.plan'. To apply exactly this: deployer " in out


@pytest.mark.parametrize(
    ("result", "key"),
    [(PLANNED, "plan"), (APPLIED, "changes"), (DRIFTED, "drift")],
    ids=["plan", "apply", "drift"],
)
def test_json_holds_what_the_command_gives_for_one_tenant(capsys, result, key):
    print_fleet([JobResult("a", "changes", result=result, seconds=1.23456)], "json")
    (one,) = json.loads(capsys.readouterr().out)
    assert (one["tenant"], one["verdict"], one["seconds"]) == ("a", "changes", 1.235)
    assert key in one["data"]
    assert "error" not in one


def test_json_of_a_failure(capsys):
    print_fleet([JobResult("a", "failed", "short", "in full \x1b"), JobResult("b", "skipped", "not begun")], "json")
    out = capsys.readouterr().out
    first, second = json.loads(out)
    assert "\x1b" not in out
    assert (first["data"], first["error"], first["summary"]) == (None, "in full \x1b", "short")
    assert second == {"tenant": "b", "verdict": "skipped", "summary": "not begun", "seconds": 0.0, "data": None}


STATE, ALLOW = Notice("state", "the folder is not there"), Notice("allow", "--allow names nothing")


@pytest.mark.parametrize(
    ("noticed", "said"),
    [
        ([(STATE,), ()], [STATE]),
        ([(ALLOW,), ()], []),
        ([(ALLOW,), (ALLOW, STATE)], [ALLOW, STATE]),
        ([(Notice("interrupted", "x"),), ()], []),
    ],
)
def test_what_is_said_once_for_all(noticed, said):
    results = [JobResult(str(n), "ok", result=PLANNED, notices=notices) for n, notices in enumerate(noticed)]
    assert common_notices(results) == said
