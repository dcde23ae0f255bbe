"""An application that a definition enables and the tenant does not have is said in the plan, before any write."""

import pytest

USERS = """\
connections:
  legacy-users:
    store: postgres
    variables: {table: users}
    configuration: {PG_URL: !env PG_URL}
    clients: [%s]
"""


@pytest.fixture
def written(undeployed, local_tenant):
    """The writes that have reached the tenant."""
    seen = []

    def watch(passing):
        if passing.phase == "before" and passing.method != "GET" and passing.path.startswith("/api/v2/"):
            seen.append(f"{passing.method} {passing.path}")

    local_tenant.weather.on_request = watch
    return seen


@pytest.mark.parametrize(
    "command", [("plan", "local"), ("plan", "local", "--out", "p"), ("apply", "local", "--auto-approve")]
)
def test_a_name_that_no_application_has_is_a_mistake_at_its_place(command, undeployed, api, written):
    api("POST", "clients", {"name": "Web App"})
    written.clear()
    undeployed.tenant(USERS % "Web App, Web Ap, Nobody")
    ran = undeployed.run(*command)
    assert ran.code == 1
    assert (
        "tenants/local.yaml:9:5: connection.legacy-users: the tenant has no application 'Web Ap'; did you mean"
        in ran.err
    )
    assert "the tenant has no application 'Nobody'" in ran.err
    assert not written


def test_of_two_applications_with_one_name_the_client_id_is_asked_for(undeployed, api, written):
    first, _ = (api("POST", "clients", {"name": "Web App"}) for _ in range(2))
    written.clear()
    undeployed.tenant(USERS % "Web App")
    ran = undeployed.run("plan", "local")
    assert ran.code == 1
    assert "2 applications are named 'Web App'. Name the application by its client id" in ran.err
    undeployed.tenant(USERS % first["client_id"])
    assert undeployed.run("apply", "local", "--auto-approve").code == 0


def test_an_application_that_the_same_plan_creates_may_be_named(project, local_tenant, reach):
    reach(local_tenant)
    project.tenant(
        "connections:\n"
        "  legacy-users:\n"
        "    store: api\n"
        "    access: [tls, client-credentials]\n"
        "    configuration: {API_URL: https://users.example.com/v1}\n"
        "    api: {identifier: https://users.example.com, scopes: {read:users: Find}}\n"
        "    guards: [restrict-audience]\n"
        "    clients: [legacy-users scripts]\n"
    )
    ran = project.run("plan", "local", "--json")
    assert ran.code == 0, ran.all


def test_an_application_that_is_enabled_already_costs_no_request(undeployed, api, local_tenant):
    api("POST", "clients", {"name": "Web App"})
    undeployed.tenant(USERS % "Web App")
    assert undeployed.run("apply", "local", "--auto-approve").code == 0
    asked = []
    local_tenant.weather.on_request = lambda passing: asked.append(passing.path) if passing.phase == "before" else None
    assert undeployed.run("plan", "local", "--detailed-exitcode").code == 0
    assert asked.count("/api/v2/clients") == 1
