"""What is drift and what is not: edits of a tenant's own file that wait to be applied, and what was never deployed."""

import json

import pytest

from deployer.sandbox import dashboard
from deployer.state.state_store import StateStore

OWN = """\
connections:
  legacy-users:
    store: postgres
    variables: {table: users}
    configuration: {PG_URL: !env PG_URL}
    options: {non_persistent_attrs: [fair]}
"""
LOW = OWN.replace("fair", "low")


def go(project, *arguments, code=0):
    ran = project.run(*arguments)
    assert ran.code == code, ran.all
    return ran


def drift(project, code=0, name="local"):
    return go(project, "drift", name, "--json", code=code).json


def addresses(found):
    return [one["address"] for one in found["drift"]]


def status(project, name="local"):
    (found,) = go(project, "status", name, "--json").json["tenants"]
    return found


def connection(project, of="legacy-users"):
    return next(one for one in status(project)["connections"] if one["name"] == of)


def notes(project, name="local"):
    return StateStore.open(None, project.root).inventory.known(name).final_states


@pytest.fixture
def own(project, local_tenant, reach):
    """A tenant whose connection is in its own file, deployed."""
    reach(local_tenant)
    project.tenant(OWN)
    go(project, "apply", "local", "--auto-approve")
    return project


def test_an_edit_that_is_not_applied_is_no_drift(own):
    own.tenant(LOW.replace("table: users", "table: people"))
    assert drift(own) == {
        "tenant": "local",
        "drift": [],
        "not_applied": ["connection.legacy-users"],
        "not_deployed": [],
        "not_compared": {},
        "leftovers": [],
    }
    shown = go(own, "drift", "local").out
    assert (
        "its definition or a secret was changed since and that is not applied:\n    connection.legacy-users\n" in shown
    )
    assert shown.endswith("No drift. 0 resources as defined, 1 as left.\n")
    assert "no drift; 1 not applied" in go(own, "drift", "--all").out
    found = connection(own)
    assert (found["state"], found["behind"]) == ("behind", 0)
    assert "that is not applied" in found["message"]
    assert "will be updated" in go(own, "plan", "local").out


def test_what_somebody_changes_besides_is_drift(own, local_tenant):
    own.tenant(LOW)
    dashboard.edit_option(local_tenant.state, "legacy-users", "non_persistent_attrs", ["excellent"])
    assert addresses(drift(own, code=2)) == ["connection.legacy-users"]
    assert connection(own)["state"] == "drifted"
    # What had been set by the last apply but one is drift as well.
    go(own, "apply", "local", "--auto-approve")
    dashboard.edit_option(local_tenant.state, "legacy-users", "non_persistent_attrs", ["fair"])
    assert addresses(drift(own, code=2)) == ["connection.legacy-users"]


def test_a_secret_that_somebody_changes_is_drift_whatever_the_file_says(own, api, monkeypatch):
    (live,) = api("GET", "connections?strategy=auth0")
    options = {**live["options"], "configuration": {"PG_URL": "postgres://else"}}
    api("PATCH", f"connections/{live['id']}", {"options": options})
    own.tenant(LOW)
    (found,) = drift(own, code=2)["drift"]
    assert [secret["name"] for secret in found["secrets"]] == ["PG_URL"]
    message = connection(own)["message"]
    assert "options.non_persistent_attrs" in message
    assert "secret PG_URL" in message


def test_applications_that_the_file_names_since_are_no_drift(own, api):
    api("POST", "clients", {"name": "Web App"})
    own.tenant(LOW + "    clients: [Web App]\n    display_name: Users\n")
    assert drift(own)["not_applied"] == ["connection.legacy-users"]
    go(own, "apply", "local", "--auto-approve")
    (live,) = api("GET", "connections?strategy=auth0")
    enabled = [one["client_id"] for one in api("GET", f"connections/{live['id']}/clients")["clients"]]
    api("PATCH", f"connections/{live['id']}/clients", [{"client_id": one, "status": False} for one in enabled])
    assert addresses(drift(own, code=2)) == ["connection.legacy-users"]


