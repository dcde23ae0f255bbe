"""The application that deployer signs in with, its credentials and the Management API are left alone by everything."""

import json

import pytest

from deployer.sandbox.tenant import APPLICATION

DEFINITION = """\
connections:
  users:
    store: api
    access: [tls, client-credentials]
    configuration: {{API_URL: "https://users.example.com/v1"{secret}}}
    api: {{identifier: "{identifier}", scopes: {{read:users: Find}}{client}}}
{more}"""
LEFT_ALONE = "is the application that deployer signs in with"
DEFAULTS = {"identifier": "https://users.example.com", "client": "", "secret": "", "more": ""}


@pytest.fixture
def define(project, local_tenant, reach):
    """A function that writes the definition."""
    reach(local_tenant)
    project.write("templates/custom/greet.js.j2", "exports.onExecutePostLogin = async (event, api) => {};\n")
    return lambda **values: project.tenant(DEFINITION.format_map({**DEFAULTS, **values}))


def unchanged(project, tenant, *arguments, code):
    """What a command says that must not change anything."""
    before = json.dumps(tenant.state.storage.dump())
    ran = project.run(*arguments)
    assert ran.code == code, ran.all
    assert json.dumps(tenant.state.storage.dump()) == before
    return " ".join(ran.all.split())


def refused_everywhere(project, tenant, what, code):
    for command in (("plan", "local", "--no-lint"), ("apply", "local", "--auto-approve", "--no-lint")):
        assert what in unchanged(project, tenant, *command, code=code)


def literal(project, name, value):
    """Write one of the credentials into the file itself."""
    file = project.root / "tenants/local.yaml"
    file.write_text(file.read_text().replace(f"!env {name}", f'"{value}"'))


def test_by_its_name_which_only_the_tenant_knows(project, local_tenant, define):
    define(client=f", client: {APPLICATION}")
    assert project.run("validate", "local").code == 0
    refused_everywhere(project, local_tenant, f"'{APPLICATION}' {LEFT_ALONE}", 3)


def test_by_its_id(project, local_tenant, define):
    define(client=f", client: {local_tenant.client_id}")
    refused_everywhere(project, local_tenant, f"api.client {LEFT_ALONE}", 1)
    literal(project, "AUTH0_CLIENT_ID", local_tenant.client_id)
    said = unchanged(project, local_tenant, "validate", "local", code=1)
    assert f"tenants/local.yaml:9:80: connection.users api.client {LEFT_ALONE}" in said


def test_a_new_name_that_is_its_own(project, local_tenant, define):
    """Ours is there already and would be called like it: by that name the other one would be adopted one day."""
    define()
    assert project.run("apply", "local", "--auto-approve", "--no-lint").code == 0
    define(client=f", client: {APPLICATION}")
    refused_everywhere(project, local_tenant, LEFT_ALONE, 3)


@pytest.mark.parametrize("end", ["/api/v2/", "/api/v2", "/API/v2/"])
def test_the_management_api(project, local_tenant, define, end):
    define(identifier=f"{local_tenant.base_url}{end}")
    refused_everywhere(project, local_tenant, "api.identifier is an API of Auth0 itself", 1)
    literal(project, "AUTH0_BASE_URL", local_tenant.base_url)
    said = unchanged(project, local_tenant, "validate", "local", code=1)
    assert "connection.users api.identifier is an API of Auth0 itself, not one in front of a store" in said


def test_an_api_of_auth0_under_another_name(project, local_tenant, define):
    """The tenant may be reached through a domain of its own, whose API has the identifier of the other domain."""
    storage = local_tenant.state.storage
    (server,) = [one for one in storage.all("resource_server") if one.get("is_system")]
    other = {**server, "id": "another", "identifier": "https://acme.eu.auth0.com/me/"}
    with storage.transaction():
        storage.insert("resource_server", "another", other, name=other["identifier"])
    define(identifier="https://acme.eu.auth0.com/me/")
    refused_everywhere(project, local_tenant, "https://acme.eu.auth0.com/me/ is an API of Auth0 itself", 3)


