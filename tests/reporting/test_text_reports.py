"""Plans, drift, history, fleets and values of promotions as text: what a person reads, whatever a tenant holds."""

from datetime import UTC, datetime

import pytest
from rich.text import Text

from deployer.fleet.fleet import JobResult
from deployer.operations.history import History
from deployer.operations.results import PlanResult
from deployer.planning.differences import AttributeChange
from deployer.planning.drift import Drift, Drifted, drift_of
from deployer.planning.model import Action, Change, Origin, Plan, PlannedTenant, SecretChange
from deployer.reporting.drift_text import drift_text
from deployer.reporting.fleet import print_fleet
from deployer.reporting.format_values import line_difference, moment, show_path, show_value
from deployer.reporting.history import print_history
from deployer.reporting.plan import PlanDetail
from deployer.reporting.plan_text import plan_text
from deployer.resources.concerns import Concern
from deployer.resources.marker import SecretState
from deployer.state.history import HistoryRecord

HOSTILE = "a\x1b[31m\u202eb\nc\td"


def plan(*changes: Change, **more) -> Plan:
    tenant = PlannedTenant(name="local", domain="acme.eu.auth0.com", base_url="https://acme.eu.auth0.com")
    return Plan(tenant=tenant, created_at=datetime.now(UTC), created_by="x", key_id="k", changes=list(changes), **more)


def change(action: Action = Action.UPDATE, name: str = "users", **more) -> Change:
    return Change(kind="connection", name=name, action=action, **more)


def attribute(path: str, before=None, after=None, action="change") -> AttributeChange:
    return AttributeChange(path=tuple(path.split(".")), action=action, before=before, after=after)


def text(lines) -> str:
    return "\n".join(line.plain for line in lines)


def harmless(shown: str) -> bool:
    return "\x1b" not in shown and "\u202e" not in shown


def test_a_plan_without_changes():
    assert text(plan_text(plan(change(Action.NO_OP)))).endswith("No changes. 1 resource as defined.")
    assert text(plan_text(plan())).endswith("No changes. 0 resources as defined.")


def test_a_plan_counts_what_it_does():
    shown = text(plan_text(plan(change(Action.CREATE, "a"), change(Action.DELETE, "b"), change(Action.NO_OP, "c"))))
    assert "+ connection.a will be created" in shown
    assert "- connection.b will be deleted" in shown
    assert "connection.c" not in shown
    assert shown.endswith("Plan: 1 to create, 1 to delete, 1 unchanged.")


def test_attributes_are_aligned_and_scripts_are_compared_line_by_line():
    script = attribute("options.customScripts.login", "one\ntwo\nthree\n", "one\n2\nthree\nfour\n")
    shown = text(plan_text(plan(change(attributes=[script, attribute("options.a", 1, None, "remove")]))))
    assert "    ~ options.customScripts.login  2 added, 1 removed line\n" in shown
    assert "        -two\n        +2\n" in shown
    assert "    - options.a                    1\n" in shown


def drift(made):
    return Drift(made.tenant, drift_of(made), len(made.changes), way_back="`deployer apply local`")


def test_a_new_script_is_shown_whole_only_where_asked_for():
    made = plan(change(Action.CREATE, attributes=[attribute("s", None, "a\nb\n", "add")]))
    assert "2 lines" in text(plan_text(made))
    assert "        +a\n        +b" in text(plan_text(made, PlanDetail(verbose=True)))


@pytest.mark.parametrize(
    "state", [*(state for state in SecretState if state != SecretState.SAME), "removed", "unnamed"]
)
def test_every_state_of_a_secret_has_words(state):
    made = plan(change(secrets=[SecretChange(name="PG_URL", state=state)]))
    assert "secret PG_URL " in text(plan_text(made))
    drifted = any(one.secrets for one in drift_of(made))
    assert ("secret PG_URL " in text(drift_text(drift(made)))) is drifted


def test_a_concern_says_what_allows_it_and_what_cannot_be_undone_is_said():
    concern = Concern(code="adopt", address="connection.users", why="it exists")
    shown = text(plan_text(plan(change(concerns=[concern], irreversible=["x stays on"]), wide=[concern])))
    assert shown.count("! It exists: needs --allow adopt:connection.users") == 2
    assert "! Cannot be undone: x stays on" in shown


def test_whatever_a_tenant_holds_is_harmless_on_a_terminal():
    hostile = change(
        name=HOSTILE,
        attributes=[
            AttributeChange(path=("options", HOSTILE), action="change", before=HOSTILE, after=HOSTILE * 2),
            attribute("list", [HOSTILE], {"a": HOSTILE}),
        ],
        secrets=[SecretChange(name=HOSTILE, state="removed")],
        concerns=[Concern(code="adopt", address=HOSTILE, why=HOSTILE)],
        irreversible=[HOSTILE],
    )
    made = plan(
        hostile, tests={hostile.address: HOSTILE}, wide=[Concern(code="protected", address=HOSTILE, why=HOSTILE)]
    )
    assert harmless(text(plan_text(made, PlanDetail(verbose=True))))
    assert harmless(text(drift_text(drift(made))))


