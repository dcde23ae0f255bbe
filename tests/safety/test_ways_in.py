"""What let somebody log in before and does not afterwards is named, each way by itself, and is refused until then."""

import json
import shlex

import pytest

from deployer.sandbox import dashboard

USERS = """\
connections:
  users:
    store: postgres
    migration: trickle
    configuration: {PG_URL: !env PG_URL}
    scripts: {change_username: !remove }
"""
OPEN = USERS + "    clients: [Web App, Mobile]\n"


@pytest.fixture
def opened(project, local_tenant, reach, api):
    """A connection with two applications, deployed as `users`."""
    reach(local_tenant)
    for name in ("Web App", "Mobile"):
        api("POST", "clients", {"name": name})
    deploy(project, OPEN)
    return project


def go(project, *arguments, code=0):
    ran = project.run(*arguments)
    assert ran.code == code, ran.all
    return ran


def deploy(project, body, *names):
    project.tenant(body)
    allow = [part for name in names for part in ("--allow", name)]
    return go(project, "apply", "local", "--auto-approve", "--no-lint", *allow)


def concerns(project, *command):
    planned = go(project, *(command or ("plan", "local", "--no-lint")), "--json").json["plan"]
    return [f"{one['code']}:{one['address']}" for change in planned["changes"] for one in change["concerns"]]


CLOSED = {
    "an application": ("    clients: [Mobile]\n", "/clients/Web App"),
    "all applications": ("    clients: []\n", "/clients/Mobile", "/clients/Web App"),
    "the realm of its name": ("    realms: [others]\n", "/realms/users"),
    "every realm": ("    realms: []\n", "/realms/users"),
    "passwords": (
        "    options: {authentication_methods: {password: {enabled: false}, passkey: {enabled: true}}}\n",
        "/methods/password",
    ),
    "e-mail addresses": (
        "    options: {attributes: {email: {identifier: {active: false}}, username: {identifier: {active: true}}}}\n",
        "/identifiers/email",
    ),
    "every login": ("    authentication: {active: false}\n", "/authentication"),
}


@pytest.mark.parametrize("case", CLOSED)
def test_a_way_in_that_closes_is_refused_until_it_is_named(case, opened, local_tenant):
    more, *parts = CLOSED[case]
    names = [f"closes-login:connection.users{part}" for part in parts]
    opened.tenant((USERS if "clients:" in more else OPEN) + more)
    assert concerns(opened) == names
    before = json.dumps(local_tenant.state.storage.dump())
    refused = go(opened, "apply", "local", "--auto-approve", "--no-lint", "--allow", "adopt:connection.users", code=3)
    for name in names:
        assert f"--allow {shlex.quote(name)}" in refused.err
    assert json.dumps(local_tenant.state.storage.dump()) == before
    allow = [part for name in names for part in ("--allow", name)]
    go(opened, "apply", "local", "--auto-approve", "--no-lint", *allow)
    assert "No changes" in go(opened, "plan", "local", "--no-lint").out
    # What is open again closes nothing.
    opened.tenant(OPEN + "    realms: [users]\n    authentication: {active: true}\n")
    assert all(not name.startswith("closes-login") or "others" in name for name in concerns(opened))


TAKEN_BACK = {
    "passkeys": (
        "    options: {authentication_methods: {passkey: {enabled: true}}}\n",
        "    options: {authentication_methods: {passkey: {enabled: false}}}\n",
        "/methods/passkey",
    ),
    "a realm": ("    realms: [users, old]\n", "    realms: [users]\n", "/realms/old"),
    "the domain connection": (
        "    is_domain_connection: true\n",
        "    is_domain_connection: false\n",
        "/domain-connection",
    ),
    "usernames": (
        "    options: {requires_username: true}\n",
        "    options: {requires_username: false}\n",
        "/identifiers/username",
    ),
    "phone numbers, by new attributes": (
        "    options: {attributes: {email: &on {identifier: {active: true}}, phone_number: *on}}\n",
        "    options: {attributes: {email: {identifier: {active: true}}, phone_number: !remove }}\n",
        "/identifiers/phone_number",
    ),
}


@pytest.mark.parametrize("case", TAKEN_BACK)
def test_what_was_opened_is_not_closed_unsaid_nor_by_a_rollback(case, opened):
    wide, narrow, part = TAKEN_BACK[case]
    name = f"closes-login:connection.users{part}"
    deploy(opened, OPEN + wide)
    opened.tenant(OPEN + narrow)
    assert concerns(opened) == [name]
    opened.write("tenants/base.yaml", OPEN + narrow)
    opened.tenant("extends: base\n")
    go(opened, "apply", "local", "--auto-approve", "--no-lint", "--allow", name)
    opened.write("tenants/base.yaml", OPEN + wide)
    go(opened, "apply", "local", "--auto-approve", "--no-lint")
    assert concerns(opened, "rollback", "local", "--plan") == [name]
    assert name in go(opened, "rollback", "local", "--auto-approve", code=3).err
    go(opened, "rollback", "local", "--auto-approve", "--allow", name)


def test_what_somebody_opened_in_the_dashboard_is_named_before_it_closes(opened, local_tenant):
    methods = {"password": {"enabled": True}, "passkey": {"enabled": True}}
    opened.tenant(OPEN + "    options: {authentication_methods: {passkey: {enabled: false}}}\n")
    go(opened, "apply", "local", "--auto-approve", "--no-lint")
    dashboard.edit_option(local_tenant.state, "users", "authentication_methods", methods)
    assert "closes-login:connection.users/methods/passkey" in concerns(opened)


def test_users_whom_auth0_keeps_are_locked_out_where_every_login_asks_the_store(project, local_tenant, reach, api):
    reach(local_tenant)
    api("POST", "connections", {"name": "users", "strategy": "auth0"})
    project.tenant(USERS.replace("trickle", "'off'"))
    name = "closes-login:connection.users/auth0-users"
    assert concerns(project) == ["adopt:connection.users", name]
    refused = go(project, "apply", "local", "--auto-approve", "--no-lint", "--allow", "adopt:connection.users", code=3)
    assert f"--allow {name}" in refused.err
    # Who imports users goes on knowing those of Auth0.
    project.tenant(USERS)
    assert concerns(project) == ["adopt:connection.users"]


def test_it_is_shown_in_every_form_as_it_is_typed(opened):
    opened.tenant(USERS + "    clients: [Mobile]\n")
    option = "--allow 'closes-login:connection.users/clients/Web App'"
    why = "obody logs in with it through the application Web App any more"
    text = go(opened, "plan", "local", "--no-lint").out
    assert f"N{why}: needs {option}\n" in text
    markdown = go(opened, "plan", "local", "--no-lint", "--format", "markdown").out
    assert f"- `{option}`: N{why}" in markdown or f"- `{option}`: n{why}" in markdown
    html = go(opened, "plan", "local", "--no-lint", "--format", "html").out
    assert option.replace("'", "&#39;") in html
    assert f"N{why}" in html


def test_what_is_not_touched_closes_nothing(opened, api):
    """Applications that a definition does not name stay enabled, and a description is no way in."""
    opened.tenant(USERS + "    display_name: Users\n")
    assert concerns(opened) == []
    go(opened, "destroy", "local", "connection.users", "--confirm", "connection.users")
    assert api("GET", "connections") == []
