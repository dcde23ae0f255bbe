"""Tenants of every age and with every setting: what they do by themselves is never a difference and never a failure."""

import re

import pytest

from deployer.rendering.templates import shipped_templates
from deployer.sandbox import dashboard
from deployer.sandbox.server import LocalTenant
from deployer.sandbox.tenant import Behaviour
from tests.support.command_line import Project
from tests.support.tenants import Api

AGES = ("2025-01", "2026-01", "2026-03", "2026-06", "2026-08", "2026-11")
SETTINGS = {
    "plain": Behaviour(),
    "enabling new clients": Behaviour(enable_client_connections=True),
    "refusing enabled_clients": Behaviour(legacy_enabled_clients=False),
}
SCAFFOLDS = sorted(path.name for path in shipped_templates().iterdir() if (path / "login.js.j2").is_file())
ADOPT = ("--allow", "adopt:connection.legacy-users")
SCRIPT = "function login(email, password, callback) { callback(null, {user_id: 'old|' + email, email: email}); }\n"
FLEXIBLE = {"complexity": {"min_length": 15, "character_types": ["number"]}}
POLICY = """\
connections:
  legacy-users:
    store: postgres
    configuration: {PG_URL: !env PG_URL}
    options: {passwordPolicy: low}
"""


@pytest.fixture(params=AGES)
def tenant(request, reach):
    with LocalTenant(as_of=request.param) as started:
        reach(started)
        yield started


@pytest.fixture
def newest(reach):
    with LocalTenant(as_of="2026-11") as started:
        reach(started)
        yield started


def scaffold(project: Project, monkeypatch: pytest.MonkeyPatch, store: str) -> None:
    (project.root / "tenants").rmdir()
    assert project.run("init", "--store", store, "--yes").code == 0
    for line in (project.root / ".env.example").read_text().splitlines():
        if line and not line.startswith(("#", "AUTH0_")):
            monkeypatch.setenv(line.partition("=")[0], "https://value.example.com")


def settle(project: Project) -> None:
    """An apply, after which a plan and drift find nothing."""
    ran = project.run("apply", "local", "--auto-approve")
    assert ran.code == 0, ran.all
    in_sync(project)


def in_sync(project: Project) -> None:
    planned = project.run("plan", "local", "--detailed-exitcode")
    assert planned.code == 0, planned.all
    drift = project.run("drift", "local")
    assert drift.code == 0, drift.all


@pytest.mark.parametrize("store", SCAFFOLDS)
def test_what_init_writes_is_applied_and_in_sync_from_then_on(project, tenant, monkeypatch, store):
    scaffold(project, monkeypatch, store)
    settle(project)


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("age", ["2025-01", "2026-08"])
def test_settings_of_tenants_do_not_matter(project, reach, monkeypatch, setting, age):
    with LocalTenant(as_of=age, behaviour=SETTINGS[setting]) as tenant:
        reach(tenant)
        Api(tenant)("POST", "connections", {"name": "theirs", "strategy": "auth0"})
        scaffold(project, monkeypatch, "api")
        settle(project)


def test_a_policy_of_the_old_kind_is_kept_changed_rolled_back_and_destroyed(project, tenant):
    project.tenant("extends: base\n")
    project.write("tenants/base.yaml", POLICY)
    settle(project)
    project.write("tenants/base.yaml", POLICY.replace("low", "good"))
    planned = project.run("plan", "local", "--json").json["plan"]
    flexible = tenant.state.age.flexible_passwords
    assert [one["code"] for one in planned["changes"][-1]["concerns"]] == ["weakens-password-policy"] * flexible
    allow = ("--allow", "weakens-password-policy:connection.legacy-users")
    assert project.run("apply", "local", "--auto-approve").code == (3 if flexible else 0)
    assert project.run("apply", "local", "--auto-approve", *allow).code == 0
    in_sync(project)
    rolled = project.run("rollback", "local", "--auto-approve", *allow)
    assert rolled.code == 0, rolled.all
    options = tenant.state.storage.named("connection", "legacy-users")["options"]
    assert (options["passwordPolicy"], "password_options" in options) == ("low", False)
    gone = project.run("destroy", "local", "connection.legacy-users", "--confirm", "connection.legacy-users")
    assert gone.code == 0, gone.all


CHOSEN = {
    "nothing": {},
    "an old policy": {"passwordPolicy": "low", "password_history": {"enable": True, "size": 5}},
    "a new policy": {"password_options": FLEXIBLE},
}


@pytest.mark.parametrize("chosen", CHOSEN)
def test_an_import_fits_every_age(project, tenant, chosen, monkeypatch):
    monkeypatch.setenv("LOCAL_LEGACY_USERS_PG_URL", "postgres://old")
    project.tenant("# Nothing yet.\n")
    options = {"enabledDatabaseCustomization": True, "customScripts": {"login": SCRIPT}, **CHOSEN[chosen]}
    options["configuration"] = {"PG_URL": "postgres://old"}
    Api(tenant)("POST", "connections", {"name": "legacy-users", "strategy": "auth0", "options": options})
    assert project.run("import", "local").code == 0
    ran = project.run("plan", "local", "--no-lint", "--json")
    assert ran.code == 0, ran.all
    (change,) = ran.json["plan"]["changes"]
    assert change["attributes"] == []
    assert [concern["code"] for concern in change["concerns"]] == ["adopt"]
    before = tenant.state.storage.named("connection", "legacy-users")["options"]
    ran = project.run("apply", "local", "--auto-approve", "--no-lint", *ADOPT)
    assert ran.code == 0, ran.all
    assert "No changes." in project.run("plan", "local", "--no-lint").out
    after = tenant.state.storage.named("connection", "legacy-users")["options"]
    assert after.get("password_options") == before.get("password_options")


