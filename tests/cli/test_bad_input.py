"""Every mistake a user can make gets one clear paragraph and its exit code, and the tenant stays as it was."""

import json
import re
import socket

import pytest

USERS = "connections:\n  users:\n    store: postgres\n    configuration: {PG_URL: !env PG_URL}\n"

FILES = {
    "wrong YAML": ("connections:\n  users: {store: postgres\n", r"local.yaml:\d+:\d+: this is not YAML"),
    "duplicate key": (
        "connections:\n  users:\n    store: postgres\n    store: api\n",
        r"local.yaml:7:5: the key 'store' is there twice. The first is on line 6",
    ),
    "Python tag": (
        "connections: !!python/object/apply:os.system ['true']\n",
        r"local.yaml:4:14: the tag !!python/object/apply:os.system is not allowed",
    ),
    "unknown tag": ("connections: !include other.yaml\n", r"the tag !include is not allowed"),
    "misspelt key": (
        "connections:\n  users:\n    store: postgres\n    optons: {}\n",
        r"local.yaml:7:5: unknown key 'optons'; did you mean 'options'\?",
    ),
    "missing key": ("connections:\n  users: {migration: trickle}\n", r"local.yaml:5:3: the key 'store' is missing"),
    "wrong type": (
        "connections:\n  users: {store: postgres, clients: Web App}\n",
        r"local.yaml:5:28: 'connections.users.clients' must be a list",
    ),
    "wrong choice": (
        "connections:\n  users: {store: postgres, migration: slow}\n",
        r"local.yaml:5:28: 'connections.users.migration' must be 'off', 'trickle' or 'complete'",
    ),
    "name Auth0 refuses": (
        "connections:\n  legacy_users: {store: postgres}\n",
        r"local.yaml:5:3: 'legacy_users' is no name that Auth0 takes for a connection",
    ),
    "unknown store": (
        "connections:\n  users: {store: postgre}\n",
        r"there are no templates for the store 'postgre'; did you mean 'postgres'\?",
    ),
    "unknown script": (
        "connections:\n  users: {store: postgres, scripts: {log_in: templates/x.js.j2}}\n",
        r"local.yaml:5:38: 'log_in' is no action script; did you mean 'login'\?",
    ),
    "an option that is ours": (
        "connections:\n  users: {store: postgres, options: {import_mode: true}}\n",
        r"local.yaml:5:38: 'import_mode' is not set here. It follows from `migration`",
    ),
    "unknown variable": (
        "connections:\n  users: {store: postgres, variables: {tabel: users}, configuration: {PG_URL: !env PG_URL}}\n",
        r"local.yaml:5:40: connection.users variables: unknown variable 'tabel'; did you mean 'table'\?",
    ),
    "missing template": (
        "connections:\n  users: {store: postgres, scripts: {create: templates/custom/none.js.j2}}\n",
        r"there is no template 'custom/none.js.j2'",
    ),
    "expression over something undefined": (
        'connections:\n  users: {store: postgres, display_name: "{{ tenant.nme }}"}\n',
        r"local.yaml:5:42: the template reads something undefined: .*'nme'",
    ),
    "a secret in an option": (
        "connections:\n  users: {store: postgres, options: {x: !env PG_URL}}\n",
        r"holds a reference; only `configuration` and `credentials` may",
    ),
    "nothing to remove": ("tags: !remove\n", r"local.yaml:4:7: `!remove` drops an inherited key, and nothing is"),
    "circle": ("extends: local\n", r"local.yaml:4:10: `extends` goes in a circle: local extends local"),
    "unknown base": ("extends: bse\n", r"local.yaml:4:10: there is no tenant file 'bse.yaml'"),
}


def is_one_clear_paragraph(text: str) -> bool:
    return text.startswith("error: ") and "Traceback" not in text and len(text) < 1200


@pytest.mark.parametrize(
    "command", [["plan", "local"], ["apply", "local", "--auto-approve"]], ids=lambda command: command[0]
)
@pytest.mark.parametrize("case", FILES)
def test_a_wrong_tenant_file(case, command, undeployed, local_tenant):
    body, expected = FILES[case]
    undeployed.tenant(body)
    ran = undeployed.run(*command)
    assert ran.code == 1
    assert re.search(expected, ran.err), ran.err
    assert is_one_clear_paragraph(ran.err)
    assert local_tenant.state.storage.named("connection", "users") is None


