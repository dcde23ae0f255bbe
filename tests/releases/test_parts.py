"""An apply with --target gives a tenant parts of a release: what it runs then, for drift, status, promote, rollback."""

import json

import pytest

from deployer.sandbox import dashboard
from deployer.state.state_store import StateStore
from tests.support.definitions import definition_of

BASE = """\
connections:
  one: {{store: postgres, configuration: {{PG_URL: !env PG_URL}}, options: {{non_persistent_attrs: [{one}]}}}}
  two: {{store: postgres, configuration: {{PG_URL: !env PG_URL}}, options: {{non_persistent_attrs: [{two}]}}}}
"""


def write(project, one="good", two="good"):
    project.write("tenants/base.yaml", BASE.format(one=one, two=two))


def go(project, *arguments, code=0):
    ran = project.run(*arguments)
    assert ran.code == code, ran.all
    return ran


def apply(project, *arguments):
    return go(project, "apply", "local", "--auto-approve", *arguments)


def story(project, name="local"):
    return json.loads(go(project, "history", name, "--json").out)


def policy(tenant, name):
    found = tenant.state.storage.named("connection", name)
    return found and found["options"]["non_persistent_attrs"][0]


def status(project):
    (found,) = json.loads(go(project, "status", "local", "--json").out)["tenants"]
    return found


def by_name(found):
    return {one["name"]: one for one in found["connections"]}


@pytest.fixture
def both(project, local_tenant, reach, several_tenants):
    """Two connections, defined in a file that two tenants share."""
    reach(local_tenant)
    project.tenant("extends: base\n")
    project.write("tenants/prod.yaml", definition_of("prod") + "extends: base\npromote_from: local\n")
    write(project)
    several_tenants("prod")
    return project


@pytest.fixture
def parts(both):
    """The release A as a whole, and then of B, in which both connections are others, only `one`."""
    apply(both)
    write(both, "excellent", "excellent")
    apply(both, "--target", "connection.one")
    return both


def releases(project):
    later, earlier = story(project)[:2]
    return earlier["release_to"], later["release_to"]


def test_what_was_not_applied_has_not_drifted(parts, local_tenant):
    assert (policy(local_tenant, "one"), policy(local_tenant, "two")) == ("excellent", "good")
    assert "No drift. 2 resources as defined." in go(parts, "drift", "local").out
    assert "no drift" in go(parts, "drift", "--tenant", "local").out
    for name in ("one", "two"):
        dashboard.edit_option(local_tenant.state, name, "non_persistent_attrs", ["fair"])
    drifted = {one["address"]: one for one in go(parts, "drift", "local", "--json", code=2).json["drift"]}
    assert {address: one["attributes"][0]["before"] for address, one in drifted.items()} == {
        "connection.one": ["excellent"],
        "connection.two": ["good"],
    }


def test_status_says_what_is_of_which_release(parts):
    whole, part = releases(parts)
    assert whole != part
    found = status(parts)
    connections = by_name(found)
    assert found["release"] == whole
    assert (connections["one"]["state"], connections["one"]["release"]) == ("in_sync", part)
    # The working tree holds B, so what is still of A is one behind.
    assert (connections["two"]["state"], connections["two"]["behind"]) == ("behind", 1)
    short = (whole.removeprefix("sha256:")[:12], part.removeprefix("sha256:")[:12])
    assert found["message"] == f"runs release {short[0]}, and of release {short[1]} connection.one"
    assert found["message"] in go(parts, "status", "local").out
    assert found["message"] in go(parts, "status", "local", "--format", "html").out.replace("<wbr>", "")


def test_history_has_the_targets(parts):
    last, first = story(parts)
    assert (last["targets"], last["given"]) == (["connection.one"], ["connection.one"])
    assert (first["targets"], first["given"]) == ([], [])
    assert last["release_from"] == first["release_to"]
    lines = go(parts, "history", "local").out.splitlines()
    assert "apply --target connection.one  " in lines[1]
    assert "--target" not in lines[2]


def test_parts_of_two_releases_are_not_promoted(parts):
    refused = go(parts, "promote", "local", "prod", "--auto-approve", code=3)
    assert "local does not run one whole release: it runs release " in refused.err
    assert "connection.one (applied with --target)" in refused.err
    assert "Give it the whole release first: deployer apply local" in refused.err
    many = go(parts, "promote", "local", "--tenant", "prod", "--auto-approve", code=3)
    assert "does not run one whole release" in many.err
    apply(parts)
    go(parts, "promote", "local", "prod", "--auto-approve")
    assert story(parts, "prod")[0]["release_to"] == story(parts)[0]["release_to"]