def test_a_new_connection_that_is_not_applied_is_no_drift(own, local_tenant):
    own.tenant(OWN + "  second: {store: postgres, configuration: {PG_URL: !env PG_URL}}\n")
    assert drift(own)["not_deployed"] == ["connection.second"]
    assert "Defined, and not deployed:\n    connection.second\n" in go(own, "drift", "local").out
    assert (connection(own, "second")["state"], connection(own)["state"]) == ("behind", "in_sync")
    go(own, "apply", "local", "--auto-approve")
    dashboard.delete_connection(local_tenant.state, "second")
    assert "connection.second is not in the tenant" in go(own, "drift", "local", code=2).out
    # Nor is it forgotten where it cannot be made again.
    local_tenant.weather.add_fault("status", method="POST", path="/api/v2/connections", status=400, times=1)
    go(own, "apply", "local", "--auto-approve", code=1)
    assert "connection.second is not in the tenant" in go(own, "drift", "local", code=2).out


def test_an_apply_that_fails_leaves_no_note(own, local_tenant):
    assert set(notes(own)) == {"connection.legacy-users"}
    own.tenant(LOW)
    local_tenant.weather.add_fault("status", method="PATCH", path="/api/v2/connections/*", status=400, times=1)
    go(own, "apply", "local", "--auto-approve", code=1)
    assert notes(own) == {}
    # As before there were notes: today's file counts.
    assert addresses(drift(own, code=2)) == ["connection.legacy-users"]
    own.tenant(OWN)
    assert "No changes" in go(own, "apply", "local", "--auto-approve").out
    assert set(notes(own)) == {"connection.legacy-users"}


def test_the_note_goes_before_the_first_write(own, local_tenant, monkeypatch):
    from deployer.resources.kinds.connection import ConnectionKind

    seen = []
    update = ConnectionKind.update

    async def watched(self, *arguments):
        seen.append(dict(notes(own)))
        return await update(self, *arguments)

    monkeypatch.setattr(ConnectionKind, "update", watched)
    own.tenant(LOW)
    go(own, "apply", "local", "--auto-approve")
    assert seen == [{}]
    assert set(notes(own)) == {"connection.legacy-users"}


def test_an_apply_of_a_part_notes_only_that(project, local_tenant, reach):
    reach(local_tenant)
    second = "  second: {store: postgres, configuration: {PG_URL: !env PG_URL}}\n"
    project.tenant(OWN + second)
    go(project, "apply", "local", "--auto-approve", "--target", "connection.second")
    assert set(notes(project)) == {"connection.second"}
    project.tenant(LOW + second.replace("{store", "{options: {non_persistent_attrs: [low]}, store"))
    found = drift(project)
    assert (found["not_applied"], found["not_deployed"]) == (["connection.second"], [])


def test_a_tenant_that_was_never_deployed_has_no_drift(undeployed):
    ran = go(undeployed, "drift", "local")
    assert "No drift: it is defined, and not deployed." in ran.out
    assert drift(undeployed)["not_deployed"] == ["connection.legacy-users"]
    many = go(undeployed, "drift", "--all")
    assert "defined, and not deployed" in many.out
    found = status(undeployed)
    assert found["state"] == "unknown"
    assert found["connections"][0]["message"] == "it was never deployed from here"


def test_nor_has_one_in_which_somebody_else_made_a_connection_of_that_name(undeployed, api):
    api(
        "POST",
        "connections",
        {"name": "legacy-users", "strategy": "auth0", "options": {"non_persistent_attrs": ["low"]}},
    )
    assert drift(undeployed)["not_deployed"] == ["connection.legacy-users"]
    assert connection(undeployed)["message"] == "it was never deployed from here"


def test_where_the_store_is_gone_what_bears_our_mark_is_compared(own, local_tenant):
    for file in sorted((own.root / ".deployer").rglob("*"), reverse=True):
        if file.is_file():
            file.chmod(0o600)
            file.unlink()
    assert "No drift. 1 resource as defined." in go(own, "drift", "local").out
    dashboard.edit_option(local_tenant.state, "legacy-users", "non_persistent_attrs", ["low"])
    assert addresses(drift(own, code=2)) == ["connection.legacy-users"]


