"""A tenant that somebody else set up is taken over: files say what it has, and a plan shows no difference."""

import pytest

from deployer.sandbox import dashboard

LOGIN = """\
function login(email, password, callback) {
  const { Pool } = require('pg@8.7.1');
  const pool = new Pool({ connectionString: configuration.PG_URL, ssl: {rejectUnauthorized: true} });
  pool.query('select id from users where email = $1', [email], function (err, result) {
    if (err) return callback(err);
    const nickname = `{{ not jinja }} {% x %} {# y #}`;
    callback(null, { user_id: 'legacy|' + result.rows[0].id, email: email, nickname: nickname });
  });
}
"""
GET_USER = "// {% endraw %}{{ configuration }}\r\nfunction getByEmail(email, callback) {\r\n  callback(null);\r\n}\r\n"
ALLOW = ("apply", "local", "--auto-approve", "--no-lint")
PLAN = ("plan", "local", "--no-lint")


def connection(name="legacy-users", /, scripts=None, **more):
    options = {
        "enabledDatabaseCustomization": True,
        "import_mode": True,
        "disable_signup": True,
        "brute_force_protection": False,
        "customScripts": {"login": LOGIN, "get_user": GET_USER} if scripts is None else scripts,
        "configuration": {"PG_URL": "postgres://old", "api-key": "abc"},
        **more.pop("options", {}),
    }
    return {"name": name, "strategy": "auth0", "options": options, **more}


@pytest.fixture
def tenant(project, local_tenant, reach, api):
    """A project that reaches a tenant in which somebody has set up a custom database by hand."""
    reach(local_tenant)
    project.tenant("# The body of this file is a comment, and it stays.\n")
    api("POST", "connections", connection(metadata={"owner": "no", "plan": "{{ 7 * 7 }}"}, display_name="Old users"))
    return project


@pytest.fixture
def secrets(monkeypatch):
    monkeypatch.setenv("LOCAL_LEGACY_USERS_PG_URL", "postgres://old")
    monkeypatch.setenv("LOCAL_LEGACY_USERS_API_KEY", "abc")


def test_a_plan_after_an_import_shows_only_what_cannot_be_compared(tenant, secrets, live_connection):
    before = live_connection()
    ran = tenant.run("import", "local")
    assert ran.code == 0, ran.all
    for name in ("LOCAL_LEGACY_USERS_PG_URL", "LOCAL_LEGACY_USERS_API_KEY"):
        assert name in ran.out
    assert live_connection() == before
    change = tenant.run(*PLAN, "--json").json["plan"]["changes"][0]
    assert change["attributes"] == []
    assert [(secret["name"], secret["state"]) for secret in change["secrets"]] == [
        ("PG_URL", "unknown"),
        ("api-key", "unknown"),
    ]
    assert [concern["code"] for concern in change["concerns"]] == ["adopt"]


def test_after_the_adoption_a_plan_is_empty_and_nothing_else_has_changed(tenant, secrets, live_connection):
    before = live_connection()
    assert tenant.run("import", "local").code == 0
    ran = tenant.run(*ALLOW, "--allow", "adopt:connection.legacy-users")
    assert ran.code == 0, ran.all
    assert "No changes." in tenant.run(*PLAN).out
    assert tenant.run("drift", "local").code == 0
    after = live_connection()
    for state in (before, after):
        state["options"].pop("configuration")
        state["options"].pop("authentication_methods")  # the tenant completes it at every write
        state["metadata"] = {key: value for key, value in state["metadata"].items() if not key.startswith("deployer")}
    assert after == before
    assert after["options"]["customScripts"] == {"login": LOGIN, "get_user": GET_USER}


def test_the_definition_says_what_the_tenant_has_and_no_default(tenant):
    assert tenant.run("import", "local").code == 0
    text = (tenant.root / "tenants/local.yaml").read_text()
    assert "# The body of this file is a comment, and it stays." in text
    assert text.endswith(
        """\
connections:
  legacy-users:
    store: legacy-users
    migration: trickle
    configuration:
      PG_URL: !env LOCAL_LEGACY_USERS_PG_URL
      api-key: !env LOCAL_LEGACY_USERS_API_KEY
    modules:
      pg: 8.7.1
    options:
      disable_signup: true
      brute_force_protection: false
    metadata:
      owner: 'no'
      plan: '{{ ''{{'' }} 7 * 7 }}'
    display_name: Old users
"""
    )
    assert tenant.run("validate", "--all").code == 0


