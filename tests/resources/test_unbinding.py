"""A guard that is no longer defined no longer runs: it is named, then taken out of the flow, never deleted."""

import json

import pytest

from deployer.sandbox.server import LocalTenant
from deployer.state.state_store import StateStore

RESTRICT = "removes-guard:action.legacy-users-restrict-audience"
MACHINES = "removes-guard:action.legacy-users-restrict-audience-machines"
BACKFILL = "removes-guard:action.legacy-users-backfill-metadata"
GREET = "removes-guard:action.greet"
NO_ACTIONS = "actions: {}\n"


def go(given, *arguments, code=0):
    ran = given.run(*arguments)
    assert ran.code == code, ran.all
    return ran


def allowing(*names):
    return [part for name in names for part in ("--allow", name)]


def concerns(given, *command):
    planned = go(given, *(command or ("plan", "local", "--no-lint")), "--json").json["plan"]
    return {f"{one['code']}:{one['address']}" for change in planned["changes"] for one in change["concerns"]}


@pytest.fixture
def guarded(given):
    """Two guards and an Action of the tenant file, among what others have bound."""
    given.foreign_action("alpha")
    given.foreign_action("beta")
    given.apply()
    ours = ["legacy-users-restrict-audience", "alpha", "beta", "greet", "legacy-users-backfill-metadata"]
    assert given.flow() == ours
    return given


def without_actions(given):
    file = given.project.root / "tenants/local.yaml"
    lines = [
        line for line in file.read_text().splitlines(keepends=True) if not line.startswith(("actions:", "  greet:"))
    ]
    file.write_text("".join(line for line in lines if not line.startswith(("actions:", "  greet:"))))


def test_it_is_refused_until_it_is_named_and_then_unbound_and_stays_as_a_leftover(guarded):
    guarded.define(guards="restrict-audience")
    planned = go(guarded, "plan", "local").out
    assert "~ binding.post-login will be updated in place" in planned
    assert f"needs --allow {BACKFILL}" in planned
    assert "users whom a migration left without metadata get none any more" in planned
    before = json.dumps(guarded.tenant.state.storage.dump())
    refused = go(guarded, "apply", "local", "--auto-approve", code=3)
    assert f"--allow {BACKFILL}" in refused.err
    assert json.dumps(guarded.tenant.state.storage.dump()) == before
    guarded.apply("--allow", BACKFILL)
    assert guarded.flow() == ["legacy-users-restrict-audience", "alpha", "beta", "greet"]
    assert "! action.legacy-users-backfill-metadata: `deployer destroy local" in go(guarded, "plan", "local").out
    assert "No drift" in go(guarded, "drift", "local").out
    # Somebody binds it again: that is seen, and set back as well.
    guarded.bind(*guarded.flow(), "legacy-users-backfill-metadata")
    assert "binding.post-login" in go(guarded, "drift", "local", code=2).out
    guarded.apply("--allow", BACKFILL)
    address = "action.legacy-users-backfill-metadata"
    go(guarded, "destroy", "local", address, "--confirm", address)
    assert guarded.flow() == ["legacy-users-restrict-audience", "alpha", "beta", "greet"]


def test_the_last_ones_of_their_flows_go_too_and_each_says_what_is_open(guarded):
    guarded.define(guards="")
    without_actions(guarded)
    assert concerns(guarded) == {RESTRICT, MACHINES, BACKFILL, GREET}
    told = go(guarded, "apply", "local", "--auto-approve", "--no-lint", code=3).err
    assert "whoever logs in gets a token for the store's API by asking for its audience" in told
    assert "every application that has a grant for the store's API gets a token for it" in told
    assert "what it refused is let in, and what it did for users is done no longer" in told
    for form in ("markdown", "html"):
        assert RESTRICT in go(guarded, "plan", "local", "--no-lint", "--format", form).out
    names = allowing(RESTRICT, MACHINES, BACKFILL, GREET)
    go(guarded, "apply", "local", "--auto-approve", "--no-lint", *names)
    assert guarded.flow() == ["alpha", "beta"]
    assert guarded.flow("credentials-exchange") == []
    again = go(guarded, "plan", "local", "--no-lint", "--json").json["plan"]
    assert {change["action"] for change in again["changes"]} == {"no-op"}
    assert len([one for one in again["leftovers"] if one["address"].startswith("action.")]) == 4


