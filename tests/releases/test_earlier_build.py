"""What an earlier version deployed is taken over as it is: nothing drifts, nothing is planned, and owners are noted.

`earlier_build/` holds the store, the tenant and a saved plan as the version before owners were noted left them: three
applies, of which the second failed and was taken back, and a connection that is no longer defined. The tenant is a
local one; its secrets are made up.
"""

import base64
import json
from pathlib import Path

import pytest

from deployer.releases.provenance import load_release, running_release
from deployer.sandbox.server import LocalTenant
from deployer.sandbox.snapshot import load
from deployer.state.state_store import StateStore

RECORDED = Path(__file__).parent / "earlier_build"
HEAD = """\
extends: base
domain: recorded.eu.auth0.com
base_url: !env AUTH0_BASE_URL
credentials: {client_id: !env AUTH0_CLIENT_ID, client_secret: !env AUTH0_CLIENT_SECRET}
"""
KEY = "secrets_key: !env SECRETS_KEY\n"
DEFINED = """\
actions:
  stamp: {trigger: post-login, code: templates/actions/stamp.js.j2, secrets: {STAMP: !env STAMP}}
connections:
  users:
    store: postgres
    migration: trickle
    configuration: {PG_URL: !env PG_URL}
    options: {non_persistent_attrs: [%s]}
  members:
    store: api
    migration: trickle
    access: [tls, client-credentials]
    configuration: {API_URL: "https://members.example.com/v1", AUTH0_DOMAIN: recorded.eu.auth0.com}
    guards: [restrict-audience]
    api: {identifier: "https://members.example.com", scopes: {"read:users": Find}}
"""
STAMP = """\
exports.onExecutePostLogin = async (event, api) => {
  api.user.setAppMetadata('stamped', event.secrets.STAMP);
};
"""
LEFT = "connection.users-eu"


def go(project, *arguments, code=0):
    ran = project.run(*arguments)
    assert ran.code == code, ran.all
    return ran


def _revive(tenant):
    """The tenant as it was: with the ciphertexts that the notes tell of, and the secret of the scripts' client."""
    data = json.loads((RECORDED / "tenant.json").read_text())
    audience = next(
        entry["body"]["identifier"] for entry in data["documents"] if entry["id"] == data["settings"]["management_api"]
    )
    data = json.loads(json.dumps(data).replace(audience, f"{tenant.base_url}/api/v2/"))
    shown = {}
    for entry in data["documents"]:
        if entry["kind"] == "client":
            entry["body"]["client_secret"] = "recorded" * 8
        if entry["kind"] == "connection":
            shown[entry["id"]] = dict(entry["body"]["options"]["configuration"])
    load(tenant.state, data)
    storage = tenant.state.storage
    for identity, configuration in shown.items():
        body = storage.get("connection", identity)
        storage.update("connection", identity, {**body, "options": {**body["options"], "configuration": configuration}})


def _write_templates(project):
    """The templates that came with that version: those of today are better, and a plan says so."""
    store = StateStore.open(None, project.root)
    _, release = load_release(store, running_release(store, "recorded"))
    for path, text in release.files.items():
        if path.startswith("templates/"):
            project.write(path, text)


@pytest.fixture
def recorded(project, reach, monkeypatch):
    """The project, whose store and tenant are those that were recorded."""
    objects = StateStore.open(None, project.root).objects
    for key, kept in json.loads((RECORDED / "store.json").read_text()).items():
        objects.put(key, base64.b64decode(kept["base64"]) if "base64" in kept else kept["text"].encode())
    _write_templates(project)
    project.write("tenants/base.yaml", "variables: {}\n")
    project.write("templates/actions/stamp.js.j2", STAMP)
    project.write("tenants/recorded.yaml", HEAD + KEY + DEFINED % "fair")
    with LocalTenant() as tenant:
        _revive(tenant)
        reach(tenant)
        monkeypatch.setenv("AUTH0_CLIENT_ID", tenant.state.storage.setting("client_id"))
        monkeypatch.setenv("AUTH0_CLIENT_SECRET", "recorded" * 8)
        monkeypatch.setenv("SECRETS_KEY", "recorded key")
        monkeypatch.setenv("PG_URL", "postgres://db.example.com/users")
        monkeypatch.setenv("STAMP", "recorded stamp")
        yield project