def test_applications_are_named_and_by_their_id_where_a_name_is_not_enough(tenant, api, secrets):
    for name in ("Web: App", "{{ Web }}", "Twice", "Twice"):
        api("POST", "clients", {"name": name})
    ids = {client["name"]: client["client_id"] for client in api("GET", "clients")}
    live = api("GET", "connections?strategy=auth0")[0]["id"]
    enabled = [ids[name] for name in ("Web: App", "{{ Web }}", "Twice")]
    api("PATCH", f"connections/{live}/clients", [{"client_id": one, "status": True} for one in enabled])
    assert tenant.run("import", "local").code == 0
    text = (tenant.root / "tenants/local.yaml").read_text()
    for line in ("- 'Web: App'", "- '{{ ''{{'' }} Web }}'", f"- {ids['Twice']}"):
        assert f"      {line}\n" in text
    change = tenant.run(*PLAN, "--json").json["plan"]["changes"][0]
    assert change["attributes"] == []
    assert tenant.run(*ALLOW, "--allow", "adopt:connection.legacy-users").code == 0
    still = {one["client_id"] for one in api("GET", f"connections/{live}/clients")["clients"]}
    assert still == set(enabled)
    (tenant.root / "tenants/local.yaml").write_text(text.replace("- 'Web: App'", f"- {ids['Web: App']}"))
    assert "No changes." in tenant.run(*PLAN).out


def test_a_file_with_connections_is_left_alone(tenant):
    tenant.tenant("connections: {}  # soon\n")
    before = (tenant.root / "tenants/local.yaml").read_bytes()
    ran = tenant.run("import", "local")
    assert ran.code == 0, ran.all
    assert (tenant.root / "tenants/local.yaml").read_bytes() == before
    assert "Merge tenants/local.imported.yaml into tenants/local.yaml" in ran.out
    assert "legacy-users:" in (tenant.root / "tenants/local.imported.yaml").read_text()
    assert tenant.run("validate", "--all", "--json").json == [
        {"tenant": "local", "valid": True, "connections": 0, "scripts": 0, "errors": [], "warnings": []}
    ]
    again = tenant.run("import", "local")
    assert again.code == 1
    assert "tenants/local.imported.yaml: there is such a file already" in again.err


@pytest.mark.parametrize("end", ["{domain: a.b, credentials: {client_id: x, client_secret: !env S}}", "..."])
def test_text_that_cannot_stand_behind_the_file_goes_into_one_of_its_own(tenant, end):
    flow = end.startswith("{")
    path = tenant.root / "tenants/local.yaml"
    if flow:
        body = end.replace("a.b", "!env AUTH0_DOMAIN, base_url: !env AUTH0_BASE_URL")
        path.write_text(
            body.replace("client_id: x", "client_id: !env AUTH0_CLIENT_ID").replace("env S", "env AUTH0_CLIENT_SECRET")
        )
    else:
        path.write_text(path.read_text() + end)
    before = path.read_bytes()
    ran = tenant.run("import", "local")
    assert ran.code == 0, ran.all
    assert path.read_bytes() == before
    assert "Merge tenants/local.imported.yaml" in ran.out


def test_lines_of_a_windows_file_stay_so(tenant):
    path = tenant.root / "tenants/local.yaml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert tenant.run("import", "local").code == 0
    text = path.read_bytes()
    assert text.count(b"\n") == text.count(b"\r\n")
    assert tenant.run("validate", "local").code == 0


def test_what_is_no_custom_database_is_left_out_and_said(tenant, api):
    api("POST", "connections", {"name": "plain", "strategy": "auth0"})
    api("POST", "connections", connection("asleep", options={"enabledDatabaseCustomization": False}))
    ran = tenant.run("import", "local")
    assert "left out: plain: it is no custom database" in ran.out
    assert "left out: asleep: its scripts are switched off" in ran.out
    assert not (tenant.root / "templates/asleep").exists()
    named = tenant.run("import", "local", "asleep", "--json").json
    assert "a deploy turns them on" in named["connections"][0]["notes"][0]
    assert "has no action scripts" in tenant.run("import", "local", "plain").err
    again = tenant.run("import", "local")
    assert "left out: legacy-users: it is defined already" in again.out
    assert "Nothing to import from local." in again.out


def test_an_unknown_connection_writes_nothing(tenant):
    ran = tenant.run("import", "local", "legacy-users", "legacy-user")
    assert ran.code == 1
    assert "did you mean 'legacy-users'?" in ran.err
    assert not (tenant.root / "templates").exists()


def test_the_same_scripts_are_one_store_and_names_of_stores_are_not_taken(tenant, api):
    api("POST", "connections", connection("second"))
    api("POST", "connections", connection("postgres", scripts={"login": LOGIN}))
    api("POST", "connections", connection("CON", scripts={"login": LOGIN + "\n"}))
    ran = tenant.run("import", "local", "--json")
    stores = {one["name"]: one["store"] for one in ran.json["connections"]}
    assert stores == {
        "CON": "CON-local",
        "legacy-users": "legacy-users",
        "postgres": "postgres-local",
        "second": "legacy-users",
    }
    (tenant.root / "tenants/local.yaml").rename(tenant.root / "first.yaml")
    tenant.tenant("", name="other")
    other = tenant.run("import", "other", "second", "legacy-users", "--json").json
    assert {one["store"] for one in other["connections"]} == {"legacy-users"}
    assert [path for path in other["written"] if path.startswith("templates/")] == []


