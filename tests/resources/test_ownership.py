"""What others have made is never changed silently and never deleted; what they put into the flow keeps its order."""

import pytest

REFUSED = 3


def test_others_keep_their_order_through_create_update_and_delete_of_ours(given):
    for name in ("alpha", "beta", "gamma"):
        given.foreign_action(name)
    ids = [entry["id"] for entry in given.api("GET", "actions/triggers/post-login/bindings")["bindings"]]
    given.apply()
    expected = ["legacy-users-restrict-audience", "alpha", "beta", "gamma", "greet", "legacy-users-backfill-metadata"]
    assert given.flow() == expected
    # Somebody else's order, and one more of theirs, in the middle of ours.
    given.foreign_action("delta")
    given.bind("gamma", "legacy-users-restrict-audience", "alpha", "greet", "delta", "beta")
    given.apply()
    others = ["gamma", "alpha", "delta", "beta"]
    assert given.flow() == [
        "legacy-users-restrict-audience",
        *others,
        "greet",
        "legacy-users-backfill-metadata",
    ]
    given.define(position="first")
    given.apply()
    assert given.flow() == ["greet", "legacy-users-restrict-audience", *others, "legacy-users-backfill-metadata"]
    for address in ("action.greet", "action.legacy-users-restrict-audience", "action.legacy-users-backfill-metadata"):
        ran = given.run("destroy", "local", address, "--confirm", address)
        assert ran.code == 0, ran.all
    assert given.flow() == others
    assert len(ids) == 3
    names = {one["name"] for one in given.state("action")}
    assert {"alpha", "beta", "gamma", "delta"} <= names
    assert "greet" not in names


def test_entries_of_others_are_the_same_entries_afterwards(given):
    given.foreign_action("alpha")
    [before] = given.api("GET", "actions/triggers/post-login/bindings")["bindings"]
    given.apply()
    after = given.api("GET", "actions/triggers/post-login/bindings")["bindings"]
    assert before["id"] in {one["id"] for one in after}


def test_a_flow_that_changes_meanwhile_is_not_overwritten(given, tmp_path):
    given.foreign_action("alpha")
    file = tmp_path / "saved.plan"
    assert given.run("plan", "local", "--out", str(file)).code == 0
    given.foreign_action("beta")
    ran = given.run("apply", "local", str(file))
    assert ran.code == REFUSED
    assert "binding.post-login changed at order" in ran.err
    assert given.flow() == ["alpha", "beta"]


FOREIGN = {
    "action.greet": ("actions/actions", {"name": "greet", "supported_triggers": [{"id": "post-login"}], "code": "//"}),
    "client.legacy-users": ("clients", {"name": "legacy-users scripts"}),
    "resource-server.legacy-users": (
        "resource-servers",
        {"identifier": "https://users.example.com", "name": "Theirs", "scopes": [{"value": "admin"}]},
    ),
    "rule.legacy-users-restrict-audience": (
        "rules",
        {"name": "legacy-users-restrict-audience", "script": "function f(u, c, cb) { cb(null, u, c); }"},
    ),
}


@pytest.mark.parametrize("address", FOREIGN)
def test_something_of_the_same_name_is_adopted_only_when_named(given, address):
    form = "rule" if address.startswith("rule") else "action"
    given.define(form=form)
    path, body = FOREIGN[address]
    given.api("POST", path, body)
    before = given.state("action") + given.state("client") + given.state("resource_server") + given.state("rule")
    refused = given.run("apply", "local", "--auto-approve")
    assert refused.code == REFUSED
    assert f"--allow adopt:{address}" in refused.err
    after = given.state("action") + given.state("client") + given.state("resource_server") + given.state("rule")
    assert after == before
    kept = given.run("destroy", "local", address, "--confirm", address)
    assert kept.code == REFUSED
    assert "was not made by this tool" in kept.err
    given.apply("--allow", f"adopt:{address}")


def test_keys_of_others_in_the_rules_configuration_stay(given):
    given.define(form="rule")
    given.api("PUT", "rules-configs/API_URL", {"value": "theirs"})
    given.apply()
    assert {one["key"] for one in given.state("rules_config")} > {"API_URL"}
    ran = given.run("destroy", "local", "rule-config.API_URL", "--confirm", "rule-config.API_URL")
    assert ran.code == REFUSED
    assert "was not made by this tool" in ran.err


def test_two_of_one_name_are_not_guessed(given):
    for _ in range(2):
        given.api("POST", "clients", {"name": "legacy-users scripts"})
    ran = given.run("plan", "local")
    assert ran.code == 1
    assert "it cannot be told which one is meant" in ran.err


def test_the_audience_of_an_api_cannot_change(given):
    given.apply()
    file = given.project.root / "tenants/local.yaml"
    file.write_text(file.read_text().replace('identifier: "https://users', 'identifier: "https://other'))
    ran = given.run("plan", "local")
    assert ran.code == REFUSED
    assert "the identifier of an API cannot change" in ran.err
    assert "deployer destroy TENANT resource-server.legacy-users" in ran.err