def test_a_secret_that_another_key_cannot_compare_is_as_it_was_left(own, api, monkeypatch):
    head = own.root / "tenants" / "local.yaml"
    head.write_text(f"secrets_key: !env OTHER_KEY\n{head.read_text()}")
    monkeypatch.setenv("OTHER_KEY", "of those who only plan")
    found = drift(own)
    assert (found["drift"], found["not_applied"]) == ([], [])
    assert connection(own)["state"] == "in_sync"
    (live,) = api("GET", "connections?strategy=auth0")
    api("PATCH", f"connections/{live['id']}", {"options": {**live["options"], "configuration": {"PG_URL": "else"}}})
    assert addresses(drift(own, code=2)) == ["connection.legacy-users"]


def test_what_drifted_is_said_with_what_sets_it_back(own, local_tenant):
    dashboard.edit_option(local_tenant.state, "legacy-users", "non_persistent_attrs", ["low"])
    head = own.root / "tenants" / "local.yaml"
    text = head.read_text()

    def hint(*lines):
        head.write_text("\n".join([*lines, text]))
        return go(own, "drift", "local", code=2).out.splitlines()[-1]

    assert hint().endswith("`deployer apply local` sets it back.")
    assert hint("protect: true").endswith(
        "`deployer plan local --out FILE` and then `deployer apply local FILE` sets it back."
    )
    (record,) = json.loads(go(own, "history", "local", "--json").out)
    release = record["release_to"].removeprefix("sha256:")[:12]
    own.tenant(OWN, "dev")
    assert hint("promote_from: dev").endswith(f"`deployer rollback local {release}` sets it back.")
    assert hint("promote_from: dev", "protect: true").endswith(
        f"`deployer rollback local {release} --out FILE` and then `deployer rollback local --plan-file FILE` "
        "sets it back."
    )
    # Followed to the letter.
    file = str(own.root / "back.plan")
    go(own, "rollback", "local", release, "--out", file)
    go(own, "rollback", "local", "--plan-file", file)
    assert addresses(drift(own)) == []


def test_status_says_what_failed_and_why_nothing_else_is_known(own, local_tenant, monkeypatch):
    own.tenant(LOW)
    local_tenant.weather.add_fault("status", method="PATCH", path="/api/v2/connections/*", status=400, times=1)
    go(own, "apply", "local", "--auto-approve", code=1)
    monkeypatch.delenv("PG_URL")
    monkeypatch.delenv("AUTH0_CLIENT_SECRET")
    found = status(own)
    assert found["state"] == "failed"
    assert "the last apply ended as rolled-back" in found["message"]
    assert "AUTH0_CLIENT_SECRET" in found["message"] or "PG_URL" in found["message"]
    assert "\\n" not in found["message"]


def test_a_rotated_secret_is_not_as_defined_anywhere(deployed, monkeypatch):
    monkeypatch.setenv("PG_URL", "postgres://scripts:rotated-value@db.example.com/users")
    assert "PG_URL" in deployed.run("plan", "local").out
    ran = deployed.run("drift", "local")
    assert ran.code == 0
    assert "a secret was changed since and that is not applied:\n    connection.legacy-users\n" in ran.out
    assert "1 resource as defined" not in ran.out
    assert "in sync" not in deployed.run("status", "local").out


def test_what_an_apply_does_not_set_back_is_said_with_what_does(deployed, local_tenant, live_connection):
    document = live_connection()
    document["options"]["configuration"]["ADDED"] = document["options"]["configuration"]["PG_URL"]
    local_tenant.state.storage.update("connection", document["id"], document)
    ran = deployed.run("drift", "local")
    assert ran.code == 2
    assert "An apply leaves connection.legacy-users/ADDED" in ran.out
    assert "Say `!remove` for it in the definition" in ran.out
    assert "sets it back" not in ran.out