def plan_of(project):
    return go(project, "plan", "recorded", "--no-lint", "--json").json["plan"]


def identities(project):
    return StateStore.open(None, project.root).inventory.known("recorded").identities


def test_nothing_drifts_and_history_is_read(recorded):
    assert "No drift. 10 resources as defined." in go(recorded, "drift", "recorded").out
    history = json.loads(go(recorded, "history", "recorded", "--json").out)
    assert [one["result"] for one in history] == ["succeeded", "rolled-back", "succeeded"]
    # Nobody has changed it; the templates that come with deployer are others today.
    shown = go(recorded, "status", "recorded", "--json").json["tenants"][0]
    assert {one["name"]: one["state"] for one in shown["connections"]}["members"] == "behind"


def test_the_next_apply_notes_the_owners_where_one_definition_fits(recorded):
    assert identities(recorded) == {}
    plan = plan_of(recorded)
    assert {one["action"] for one in plan["changes"]} == {"no-op"}
    assert [one["address"] for one in plan["leftovers"]] == [LEFT]
    assert "No changes" in go(recorded, "apply", "recorded", "--auto-approve", "--no-lint").out
    noted = identities(recorded)
    assert noted["action.members-restrict-audience"].owners == ["connection.members"]
    assert noted["action.stamp"].owners == ["action.stamp"]
    assert all(one.id for one in noted.values())
    # What nothing defines any more is named on, and nobody's until somebody says so.
    assert LEFT not in noted
    assert [one["address"] for one in plan_of(recorded)["leftovers"]] == [LEFT]


def test_a_change_is_applied_and_taken_back(recorded, monkeypatch):
    recorded.write("tenants/recorded.yaml", HEAD + KEY + DEFINED % "low")
    shown = go(recorded, "apply", "recorded", "--auto-approve", "--no-lint").out
    assert "Plan: 1 to update, 9 unchanged, 1 no longer defined." in shown
    plan = plan_of(recorded)
    assert {one["action"] for one in plan["changes"]} == {"no-op"}
    first = json.loads(go(recorded, "history", "recorded", "--json").out)[-1]["release_to"]
    recorded.write("tenants/recorded.yaml", HEAD + KEY)
    recorded.write("tenants/base.yaml", DEFINED % "low")
    go(recorded, "rollback", "recorded", first, "--plan")


def test_a_leftover_is_deleted_by_name(recorded):
    go(recorded, "destroy", "recorded", LEFT, "--confirm", LEFT)
    assert plan_of(recorded)["leftovers"] == []


def test_an_old_plan_file_is_refused_with_the_reason(recorded):
    file = recorded.root / "saved.plan"
    file.write_bytes((RECORDED / "saved.plan").read_bytes())
    ran = go(recorded, "apply", "recorded", str(file), code=3)
    assert "the plan file has format 2, which is not authenticated with the tenant's key" in ran.err
    assert "deployer plan" in ran.err


@pytest.mark.parametrize("kept", [2, 3])
def test_a_journal_that_a_kill_left_open_is_read(recorded, kept):
    """The last apply as it stands in the store after a kill before its end was written down."""
    folder = recorded.root / ".deployer"
    journal = max((folder / "journals/recorded").iterdir())
    for entry in sorted(journal.iterdir())[kept:]:
        entry.unlink()
    max((folder / "history/recorded").iterdir()).unlink()
    StateStore.open(None, recorded.root).objects.put(f"open-journals/recorded/{journal.name}.json", b'{"format": 1}\n')
    ran = go(recorded, "apply", "recorded", "--auto-approve", "--no-lint")
    assert "closed as done" in ran.err
    assert "No drift" in go(recorded, "drift", "recorded").out
    assert json.loads(go(recorded, "history", "recorded", "--json").out)[0]["result"] == "succeeded"