def test_a_finished_migration_is_recognised(tenant, api):
    nothing = "function {}(a, callback) {{\n  // nobody is left\n  return callback(null, null);\n}}\n"
    scripts = {"login": nothing.format("login"), "get_user": nothing.format("getUser")}
    api("POST", "connections", connection("moved", scripts=scripts))
    api("POST", "connections", connection("stays", scripts={"login": LOGIN}, options={"import_mode": False}))
    assert tenant.run("import", "local").code == 0
    text = (tenant.root / "tenants/local.yaml").read_text()
    assert "  moved:\n    store: moved\n    migration: complete\n" in text
    assert "  stays:\n    store: stays\n    migration: 'off'\n" in text


def test_scripts_that_deployer_wrote_change_in_their_comment_only(deployed, monkeypatch):
    (deployed.root / "tenants/local.yaml").unlink()
    deployed.tenant("")
    ran = deployed.run("import", "local")
    assert ran.code == 0, ran.all
    assert "its scripts begin with deployer's comment" in ran.out
    monkeypatch.setenv("LOCAL_LEGACY_USERS_PG_URL", "postgres://x")
    plan = deployed.run("plan", "local", "--json").json["plan"]["changes"][0]
    assert plan["attributes"]
    for attribute in plan["attributes"]:
        assert attribute["path"][:2] == ["options", "customScripts"]
        before, after = attribute["before"].split("\n"), attribute["after"].split("\n")
        assert before[1:] == after[1:]
        assert after[0].endswith(f"template templates/legacy-users/{attribute['path'][2]}.js.j2.")
        assert "Managed by deployer" not in "\n".join(after[1:])


def test_a_key_can_not_choose_somebody_elses_variable(tenant, api):
    api(
        "POST",
        "connections",
        connection("AWS", options={"configuration": {"SECRET_ACCESS_KEY": "x", "secret-access-key": "y"}}),
    )
    named = tenant.run("import", "local", "AWS", "--json").json["connections"][0]["variables"]
    assert named == {
        "LOCAL_AWS_SECRET_ACCESS_KEY": "SECRET_ACCESS_KEY",
        "LOCAL_AWS_SECRET_ACCESS_KEY_2": "secret-access-key",
    }
    (tenant.root / "tenants/local.yaml").rename(tenant.root / "tenants/auth0.yaml")
    api("POST", "connections", connection("client", options={"configuration": {"secret": "x"}}))
    named = tenant.run("import", "auth0", "client", "--json").json["connections"][0]["variables"]
    assert named == {"AUTH0_CLIENT_SECRET_2": "secret"}


def test_usernames_and_attributes_come_back_as_they_are(tenant, api, secrets):
    attributes = {"email": {"identifier": {"active": True}}, "username": {"identifier": {"active": True}}}
    scripts = {"login": LOGIN, "get_user": GET_USER, "change_username": "function changeUsername(a, b, callback) {}"}
    options = {"attributes": attributes, "requires_username": False, "configuration": {}}
    api("POST", "connections", connection("names", scripts=scripts, options=options))
    api("POST", "connections", connection("no-names", scripts=scripts, options={"configuration": {}}))
    assert tenant.run("import", "local").code == 0
    plan = tenant.run(*PLAN, "--json").json["plan"]
    changed = {change["name"]: change["attributes"] for change in plan["changes"]}
    assert changed == {"legacy-users": [], "names": [], "no-names": []}


def test_metadata_that_leave_no_room_for_notes_stay_outside(tenant, api):
    many = {f"key{number}": "x" for number in range(8)}
    api("POST", "connections", connection("crowded", metadata=many))
    ran = tenant.run("import", "local", "crowded")
    assert "its 8 pairs of metadata stay as they are" in ran.out
    assert "key1" not in (tenant.root / "tenants/local.yaml").read_text()


def test_options_of_any_shape_come_back_as_they_are(tenant, local_tenant, secrets):
    odd = {"no": "yes", "a b": ["1e5", None, {"!env": "X"}], "{{": "{% set x %}", "n": 1.5, "deep": {"~": "~"}}
    dashboard.edit_option(local_tenant.state, "legacy-users", "odd", odd)
    assert tenant.run("import", "local").code == 0
    change = tenant.run(*PLAN, "--json").json["plan"]["changes"][0]
    assert change["attributes"] == []
    assert change["wanted"]["attributes"]["options"]["odd"] == odd


def test_a_tenant_without_a_file_is_told_what_to_do(project):
    ran = project.run("import", "nowhere")
    assert ran.code == 1
    assert "there is no tenant file 'nowhere.yaml'" in ran.err
