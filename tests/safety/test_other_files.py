"""A tenant file that was copied goes past nothing that the other one says: what another file deployed must be named."""

import json

import pytest

USERS = """\
connections:
  users:
    store: api
    configuration: {API_URL: "https://api.example.com"}
    api: {identifier: "https://users.example.com", scopes: {"read:users": Find}}
    options: {non_persistent_attrs: [%s]}
"""
PROTECTED = "protect: true\npromote_from: staging\n"
REFUSED = 3
ALLOWED = ("--allow", "take-over:tenant.prod")


def go(project, *arguments, code=0):
    ran = project.run(*arguments)
    assert ran.code == code, ran.all
    return ran


def apply(project, name, *arguments, code=0):
    return go(project, "apply", name, "--auto-approve", "--no-lint", *arguments, code=code)


@pytest.fixture
def prod(undeployed):
    """A protected tenant that everything was deployed to, and a copy of its file that says nothing of protection."""
    (undeployed.root / "tenants/local.yaml").unlink()
    undeployed.tenant(USERS % "good", name="prod")
    apply(undeployed, "prod")
    undeployed.tenant(PROTECTED + USERS % "good", name="prod")
    undeployed.tenant(USERS % "low", name="copy")
    return undeployed


def option(live_connection):
    return live_connection("users")["options"]["non_persistent_attrs"]


def test_a_copied_file_does_not_go_past_protection(prod, live_connection):
    refused = apply(prod, "copy", code=REFUSED)
    assert "were deployed by the tenant file prod, and would be copy's from then on" in refused.err
    assert "--allow take-over:tenant.prod" in refused.err
    assert option(live_connection) == ["good"]
    assert json.loads(go(prod, "history", "copy", "--json").out) == []
    shown = go(prod, "plan", "copy", "--no-lint").out
    assert "needs --allow take-over:tenant.prod" in shown


def test_nor_does_it_in_a_run_of_many(prod, live_connection):
    ran = go(prod, "apply", "--tenant", "copy", "--auto-approve", "--no-lint", code=REFUSED)
    assert "take-over:tenant.prod" in ran.all
    assert option(live_connection) == ["good"]


def test_nor_by_a_saved_plan(prod, live_connection):
    file = str(prod.root / "copy.plan")
    go(prod, "plan", "copy", "--no-lint", "--out", file)
    assert "--allow take-over:tenant.prod" in go(prod, "apply", "copy", file, code=REFUSED).err
    assert option(live_connection) == ["good"]


def test_nor_by_going_back(prod, live_connection):
    apply(prod, "copy", *ALLOWED)
    prod.tenant(USERS % "fair", name="copy")
    apply(prod, "copy")
    prod.tenant(USERS % "good", name="prod")
    # It is the copy's now: what was prod's is as much another file's as the other way round.
    back = go(prod, "apply", "prod", "--auto-approve", "--no-lint", code=REFUSED)
    assert "--allow take-over:tenant.copy" in back.err
    assert option(live_connection) == ["fair"]
    releases = [one["release_to"] for one in json.loads(go(prod, "history", "copy", "--json").out)]
    apply(prod, "prod", "--allow", "take-over:tenant.copy")
    ran = go(prod, "rollback", "copy", releases[-1], "--auto-approve", code=REFUSED)
    assert "--allow take-over:tenant.prod" in ran.err
    assert option(live_connection) == ["good"]


def test_nor_by_a_deletion(prod, live_connection):
    ran = go(prod, "destroy", "copy", "connection.users", "--confirm", "connection.users", code=REFUSED)
    assert "--allow take-over:tenant.prod" in ran.err
    ran = go(prod, "destroy", "copy", "resource-server.users", "--confirm", "resource-server.users", code=REFUSED)
    assert "--allow take-over:tenant.prod" in ran.err
    assert option(live_connection) == ["good"]


@pytest.mark.parametrize("value", ["good", "low"])
def test_a_file_that_was_renamed_takes_over_once(prod, live_connection, value):
    (prod.root / "tenants/copy.yaml").unlink()
    (prod.root / "tenants/prod.yaml").rename(prod.root / "tenants/production.yaml")
    prod.tenant(USERS % value, name="production")
    refused = apply(prod, "production", code=REFUSED)
    assert "take-over:tenant.prod" in refused.err
    apply(prod, "production", *ALLOWED)
    assert option(live_connection) == [value]
    assert "No changes" in apply(prod, "production").out
    prod.tenant(USERS % "fair", name="production")
    apply(prod, "production")
    assert "tenant=production" in live_connection("users")["metadata"]["deployer"]
    assert "No drift" in go(prod, "drift", "production").out


def test_what_bears_no_note_is_known_by_its_id_in_the_store(prod):
    """An API has no place for a note, and what was deployed before has none."""
    prod.tenant("connections: {}\nactions: {}\n", name="copy")
    plan = go(prod, "destroy", "copy", "resource-server.users", "--confirm", "resource-server.users", code=REFUSED)
    assert "resource-server.users: it was deployed by the tenant file prod" in plan.err


def test_what_was_deployed_before_it_was_noted_is_known_by_the_snapshots(prod, api, live_connection):
    _as_before(prod, api)
    refused = apply(prod, "copy", code=REFUSED)
    assert "--allow take-over:tenant.prod" in refused.err
    assert option(live_connection) == ["good"]
    prod.tenant(USERS % "good", name="prod")
    assert "No changes" in apply(prod, "prod").out


def _as_before(project, api):
    """Take out of the tenant and of the store what earlier versions did not note."""
    inventory = project.root / ".deployer/inventory/prod.json"
    record = json.loads(inventory.read_text())
    del record["identities"]
    inventory.write_text(json.dumps(record))
    for path, key, field in (("connections", "id", "metadata"), ("clients", "client_id", "client_metadata")):
        for one in api("GET", path):
            notes = one.get(field) or {}
            if "deployer" in notes:
                body = {field: {**notes, "deployer": notes["deployer"].replace(";tenant=prod", "")}}
                api("PATCH", f"{path}/{one[key]}", body)


def test_what_somebody_writes_there_leads_nowhere_else(prod, api, live_connection):
    """The note is the tenant's to say: untrusted text that is shown, and nothing more."""
    metadata = live_connection("users")["metadata"]
    noted = metadata["deployer"].replace("tenant=prod", "tenant=\x1b[31m../x")
    api("PATCH", f"connections/{live_connection('users')['id']}", {"metadata": {**metadata, "deployer": noted}})
    prod.tenant(USERS % "good", name="prod")
    ran = apply(prod, "prod", code=REFUSED)
    assert "\x1b" not in ran.all
    assert "take-over:tenant." in ran.err


def test_a_saved_plan_carries_what_was_accepted(prod, live_connection):
    file = str(prod.root / "copy.plan")
    go(prod, "plan", "copy", "--no-lint", "--out", file, *ALLOWED)
    go(prod, "apply", "copy", file)
    assert option(live_connection) == ["low"]