@pytest.mark.parametrize("case", FILES)
def test_a_wrong_tenant_file_is_found_by_validate(case, project):
    """Which needs no tenant for it, and no secret."""
    body, expected = FILES[case]
    project.tenant(body)
    invalid = project.run("validate", "local")
    assert invalid.code == 1
    assert re.search(expected, invalid.all), invalid.all


def test_all_mistakes_of_a_file_are_reported_together(undeployed):
    undeployed.tenant(
        "protct: true\nconnections:\n  users:\n    store: postgres\n    optons: {}\n    migration: slow\n"
        "  bad_name: {store: postgres}\n"
    )
    ran = undeployed.run("plan", "local")
    assert ran.code == 1
    for line, text in ((4, "'protct'; did you mean 'protect'?"), (8, "'optons'"), (9, "migration"), (10, "bad_name")):
        assert re.search(rf"local.yaml:{line}:\d+: .*{re.escape(text)}", ran.err), ran.err
    assert "4 mistakes in all" in ran.err


def test_an_unknown_tenant(undeployed):
    ran = undeployed.run("plan", "locl")
    assert ran.code == 1
    assert "there is no tenant file 'locl.yaml' in tenants; did you mean 'local'?" in ran.err


@pytest.mark.parametrize("name", ["../local", "/etc/passwd", "a/b", "..", "\x1b[31mred"])
def test_a_tenant_name_is_no_path(undeployed, name):
    ran = undeployed.run("plan", name)
    assert ran.code == 1
    assert "there is no tenant file" in ran.err
    assert "\x1b" not in ran.err


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{% include '../../tenants/local.yaml' %}", "is not a path inside the templates folder"),
        ("{% include '/etc/passwd' %}", "is not a path inside the templates folder"),
        ("function create(user, callback) { return callback(null, {{ tabel | js }}); }", "'tabel' is undefined"),
        ("{{ ''.__class__.__mro__ }}", "access to attribute '__class__'"),
        ("{% for i in range(1000000000) %}x{% endfor %}", "range"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "calls itself without end"),
        ("{{ 1 +", "unexpected"),
    ],
)
def test_a_template_that_must_not_run(undeployed, local_tenant, template, expected):
    undeployed.write("templates/custom/create.js.j2", template)
    undeployed.tenant(USERS + "    scripts: {create: templates/custom/create.js.j2}\n")
    ran = undeployed.run("apply", "local", "--auto-approve")
    assert ran.code == 1
    assert expected in ran.err
    assert "templates/custom/create.js.j2" in ran.err
    assert is_one_clear_paragraph(ran.err)
    assert local_tenant.state.storage.named("connection", "users") is None


def test_a_link_that_leads_out_of_templates(undeployed):
    undeployed.write("secret.js.j2", "function create(user, callback) { callback(null); }")
    (undeployed.root / "templates" / "custom").mkdir(parents=True)
    (undeployed.root / "templates" / "custom" / "create.js.j2").symlink_to(undeployed.root / "secret.js.j2")
    undeployed.tenant(USERS + "    scripts: {create: templates/custom/create.js.j2}\n")
    ran = undeployed.run("plan", "local")
    assert ran.code == 1
    assert "leads out of the folder" in ran.err


def test_a_script_that_is_no_javascript_is_invalid(undeployed):
    undeployed.write("templates/custom/create.js.j2", "function create(user, callback) {\n  return callback(null\n}\n")
    undeployed.tenant(USERS + "    scripts: {create: templates/custom/create.js.j2}\n")
    ran = undeployed.run("validate", "local")
    assert ran.code == 1
    assert "templates/custom/create.js.j2:2:" in ran.out
    assert "connection.users create does not compile: SyntaxError" in ran.out


def test_every_unset_variable_is_named(undeployed, monkeypatch):
    monkeypatch.delenv("PG_URL")
    ran = undeployed.run("plan", "local")
    assert ran.code == 1
    assert re.search(r"local.yaml:9:29: the environment variable PG_URL is not set", ran.err), ran.err
    assert undeployed.run("validate", "local").code == 0