def test_drift_goes_from_what_is_defined_to_what_the_tenant_has():
    made = plan(change(attributes=[attribute("a", "live", "defined"), attribute("b", None, "x", "add")]))
    shown = text(drift_text(drift(made)))
    assert '~ a  "defined" -> "live"' in shown
    assert '- b  "x"' in shown
    assert "Drift in 1 resource of 1. `deployer apply local` sets it back." in shown


def test_what_is_gone_is_drift_and_a_secret_that_we_change_is_not():
    missing = plan(change(Action.CREATE))
    assert "- connection.users is not in the tenant" in text(drift_text(drift(missing)))
    assert drift_of(plan(change(secrets=[SecretChange(name="A", state=SecretState.CHANGED)]))) == []
    assert text(drift_text(drift(plan(change(Action.NO_OP))))).endswith("No drift. 1 resource as defined.")
    assert Drifted("connection.a", True, [], []).as_json()["missing"] is True


def record(**more) -> HistoryRecord:
    at = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)
    values = {"at": at, "who": "me@here", "command": "apply", "tenant": "local", "result": "succeeded", "format": 1}
    return HistoryRecord.model_validate(values | more)


def test_history_is_one_line_for_each_record_at_any_width(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    one, other = "sha256:" + "a" * 64, "sha256:" + "b" * 64
    found = record(release_from=one, release_to=other, changes={"create": 50}, reason="r" * 90)
    print_history("local", History((found,), more=False))
    head, line = capsys.readouterr().out.splitlines()
    assert head.split() == ["when", "(UTC)", "who", "command", "release", "changes", "result", "reason"]
    assert line.startswith("2026-11-23 01:02:03  me@here  apply    aaaaaaaaaaaa -> bbbbbbbbbbbb  50 create  succeeded")
    assert line.rstrip().endswith("r" * 90)


def test_history_of_anybody_is_harmless(capsys):
    hostile = record(who=HOSTILE, command=HOSTILE, result=HOSTILE, reason=HOSTILE, changes={HOSTILE: 1})
    print_history(HOSTILE, History((hostile,), more=True))
    print_history(HOSTILE, History((), more=False))
    assert harmless(capsys.readouterr().out)


def test_a_fleet_lists_every_tenant_and_its_errors_in_full(capsys):
    results = [
        JobResult("one", "changes", result=PlanResult(plan(change(Action.CREATE))), seconds=1.0),
        JobResult("two-longer", "failed", "no", "no: it is down\x1b[2J", seconds=2.0),
        JobResult("three", "skipped", "not begun"),
    ]
    print_fleet(results)
    captured = capsys.readouterr()
    assert captured.out.startswith("Tenant local (acme.eu.auth0.com)\n")
    assert "with changes one         1 to create  1.0 s\n" in captured.out
    assert "3 tenants: 1 with changes, 1 failed, 1 not begun." in captured.out
    assert "error: two-longer: no: it is down\\x1b[2J" in captured.err


def test_the_values_of_a_promotion():
    values = [attribute("domain", "a.example", "b.example"), attribute("tags", None, ["x"], "add")]
    release = "sha256:" + "a" * 64
    origin = Origin(command="promote", source="dev", values=values, untested=["users"])
    out = text(plan_text(plan(origin=origin, release=release)))
    assert out.startswith("Release aaaaaaaaaaaa, as dev runs it\n  ! connection.users defines no contract tests\n\n")
    assert "Values of local that are others than those of dev:\n" in out
    assert '    domain  "a.example" -> "b.example"\n' in out
    assert '    tags    - -> ["x"]\n' in out
    assert "    none\n" in text(plan_text(plan(origin=Origin(command="promote", source="dev"), release=release)))
    back = text(plan_text(plan(origin=Origin(command="rollback"), release=release)))
    assert back.startswith("Back to the release aaaaaaaaaaaa\n\nTenant local")
    hostile = Origin(command="promote", source=HOSTILE, values=[attribute(HOSTILE, HOSTILE, [HOSTILE])])
    assert harmless(text(plan_text(plan(origin=hostile, release=HOSTILE))))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a", '"a"'),
        (None, "null"),
        (True, "true"),
        ({"a": [1]}, '{"a": [1]}'),
        ("a\nb", "2 lines"),
        ("a\nb\n", "2 lines"),
    ],
)
def test_a_value_on_one_line(value, shown):
    assert show_value(value) == shown
    assert len(show_value("x" * 5000)) == 100


def test_paths_and_moments():
    assert show_path(("options", "a b", "c-d_e")) == 'options."a b".c-d_e'
    assert "\n" not in show_path((HOSTILE,))
    assert moment(datetime(2026, 3, 1, 0, 5, tzinfo=UTC)) == "1 Mar 2026, 00:05 UTC"
    assert line_difference("a\x1b\n", "b\n", "s")[2:] == ["@@ -1 +1 @@", "-a\\x1b", "+b"]
    assert isinstance(Text(show_value(1)), Text)