def test_a_target_unbinds_nothing_outside_its_addresses(guarded):
    guarded.define(guards="restrict-audience", more="    display_name: Users\n")
    flow = guarded.flow()
    go(guarded, "apply", "local", "--auto-approve", "--target", "connection.legacy-users")
    go(guarded, "apply", "local", "--auto-approve", "--target", "action.greet")
    assert sorted(guarded.flow()) == sorted(flow)
    refused = go(guarded, "apply", "local", "--auto-approve", "--target", "binding.post-login", code=3)
    assert f"--allow {BACKFILL}" in refused.err
    go(guarded, "apply", "local", "--auto-approve", "--target", "binding.post-login", "--allow", BACKFILL)
    assert guarded.flow() == flow[:-1]
    # Also a flow in which nothing is defined any more, and no other one.
    guarded.define(guards="")
    without_actions(guarded)
    command = ("apply", "local", "--auto-approve", "--no-lint", "--target", "binding.credentials-exchange")
    go(guarded, *command, "--allow", MACHINES)
    assert guarded.flow("credentials-exchange") == []
    assert guarded.flow() == flow[:-1]
    assert (
        "no definition has 'binding.post-change-password'"
        in go(guarded, "plan", "local", "--no-lint", "--target", "binding.post-change-password", code=1).err
    )


def test_what_another_store_has_bound_is_somebody_elses(guarded):
    """Two projects on one tenant: the mark alone does not make an Action ours to take out."""
    store = StateStore.open(None, guarded.project.root)
    store.inventory.remove("local", ["action.legacy-users-backfill-metadata"])
    guarded.define(guards="restrict-audience")
    assert concerns(guarded) == set()
    guarded.apply()
    assert "legacy-users-backfill-metadata" in guarded.flow()


def test_an_apply_that_fails_binds_it_again(guarded):
    flow = guarded.flow()
    guarded.define(guards="restrict-audience", more="    display_name: Users\n")
    guarded.tenant.weather.add_fault("status", method="PATCH", path="/api/v2/connections/*", status=400, times=1)
    go(guarded, "apply", "local", "--auto-approve", "--allow", BACKFILL, code=1)
    assert guarded.flow() == flow


def share(given, guards):
    """The definitions are what tenants share, as a release has them; the tenant's file says where it is."""
    given.define(guards=guards)
    file = given.project.root / "tenants/local.yaml"
    head, body = file.read_text().split("actions:")
    given.project.write("tenants/base.yaml", "actions:" + body)
    file.write_text("extends: base\n" + head)
    return file.read_text()


def test_a_rollback_unbinds_what_the_release_does_not_have(given):
    share(given, "restrict-audience")
    given.apply()
    share(given, "restrict-audience, backfill-metadata")
    given.apply()
    assert given.flow()[-1] == "legacy-users-backfill-metadata"
    assert concerns(given, "rollback", "local", "--plan") == {BACKFILL}
    assert f"--allow {BACKFILL}" in go(given, "rollback", "local", "--auto-approve", code=3).err
    go(given, "rollback", "local", "--auto-approve", "--allow", BACKFILL)
    assert given.flow() == ["legacy-users-restrict-audience", "greet"]


def test_a_promotion_unbinds_what_the_release_does_not_have(given, monkeypatch):
    head = share(given, "restrict-audience, backfill-metadata").replace("AUTH0_", "NEXT_")
    given.project.write("tenants/next.yaml", head + "promote_from: local\n")
    given.apply()
    with LocalTenant() as tenant:
        monkeypatch.setenv("NEXT_DOMAIN", tenant.domain)
        monkeypatch.setenv("NEXT_BASE_URL", tenant.base_url)
        monkeypatch.setenv("NEXT_CLIENT_ID", tenant.client_id)
        monkeypatch.setenv("NEXT_CLIENT_SECRET", tenant.client_secret)
        go(given, "promote", "local", "next", "--auto-approve")
        share(given, "restrict-audience")
        given.apply("--allow", BACKFILL)
        assert concerns(given, "promote", "local", "next", "--plan") == {BACKFILL}
        assert f"--allow {BACKFILL}" in go(given, "promote", "local", "next", "--auto-approve", code=3).err
        assert f"--allow {BACKFILL}" in go(given, "promote", "local", "--all", "--auto-approve", code=3).all
        go(given, "promote", "local", "next", "--auto-approve", "--allow", BACKFILL)
        bound = type(given.api)(tenant)("GET", "actions/triggers/post-login/bindings")["bindings"]
        assert [one["action"]["name"] for one in bound] == ["legacy-users-restrict-audience", "greet"]