def test_wrong_credentials(undeployed, monkeypatch, local_tenant):
    monkeypatch.setenv("AUTH0_CLIENT_SECRET", "canary-wrong-secret")
    ran = undeployed.run("apply", "local", "--auto-approve")
    assert ran.code == 1
    assert is_one_clear_paragraph(ran.err)
    assert "canary-wrong-secret" not in ran.all
    assert local_tenant.state.storage.named("connection", "legacy-users") is None


@pytest.mark.parametrize("command", [["plan", "local"], ["apply", "local", "--auto-approve"], ["drift", "local"]])
def test_options_that_the_token_may_not_read_are_never_taken_for_none(
    deployed, local_tenant, api, monkeypatch, command
):
    client = api("POST", "clients", {"name": "Half blind", "app_type": "non_interactive"})
    scope = ["read:connections", "update:connections", "create:connections", "read:clients"]
    grant = {"client_id": client["client_id"], "audience": f"{local_tenant.base_url}/api/v2/", "scope": scope}
    api("POST", "client-grants", grant)
    monkeypatch.setenv("AUTH0_CLIENT_ID", client["client_id"])
    monkeypatch.setenv("AUTH0_CLIENT_SECRET", client["client_secret"])
    ran = deployed.run(*command)
    assert ran.code == 1, ran.all
    assert "read:connections_options" in ran.err
    assert is_one_clear_paragraph(ran.err)


def test_a_tenant_that_cannot_be_reached(undeployed, monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("AUTH0_BASE_URL", f"http://127.0.0.1:{port}")
    ran = undeployed.run("plan", "local")
    assert ran.code == 1
    assert is_one_clear_paragraph(ran.err)
    assert str(port) in ran.err


def test_a_500_in_the_middle(undeployed, local_tenant):
    local_tenant.weather.add_fault("status", method="POST", path="/api/v2/connections", status=500, times=None)
    ran = undeployed.run("apply", "local", "--auto-approve")
    assert ran.code == 1
    assert "Traceback" not in ran.err
    assert local_tenant.state.storage.named("connection", "legacy-users") is None


@pytest.mark.parametrize("damage", ["cut", "edited", "no plan", "newer", "missing", "other tenant"])
def test_a_plan_file_that_cannot_be_applied(damage, undeployed, tmp_path, local_tenant):
    file = tmp_path / "saved.plan"
    assert undeployed.run("plan", "local", "--out", str(file)).code == 0
    text = file.read_text()
    expected, code, name = "damaged", 1, "local"
    if damage == "cut":
        file.write_text(text[: len(text) // 2])
    elif damage == "edited":
        file.write_text(text.replace('"good"', '"none"'))
        assert file.read_text() != text
    elif damage == "no plan":
        file.write_text('{"hello": "world"}')
        expected = "this is no plan file"
    elif damage == "newer":
        data = json.loads(text)
        data["version"] = 99
        file.write_text(json.dumps(data))
        expected = "format 99"
    elif damage == "missing":
        file.unlink()
        expected = "cannot be read"
    else:
        undeployed.tenant(USERS, name="other")
        expected, code, name = "the plan is for local", 3, "other"
    ran = undeployed.run("apply", name, str(file))
    assert ran.code == code
    assert expected in ran.err
    assert is_one_clear_paragraph(ran.err)
    assert local_tenant.state.storage.named("connection", "legacy-users") is None


def test_wrong_usage_is_an_error_and_not_changes(project):
    assert project.run("plan").code == 1
    assert project.run("no-such-command").code == 1
    assert project.run("plan", "local", "--no-such-option").code == 1


def test_a_folder_without_tenants(project):
    (project.root / "tenants").rmdir()
    ran = project.run("plan", "local")
    assert ran.code == 1
    assert "there is no folder tenants" in ran.err


@pytest.mark.parametrize("stem", ["a tenant", "t" * 200])
def test_a_file_whose_name_is_no_tenants(project, stem):
    project.tenant("{}\n")
    text = (project.root / "tenants/local.yaml").read_text()
    (project.root / f"tenants/{stem}.yaml").write_text(text)
    ran = project.run("plan", stem)
    assert ran.code == 1
    assert "the file's name is no name of a tenant" in ran.err
    ran = project.run("plan", "locl")
    assert ran.code == 1
    assert "there is no tenant file 'locl.yaml'" in ran.err
    assert "local" in ran.err.partition("tenants")[2]
