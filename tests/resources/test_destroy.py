"""`deployer destroy`: one resource of ours, typed in full, and nothing else."""

import pytest

EVERYTHING = {
    "action": ["connection.legacy-users", "action.greet", "binding.post-login", "client-grant.legacy-users"],
    "rule": ["rule.legacy-users-backfill-metadata", "rule-config.deployer_legacy-users_API_URL", "client.legacy-users"],
}


@pytest.mark.parametrize("form", EVERYTHING)
def test_every_kind_goes_when_named_and_comes_back_by_an_apply(given, form):
    given.define(form=form)
    given.foreign_action("theirs")
    given.apply()
    for address in [*EVERYTHING[form], "resource-server.legacy-users"]:
        ran = given.run("destroy", "local", address, "--confirm", address)
        assert ran.code == 0, ran.all
        assert "the definitions still name it" in ran.err
        plan = given.run("plan", "local")
        sign = "~" if address.startswith("binding") else "+"
        assert f"{sign} {address} will be" in plan.out, plan.out
        assert "theirs" in given.flow()
    history = given.run("history", "local")
    assert "destroy" in history.out
    given.apply()


def test_the_users_of_a_connection_are_named(given):
    given.apply()
    ran = given.run("destroy", "local", "connection.legacy-users", "--confirm", "connection.legacy-users")
    assert "every user of the connection is deleted with it" in ran.out
    assert given.tenant.state.storage.named("connection", "legacy-users") is None


def test_nothing_goes_without_the_address_in_full(given):
    given.apply()
    nobody = given.run("destroy", "local", "action.greet")
    assert nobody.code == 1
    assert "--confirm action.greet" in nobody.err
    other = given.run("destroy", "local", "action.greet", "--confirm", "action.gree")
    assert other.code == 3
    assert given.action("greet")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("action.none", "the tenant has no action.none"),
        ("actoin.greet", "did you mean 'action.greet'?"),
        ("actoin.quite-different", "did you mean 'action'?"),
        ("greet", "is no address: it is KIND.NAME; did you mean 'action.greet'?"),
        ("connection.", "is no address"),
    ],
)
def test_what_is_not_there_is_said(given, address, words):
    ran = given.run("destroy", "local", address, "--confirm", address)
    assert ran.code == 1
    assert words in ran.err


def test_a_protected_tenant_takes_it_only_when_allowed(given):
    given.apply()
    file = given.project.root / "tenants/local.yaml"
    file.write_text(file.read_text() + "protect: true\n")
    refused = given.run("destroy", "local", "action.greet", "--confirm", "action.greet")
    assert refused.code == 3
    assert "--allow delete:action.greet" in refused.err
    assert given.action("greet")
    ran = given.run("destroy", "local", "action.greet", "--confirm", "action.greet", "--allow", "delete:action.greet")
    assert ran.code == 0, ran.all
    assert "greet" not in {one["name"] for one in given.state("action")}


def test_what_the_files_no_longer_name_is_found_all_the_same(given):
    given.apply()
    given.project.tenant("connections: {}\n")
    for address in ("client-grant.legacy-users", "client.legacy-users", "resource-server.legacy-users"):
        ran = given.run("destroy", "local", address, "--confirm", address)
        assert ran.code == 0, ran.all
    assert [one for one in given.state("client") if one["name"] == "legacy-users scripts"] == []
    assert all(one.get("is_system") for one in given.state("resource_server"))
