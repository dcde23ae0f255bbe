"""Whose a resource is, is noted: no name is compared with another one, and what was noted is found again by its id."""

import json

import pytest

from deployer.state.state_store import StateStore

CONNECTION = "{store: postgres, configuration: {PG_URL: !env PG_URL}}"
FIRST = f"connections:\n  first: {CONNECTION}\n"
LOGIN = "function login(email, password, callback) { callback(null, { user_id: 'other|' + email, email: email }); }\n"
GET_USER = "function getUser(email, callback) { callback(null, { user_id: 'other|' + email, email: email }); }\n"
LATER = f"""\
{FIRST}  users:
    store: other-db
    migration: 'off'
    guards: [backfill-metadata, restrict-audience]
    configuration: {{API_URL: "https://api.example.com"}}
    api: {{identifier: "https://users.example.com", scopes: {{"read:users": Find}}}}
"""
NEIGHBOUR = f"  users-eu: {CONNECTION}\n"
AROUND = {
    "action.users-backfill-metadata",
    "action.users-restrict-audience",
    "action.users-restrict-audience-machines",
    "client-grant.users",
    "client.users",
    "resource-server.users",
}
DECLARED = """\
connections:
  users:
    store: api
    configuration: {API_URL: "https://api.example.com"}
    api: {identifier: "https://users.example.com", scopes: {"read:users": Find}}
"""
UNDECLARED = """\
connections:
  users: {store: api, configuration: {API_URL: "https://api.example.com", API_CLIENT_ID: x, API_CLIENT_SECRET: y,
    API_AUDIENCE: "https://users.example.com", API_DOMAIN: "auth.example.com"}}
"""


def go(project, *arguments, code=0):
    ran = project.run(*arguments)
    assert ran.code == code, ran.all
    return ran


def apply(project, *arguments):
    return go(project, "apply", "local", "--auto-approve", "--no-lint", *arguments)


def noted(project):
    """The owners in the inventory, by address."""
    identities = StateStore.open(None, project.root).inventory.known("local").identities
    return {address: one.owners for address, one in identities.items() if one.owners}


def ids(project):
    identities = StateStore.open(None, project.root).inventory.known("local").identities
    return {address: one.id for address, one in identities.items()}


def forget(project):
    """Make the inventory one of before owners and ids were noted."""
    file = project.root / ".deployer/inventory/local.json"
    record = json.loads(file.read_text())
    assert record.pop("identities")
    file.write_text(json.dumps(record))


def leftovers(project, *arguments):
    return [one["address"] for one in go(project, *arguments, "--json").json["plan"]["leftovers"]]


@pytest.fixture
def neighbours(undeployed):
    """A release with one connection; two later ones deployed, of which the second is no longer defined."""
    undeployed.tenant(FIRST)
    apply(undeployed)
    release = json.loads(go(undeployed, "history", "local", "--json").out)[0]["release_to"]
    undeployed.write("templates/other-db/login.js.j2", LOGIN)
    undeployed.write("templates/other-db/get_user.js.j2", GET_USER)
    undeployed.tenant(LATER + NEIGHBOUR)
    apply(undeployed)
    undeployed.tenant(LATER)
    return undeployed, release


@pytest.mark.parametrize("from_before", [False, True])
def test_a_neighbour_in_name_is_no_part_of_what_a_release_leaves_out(neighbours, from_before):
    project, release = neighbours
    if from_before:
        forget(project)
    plan = go(project, "rollback", "local", release, "--plan", "--json").json["plan"]
    assert list(plan["origin"]["left_out"]) == ["connection.users"]
    # What stands around `users` stays where it is, and is not called left over.
    assert [one["address"] for one in plan["leftovers"]] == ["connection.users-eu"]
    assert [concern for change in plan["changes"] for concern in change["concerns"]] == []


def test_owners_are_noted_with_everything_that_is_deployed(neighbours):
    project, _ = neighbours
    owners = noted(project)
    assert {address for address in owners if owners[address] == ["connection.users"]} >= AROUND | {"connection.users"}
    assert owners["connection.users-eu"] == ["connection.users-eu"]
    assert owners["binding.post-login"] == ["connection.users"]
    known = ids(project)
    assert all(known[address] for address in owners), known


def test_an_apply_without_changes_notes_what_exactly_one_definition_makes(neighbours):
    project, _ = neighbours
    forget(project)
    assert "No changes" in apply(project).out
    assert set(noted(project)) >= AROUND | {"connection.first", "connection.users"}
    # No definition says whose this was, and nobody guesses it by its name.
    assert "connection.users-eu" not in noted(project)
    assert leftovers(project, "plan", "local", "--no-lint") == ["connection.users-eu"]