def test_rollback_goes_back_to_the_whole_release(parts, local_tenant):
    whole, _ = releases(parts)
    go(parts, "rollback", "local", "--auto-approve")
    assert (policy(local_tenant, "one"), policy(local_tenant, "two")) == ("good", "good")
    assert story(parts)[0]["release_to"] == whole
    assert status(parts)["message"] is None
    go(parts, "promote", "local", "prod", "--auto-approve")
    nothing = go(parts, "rollback", "local", "--auto-approve", code=1)
    assert "no earlier release" in nothing.err


def test_a_whole_apply_that_changes_nothing_ends_it(both):
    apply(both)
    write(both, "excellent")
    apply(both, "--target", "connection.one")
    assert status(both)["message"] is not None
    ran = apply(both)
    assert "No changes" in ran.out
    assert status(both)["message"] is None
    go(both, "promote", "local", "prod", "--auto-approve")


def test_it_ends_too_where_the_tenant_is_put_back_by_hand(parts, local_tenant):
    write(parts)
    dashboard.edit_option(local_tenant.state, "one", "non_persistent_attrs", ["good"])
    go(parts, "drift", "local", code=2)
    ran = go(parts, "apply", "--tenant", "local", "--auto-approve")
    assert "no changes" in ran.out
    assert "No drift" in go(parts, "drift", "local").out
    assert status(parts)["message"] is None
    recorded = len(story(parts))
    apply(parts)
    assert len(story(parts)) == recorded


def test_what_is_put_back_by_a_target_makes_it_whole(parts, local_tenant):
    write(parts)
    apply(parts, "--target", "connection.one")
    assert policy(local_tenant, "one") == "good"
    assert status(parts)["message"] is None
    go(parts, "promote", "local", "prod", "--auto-approve")


def test_the_last_of_several_parts_counts(parts):
    write(parts, "fair", "low")
    apply(parts, "--target", "connection.one")
    write(parts, "none", "fair")
    apply(parts, "--target", "connection.two")
    assert "No drift" in go(parts, "drift", "local").out
    assert all(one["release"] for one in status(parts)["connections"])
    before, after = (record["release_to"] for record in story(parts)[1::-1])
    found = by_name(status(parts))
    assert (found["one"]["release"], found["two"]["release"]) == (before, after)


def test_a_saved_plan_with_targets_is_the_same(both):
    apply(both)
    write(both, "excellent", "excellent")
    file = str(both.root / "saved.plan")
    go(both, "plan", "local", "--target", "connection.two", "--out", file)
    go(both, "apply", "local", file)
    assert story(both)[0]["targets"] == ["connection.two"]
    assert "No drift" in go(both, "drift", "local").out
    assert "connection.two" in go(both, "promote", "local", "prod", "--auto-approve", code=3).err


def test_an_apply_that_was_taken_back_does_not_count(both, local_tenant):
    apply(both)
    write(both, "excellent", "excellent")
    local_tenant.weather.add_fault("status", method="PATCH", path="/api/v2/connections/*", status=400, times=1)
    go(both, "apply", "local", "--auto-approve", "--target", "connection.one", code=1)
    assert (story(both)[0]["result"], story(both)[0]["targets"]) == ("rolled-back", ["connection.one"])
    assert "No drift" in go(both, "drift", "local").out
    write(both)
    go(both, "promote", "local", "prod", "--auto-approve")


def test_one_that_recover_takes_back_does_not_count(parts):
    store = StateStore.open(None, parts.root)
    done = store.history.list("local", limit=1)[0]
    store.history.record("local", "recover", "rolled-back", journal=done.journal, targets=done.targets)
    store.inventory.add("local", [], ["connection.one"])  # as `recover` does before it writes
    drifted = go(parts, "drift", "local", "--json", code=2).json["drift"]
    assert [one["address"] for one in drifted] == ["connection.one"]


def test_a_tenant_that_was_never_given_a_whole_release(both, local_tenant):
    apply(both, "--target", "connection.one")
    assert "No drift. 1 resource as defined." in go(both, "drift", "local").out
    found = by_name(status(both))
    assert found["one"]["state"] == "in_sync"
    assert (found["two"]["state"], found["two"]["message"]) == ("unknown", "it was never deployed from here")
    assert "does not run one whole release" in go(both, "promote", "local", "prod", "--auto-approve", code=3).err
    assert "no earlier release" in go(both, "rollback", "local", "--auto-approve", code=1).err
    dashboard.delete_connection(local_tenant.state, "one")
    assert "connection.one is not in the tenant" in go(both, "drift", "local", code=2).out


def test_a_tenant_behind_another_counts_whole_releases_only(parts):
    apply(parts)
    go(parts, "promote", "local", "prod", "--auto-approve")
    write(parts, "fair", "fair")
    apply(parts, "--target", "connection.one")
    (found,) = json.loads(go(parts, "status", "prod", "--json").out)["tenants"]
    assert found["behind"] == 0
