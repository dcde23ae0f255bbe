"""Applications that are enabled on a connection, where the connection itself does not change or is deleted."""

import pytest

BODY = """\
connections:
  still:
    store: postgres
    configuration: {{PG_URL: !env PG_URL}}
    clients: [{client}]
  other:
    store: postgres
    configuration: {{PG_URL: !env PG_URL}}
    options: {{non_persistent_attrs: [{policy}]}}
"""


@pytest.fixture(params=["Web App", "by its id"])
def body(request, project, local_tenant, reach, api):
    """A function that writes the definitions; the application is named, or given by its id since two have the name."""
    reach(local_tenant)
    made = api("POST", "clients", {"name": "Web App"})
    client = "Web App"
    if request.param != client:
        api("POST", "clients", {"name": "Web App"})
        client = made["client_id"]
    return lambda policy: project.tenant(BODY.format(client=client, policy=policy))


def test_an_apply_beside_a_connection_that_stays_as_it_is(project, body):
    body("good")
    assert project.run("apply", "local", "--auto-approve", "--no-lint").code == 0
    body("low")
    ran = project.run("apply", "local", "--auto-approve", "--no-lint")
    assert ran.code == 0, ran.all
    assert "updated     connection.other" in ran.out
    assert "connection.still" not in ran.out
    assert project.run("plan", "local", "--detailed-exitcode", "--no-lint").code == 0


def test_a_connection_with_applications_can_be_destroyed(project, body, local_tenant):
    body("good")
    assert project.run("apply", "local", "--auto-approve", "--no-lint").code == 0
    ran = project.run("destroy", "local", "connection.still", "--confirm", "connection.still")
    assert ran.code == 0, ran.all
    assert local_tenant.state.storage.named("connection", "still") is None