@pytest.mark.parametrize("place", ["configuration", "actions"])
def test_its_secret_is_given_to_no_script_and_no_action(project, local_tenant, define, place, monkeypatch):
    action = "actions:\n  greet: {code: templates/custom/greet.js.j2, secrets: {KEY: !env {0}}}\n"
    given = {
        "configuration": {"secret": ", KEY: !env {0}"},
        "actions": {"more": action},
    }[place]
    what = {"configuration": "connection.users KEY", "actions": "action.greet KEY"}[place]
    define(**{key: text.replace("{0}", "AUTH0_CLIENT_SECRET") for key, text in given.items()})
    refused_everywhere(project, local_tenant, f"{what} is what deployer signs in with", 1)
    assert f"{what} is what deployer signs in with" in unchanged(project, local_tenant, "validate", "local", code=1)
    # By another reference, which only its value tells.
    monkeypatch.setenv("ANOTHER", local_tenant.client_secret)
    define(**{key: text.replace("{0}", "ANOTHER") for key, text in given.items()})
    refused_everywhere(project, local_tenant, f"{what} is what deployer signs in with", 1)
    assert local_tenant.client_secret not in project.run("plan", "local", "--no-lint").all


def test_one_that_was_adopted_once_is_not_destroyed_nor_changed(project, local_tenant, define, api):
    metadata = {"deployer": "v1", "deployer_connection": "users"}
    api("PATCH", f"clients/{local_tenant.client_id}", {"client_metadata": metadata})
    define()
    refused_everywhere(project, local_tenant, LEFT_ALONE, 3)
    destroy = ("destroy", "local", "client.users", "--confirm", "client.users")
    said = unchanged(project, local_tenant, *destroy, code=3)
    assert LEFT_ALONE in said
    assert "take `deployer_connection` out of its metadata" in said
    api("PATCH", f"clients/{local_tenant.client_id}", {"client_metadata": dict.fromkeys(metadata)})
    assert project.run("apply", "local", "--auto-approve", "--no-lint").code == 0


def test_a_saved_plan_does_not_change_it_either(project, local_tenant, define, api, tmp_path, monkeypatch):
    """Whoever applies it may sign in with another application than whoever made it: the one that it adopts."""
    monkeypatch.setenv("KEY", "of both")
    made = api("POST", "clients", {"name": "Scripts", "app_type": "non_interactive"})
    define(client=", client: Scripts", more="secrets_key: !env KEY\n")
    file = tmp_path / "saved.plan"
    assert project.run("plan", "local", "--no-lint", "--out", str(file)).code == 0
    (scopes,) = [one["scope"] for one in api("GET", "client-grants") if one["client_id"] == local_tenant.client_id]
    audience = f"{local_tenant.base_url}/api/v2/"
    api("POST", "client-grants", {"client_id": made["client_id"], "audience": audience, "scope": scopes})
    monkeypatch.setenv("AUTH0_CLIENT_ID", made["client_id"])
    monkeypatch.setenv("AUTH0_CLIENT_SECRET", made["client_secret"])
    said = unchanged(project, local_tenant, "apply", "local", str(file), "--allow", "adopt:client.users", code=3)
    assert f"'Scripts' {LEFT_ALONE}" in said


def test_who_adopts_an_application_is_told_what_it_loses(project, local_tenant, define, api):
    people = ["authorization_code", "refresh_token", "client_credentials"]
    api("POST", "clients", {"name": "Web App", "grant_types": people})
    define(client=", client: Web App")
    said = unchanged(project, local_tenant, "apply", "local", "--auto-approve", "--no-lint", code=3)
    lost = "loses the grant types authorization_code, refresh_token: whoever logs in through it is locked out"
    assert lost in said
    assert lost in " ".join(project.run("plan", "local", "--no-lint").out.split())
    # A machine's application that stays one loses nothing.
    api("POST", "clients", {"name": "Machine", "grant_types": ["client_credentials"]})
    define(client=", client: Machine")
    said = unchanged(project, local_tenant, "apply", "local", "--auto-approve", "--no-lint", code=3)
    assert "adopt:client.users" in said
    assert "grant types" not in said