def test_a_write_that_drops_the_new_options_names_both_minimum_lengths(project, newest):
    project.tenant(POLICY)
    settle(project)
    options = {**newest.state.storage.named("connection", "legacy-users")["options"], "password_options": FLEXIBLE}
    del options["passwordPolicy"], options["configuration"]
    found = newest.state.storage.named("connection", "legacy-users")
    Api(newest)("PATCH", f"connections/{found['id']}", {"options": options})
    ran = project.run("apply", "local", "--auto-approve")
    assert ran.code == 3
    assert "minimum length of a password falls from 15 to 6" in ran.err
    assert "--allow weakens-password-policy:connection.legacy-users" in ran.err


@pytest.mark.parametrize("tenant", ["2026-03"], indirect=True)
def test_drift_says_that_the_dashboard_has_converted_the_policy(project, tenant):
    project.tenant(POLICY)
    settle(project)
    dashboard.activate_flexible_passwords(tenant.state, "legacy-users")
    ran = project.run("drift", "local")
    assert ran.code == 2
    assert "the Flexible Password Policy was activated" in ran.out
    (drifted,) = project.run("drift", "local", "--json").json["drift"]
    assert "minimum length 6" in drifted["known_as"][0]
    assert project.run("apply", "local", "--auto-approve").code == 3
    ran = project.run("apply", "local", "--auto-approve", "--allow", "weakens-password-policy:connection.legacy-users")
    assert ran.code == 0, ran.all
    in_sync(project)


def test_what_asks_for_more_than_before_needs_not_be_named(project, newest):
    project.tenant(POLICY.replace("passwordPolicy: low", "disable_signup: true"))
    settle(project)
    project.tenant(POLICY.replace("passwordPolicy: low", "password_options: {complexity: {min_length: 16}}"))
    settle(project)


def test_a_definition_without_a_policy_keeps_what_is_live(project, newest):
    project.tenant(POLICY.replace("passwordPolicy: low", "disable_signup: true"))
    settle(project)
    before = newest.state.storage.named("connection", "legacy-users")["options"]
    project.tenant(POLICY.replace("passwordPolicy: low", "disable_signup: false"))
    settle(project)
    after = newest.state.storage.named("connection", "legacy-users")["options"]
    assert after["password_options"] == before["password_options"]
    assert not after["disable_signup"]


API = """\
connections:
  still: {{store: postgres, configuration: {{PG_URL: !env PG_URL}}, clients: [Web App]}}
  other: {{store: postgres, configuration: {{PG_URL: !env PG_URL}}, clients: [Web App]{other}}}
"""
DECLARED = """\
  new:
    store: api
    configuration: {API_URL: "https://api.example.com"}
    api: {identifier: "https://api.example.com", scopes: {"authenticate:users": Log in, "read:users": Read}}
    guards: [restrict-audience]
    clients: [Web App]
"""


@pytest.fixture
def eager(reach):
    """A tenant that enables new applications everywhere, with an application and a connection of somebody else's."""
    with LocalTenant(behaviour=Behaviour(enable_client_connections=True)) as started:
        reach(started)
        api = Api(started)
        api("POST", "connections", {"name": "theirs", "strategy": "auth0"})
        api("POST", "clients", {"name": "Web App"})
        yield started


def names_on(tenant: LocalTenant, connection: str) -> list[str]:
    api = Api(tenant)
    found = tenant.state.storage.named("connection", connection)
    ids = [one["client_id"] for one in api("GET", f"connections/{found['id']}/clients")["clients"]]
    return sorted(api("GET", f"clients/{one}")["name"] for one in ids)


def test_a_new_application_stays_off_the_connections_whose_applications_are_defined(project, eager):
    project.tenant(API.format(other=""))
    settle(project)
    project.tenant(API.format(other=", options: {disable_signup: true}") + DECLARED)
    for form in ("text", "markdown", "html"):
        planned = project.run("plan", "local", "--format", form)
        assert re.search(r"connections whose applications are not defined here: (`|<code>)?theirs", planned.out), (
            planned.all
        )
    assert project.run("plan", "local", "--json").json["plan"]["enables_on"] == ["theirs"]
    ran = project.run("apply", "local", "--auto-approve", "--json")
    assert ran.code == 0, ran.all
    for connection in ("still", "other", "new"):
        assert names_on(eager, connection) == ["Web App"]
    in_sync(project)
    (note,) = ran.json["notes"]
    assert "new scripts on theirs too" in note
    assert "new scripts" in names_on(eager, "theirs")


def test_an_apply_that_fails_after_a_creation_leaves_nothing_of_it(project, eager):
    project.tenant(API.format(other=""))
    settle(project)
    project.tenant(API.format(other=", options: {disable_signup: true}") + DECLARED)
    found = eager.state.storage.named("connection", "other")
    eager.weather.add_fault("status", status=500, method="PATCH", path=f"/api/v2/connections/{found['id']}", times=2)
    ran = project.run("apply", "local", "--auto-approve")
    assert ran.code == 1, ran.all
    assert "Not applied: the tenant is as it was before." in ran.out
    assert "somebody else" not in ran.all
    for connection in ("still", "other"):
        assert names_on(eager, connection) == ["Web App"]
    assert not any(one["name"] == "new scripts" for one in Api(eager)("GET", "clients"))


def test_an_application_that_somebody_else_enables_meanwhile_is_still_theirs(project, eager):
    project.tenant(API.format(other=""))
    settle(project)
    made = Api(eager)("POST", "clients", {"name": "Foreign"})
    assert made["client_id"]
    assert project.run("drift", "local").code == 2