def the(api, path, **values):
    """The id of the one thing in a list that has these values."""
    (found,) = [one for one in api("GET", path) if all(one.get(key) == value for key, value in values.items())]
    return found["client_id" if path == "clients" else "id"]


@pytest.fixture
def declared(undeployed):
    """A connection with its API, application and grant, deployed."""
    undeployed.tenant(DECLARED)
    apply(undeployed)
    return undeployed


def test_an_api_is_ours_by_its_id_whatever_it_is_called(declared, api):
    mine = the(api, "resource-servers", identifier="https://users.example.com")
    api("PATCH", f"resource-servers/{mine}", {"name": "Renamed in the Dashboard"})
    (change,) = [
        one
        for one in go(declared, "plan", "local", "--no-lint", "--json").json["plan"]["changes"]
        if one["kind"] == "resource-server"
    ]
    assert (change["action"], change["concerns"]) == ("update", [])
    apply(declared)
    # One that only bears the mark in its name is nobody's that we know of.
    api("PATCH", f"resource-servers/{mine}", {"name": "Renamed again"})
    other = {"identifier": "https://other.example.com", "name": "Copied (managed by deployer: users)"}
    theirs = api("POST", "resource-servers", other)["id"]
    declared.tenant(UNDECLARED)
    assert "resource-server.users" in leftovers(declared, "plan", "local", "--no-lint")
    for address in ("client-grant.users", "client.users", "resource-server.users"):
        go(declared, "destroy", "local", address, "--confirm", address)
    left = {one["id"] for one in api("GET", "resource-servers")}
    assert theirs in left
    assert mine not in left


def test_what_bears_the_name_of_one_that_is_gone_is_somebody_elses(declared, api):
    api("DELETE", f"resource-servers/{the(api, 'resource-servers', identifier='https://users.example.com')}")
    body = {"identifier": "https://users.example.com", "name": "users store (managed by deployer: users)"}
    theirs = api("POST", "resource-servers", body)["id"]
    refused = go(declared, "apply", "local", "--auto-approve", "--no-lint", code=3)
    assert "--allow adopt:resource-server.users" in refused.err
    gone = go(declared, "destroy", "local", "resource-server.users", "--confirm", "resource-server.users", code=3)
    assert "was not made by this tool" in gone.err
    assert theirs in {one["id"] for one in api("GET", "resource-servers")}
    apply(declared, "--allow", "adopt:resource-server.users")
    assert ids(declared)["resource-server.users"] == theirs
    assert "No changes" in apply(declared).out


def test_an_application_is_found_again_by_its_id(declared, api):
    mine = the(api, "clients", name="users scripts")
    notes = api("GET", f"clients/{mine}")["client_metadata"]
    stripped = {"name": "Renamed", "client_metadata": dict.fromkeys(notes)}
    api("PATCH", f"clients/{mine}", stripped)
    # Somebody has copied it, its notes included.
    body = {"name": "users scripts", "app_type": "non_interactive", "client_metadata": notes}
    api("POST", "clients", body)
    plan = go(declared, "plan", "local", "--no-lint", "--json").json["plan"]
    (change,) = [one for one in plan["changes"] if one["kind"] == "client"]
    assert (change["action"], change["concerns"]) == ("update", [])
    assert {one["action"] for one in plan["changes"] if one["kind"] == "client-grant"} == {"no-op"}
    apply(declared)
    assert api("GET", f"clients/{mine}")["name"] == "users scripts"
    assert "No changes" in apply(declared).out


def test_a_grant_is_found_again_by_its_id(declared, api):
    mine = the(api, "client-grants", audience="https://users.example.com")
    api("POST", "resource-servers", {"identifier": "https://second.example.com", "name": "Second"})
    body = {
        "client_id": the(api, "clients", name="users scripts"),
        "audience": "https://second.example.com",
        "scope": [],
    }
    theirs = api("POST", "client-grants", body)["id"]
    declared.tenant(UNDECLARED)
    assert "client-grant.users" in leftovers(declared, "plan", "local", "--no-lint")
    go(declared, "destroy", "local", "client-grant.users", "--confirm", "client-grant.users")
    left = {one["id"] for one in api("GET", "client-grants")}
    assert theirs in left
    assert mine not in left
