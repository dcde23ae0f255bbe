"""Imports, validation, scripts, rules, history, drift and outcomes: what is printed as text, and the same as JSON."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from deployer.applying.outcome import Outcome, Step
from deployer.linting.registry import all_rules
from deployer.operations.history import History
from deployer.planning.drift import Drift
from deployer.planning.model import Action, Change, Plan, PlannedTenant
from deployer.planning.validation import Validation
from deployer.reporting.drift import print_drift
from deployer.reporting.drift_text import drift_summary
from deployer.reporting.history import print_history
from deployer.reporting.imported import print_imported
from deployer.reporting.outcome import print_outcome
from deployer.reporting.rules import print_rules
from deployer.reporting.scripts import print_scripts
from deployer.reporting.validation import print_validation
from deployer.resources.importable import Imported
from deployer.state.history import HistoryRecord

TENANT = PlannedTenant(name="local", domain="acme.eu.auth0.com", base_url="https://acme.eu.auth0.com")
HOSTILE = "a\x1b[31m\u202eb"


@pytest.fixture
def printed(capsys):
    """A function that prints by another one, and returns what was on standard output, JSON as values."""

    def call(function, *arguments, form="text"):
        function(*arguments, form)
        captured = capsys.readouterr()
        assert captured.err == ""
        assert "\x1b" not in captured.out
        return json.loads(captured.out) if form == "json" else captured.out

    return call


def imported() -> Imported:
    scripts = {"login": "x", "create": "y"}
    return Imported("users", {}, scripts, variables={"PG_URL": "PG_URL"}, notes=["n"])


def import_result(**more):
    files = SimpleNamespace(
        new={"templates/users/login.js.j2": ""},
        tenant_file="tenants/local.yaml",
        added="connections:",
        to_merge=None,
        stores={"users": "users"},
    )
    return SimpleNamespace(**{"tenant": "local", "imported": [imported()], "files": files, "left_out": {}, **more})


DEPLOYING = ["deployer apply dev", "deployer promote dev local"]


def test_an_import_says_what_it_wrote_and_what_comes_next(printed):
    lines = printed(print_imported, import_result(), DEPLOYING).splitlines()
    assert lines[:4] == [
        "wrote templates/users/login.js.j2",
        "added connections to tenants/local.yaml",
        "connection users: 2 scripts in templates/users/",
        "  note: n",
    ]
    assert "  PG_URL  # users configuration.PG_URL" in lines
    assert lines[-3:] == [
        "  deployer plan local",
        "  deployer apply dev",
        "  deployer promote dev local --allow adopt:connection.users",
    ]


def test_an_import_of_nothing(printed):
    result = import_result(imported=[], files=None, left_out={HOSTILE: "it is no database"})
    lines = printed(print_imported, result, DEPLOYING).splitlines()
    assert lines == ["left out: a\\x1b[31m\\u202eb: it is no database", "Nothing to import from local."]
    values = printed(print_imported, result, DEPLOYING, form="json")
    assert values["left_out"] == {HOSTILE: "it is no database"}
    assert (values["connections"], values["written"], values["extended"]) == ([], [], None)


def test_an_import_as_json(printed):
    values = printed(print_imported, import_result(), DEPLOYING, form="json")
    assert values["connections"] == [
        {
            "name": "users",
            "store": "users",
            "scripts": ["login", "create"],
            "variables": {"PG_URL": "PG_URL"},
            "notes": ["n"],
        }
    ]
    assert values["extended"] == "tenants/local.yaml"


def test_what_is_imported_beside_connections_has_its_own_section(printed):
    domain = Imported("login", {}, notes=["verify it"], section="custom_domains", kind="custom_domain")
    result = import_result(imported=[imported(), domain])
    lines = printed(print_imported, result, DEPLOYING).splitlines()
    assert "added connections and custom_domains to tenants/local.yaml" in lines
    assert "custom_domain login" in lines
    assert lines[-1].endswith("--allow adopt:connection.users --allow adopt:custom_domain.login")
    values = printed(print_imported, result, DEPLOYING, form="json")
    assert [one["name"] for one in values["connections"]] == ["users"]
    assert values["custom_domains"] == [{"name": "login", "notes": ["verify it"]}]


VALIDATED = [
    Validation("dev", connections=1, scripts=7),
    Validation("prod", errors=[f"tenants/prod.yaml:1: {HOSTILE}\n"], warnings=["be careful"]),
]


def test_validation(printed):
    assert printed(print_validation, VALIDATED).splitlines() == [
        "valid    dev: 1 connection, 7 scripts",
        "invalid  prod",
        "  tenants/prod.yaml:1: a\\x1b[31m\\u202eb",
        "  warning  be careful",
    ]
    assert [(one["tenant"], one["valid"]) for one in printed(print_validation, VALIDATED, form="json")] == [
        ("dev", True),
        ("prod", False),
    ]


def script(source: str) -> SimpleNamespace:
    return SimpleNamespace(source=source, template="postgres/login.js.j2")


def test_scripts(printed):
    one = {("users", "login"): script(f"// {HOSTILE}\n")}
    assert printed(print_scripts, one) == "// a\\x1b[31m\\u202eb\n"
    two = {**one, ("users", "create"): script("create();")}
    assert printed(print_scripts, two).endswith("// ==> users/create.js <==\ncreate();\n")
    assert printed(print_scripts, one, form="json") == [
        {
            "connection": "users",
            "script": "login",
            "template": "templates/postgres/login.js.j2",
            "source": f"// {HOSTILE}\n",
        }
    ]


def test_one_rule_in_full_and_all_of_them_by_name(printed):
    rules = all_rules()
    shown = printed(print_rules, rules[:1])
    assert shown.startswith(f"{rules[0].code} {rules[0].name} (")
    for part in ("\nBad:\n", "\nGood:\n", f"\nSource: {rules[0].source}\n", "\nSilence it for a tenant: "):
        assert part in shown
    listed = printed(print_rules, rules)
    assert all(f"  {rule.code} " in listed for rule in rules)
    assert "\nBad:\n" not in listed
    assert [one["code"] for one in printed(print_rules, rules, form="json")] == [rule.code for rule in rules]


def record() -> HistoryRecord:
    at = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)
    values = {"at": at, "who": "ada", "command": "destroy", "tenant": "local", "result": "succeeded", "format": 1}
    return HistoryRecord.model_validate(values | {"targets": [f"connection.{n}" for n in range(5)]})


def test_history(printed):
    shown = printed(print_history, "local", History((record(),), more=True))
    assert "destroy connection.0, connection.1, connection.2 and 2 more" in shown
    assert shown.endswith("There are older ones: --limit N shows more.\n")
    (values,) = printed(print_history, "local", History((record(),), more=True), form="json")
    assert (values["who"], values["command"]) == ("ada", "destroy")


@pytest.mark.parametrize(
    ("filtered", "said"),
    [(True, "Nothing that fits has been done to local.\n"), (False, "Nothing has been done to local yet.\n")],
)
def test_no_history(capsys, filtered, said):
    print_history("local", History((), more=False), filtered=filtered)
    assert capsys.readouterr().out == said


NO_DRIFT = Drift(TENANT, [], 3, ["connection.a"], ["connection.b", "connection.c"], {"action.d": "it cannot be read"})


def test_what_differs_and_is_no_drift(printed):
    lines = printed(print_drift, NO_DRIFT).splitlines()
    assert lines[-1] == "No drift. 2 resources as defined, 1 as left."
    assert lines[lines.index("Defined, and not deployed:") + 1 :][:2] == ["    connection.b", "    connection.c"]
    assert lines[lines.index("Not compared:") + 1] == "    action.d: it cannot be read"
    values = printed(print_drift, NO_DRIFT, form="json")
    assert values == {
        "tenant": "local",
        "drift": [],
        "not_applied": ["connection.a"],
        "not_deployed": ["connection.b", "connection.c"],
        "not_compared": {"action.d": "it cannot be read"},
        "leftovers": [],
    }


@pytest.mark.parametrize(
    ("drift", "line"),
    [
        (NO_DRIFT, "no drift; 1 not applied; 2 not deployed; 1 not compared"),
        (Drift(TENANT, [], 0, not_deployed=["connection.a"]), "defined, and not deployed"),
        (Drift(TENANT, [], 3), "no drift"),
    ],
)
def test_drift_in_one_line(drift, line):
    assert drift_summary(drift) == line


def test_an_outcome_as_json(printed):
    change = Change(kind="connection", name="users", action=Action.UPDATE)
    step = Step(change, "failed", 1.23456, "no", ["x stays on"])
    made = {"created_at": datetime(2026, 11, 23, tzinfo=UTC), "created_by": "ada", "key_id": "k"}
    plan = Plan(tenant=TENANT, changes=[change], **made)
    values = printed(print_outcome, plan, Outcome([step]), form="json")
    assert (values["tenant"], values["complete"], values["result"]) == ("local", False, "partial")
    assert values["changes"] == [
        {
            "address": "connection.users",
            "action": "update",
            "status": "failed",
            "seconds": 1.235,
            "message": "no",
            "stands": ["x stays on"],
            "overwritten": [],
            "undo_message": None,
        }
    ]
    assert printed(print_outcome, plan, None, form="json")["result"] == "succeeded"
    assert printed(print_outcome, plan, None) == ""
