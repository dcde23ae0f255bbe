"""`deployer destroy` on a terminal: the plan once, the address typed in full, and a word on what was typed instead."""

import os

import pytest

ADDRESS = "connection.legacy-users"
on_a_terminal = pytest.mark.skipif(not hasattr(os, "openpty"), reason="this system has no pseudo-terminals")


@on_a_terminal
def test_the_plan_is_shown_once_and_the_address_is_asked_for(deployed, terminal, local_tenant):
    begun = terminal("destroy", "local", ADDRESS, cwd=deployed.root)
    before = begun.wait_for("delete it:")
    assert before.index("will be deleted") < before.index("warning: the definitions still name it")
    begun.press(f"{ADDRESS}\n")
    assert begun.end() == 0, begun.shown
    assert begun.shown.count("will be deleted") == 1
    assert local_tenant.state.storage.named("connection", "legacy-users") is None


@on_a_terminal
@pytest.mark.parametrize(
    ("typed", "code", "words"),
    [
        ("connection.legacy-user\n", 3, "typed is 'connection.legacy-user', and the address to delete is"),
        ("\x16\x1b[31m\n", 3, "what was typed is '\\x1b[31m'"),
        ("\n", 1, "Nothing was changed."),
    ],
)
def test_another_address_deletes_nothing(deployed, terminal, live_connection, typed, code, words):
    begun = terminal("destroy", "local", ADDRESS, cwd=deployed.root)
    begun.wait_for("delete it:")
    begun.press(typed)
    assert begun.end() == code, begun.shown
    assert words in begun.shown
    assert live_connection()


def test_another_address_in_the_option_is_refused_before_anything_is_asked_of_the_tenant(deployed, local_tenant):
    before = local_tenant.weather.requests
    ran = deployed.run("destroy", "local", ADDRESS, "--confirm", "connection.other\x1b[2J")
    assert ran.code == 3
    assert "--confirm names 'connection.other\\x1b[2J', and the address to delete is 'connection.legacy-u" in ran.err
    assert local_tenant.weather.requests == before


@on_a_terminal
def test_json_asks_nothing(deployed, terminal, live_connection):
    begun = terminal("destroy", "local", ADDRESS, "--json", cwd=deployed.root)
    assert begun.end() == 1
    assert begun.shown == f"error: --json asks nothing. Name it once more: --confirm {ADDRESS}\n"
    assert live_connection()
    ran = deployed.run("destroy", "local", ADDRESS, "--json", "--confirm", ADDRESS)
    assert ran.code == 0, ran.all
    assert ran.json["changes"][0]["status"] == "applied"


@pytest.mark.parametrize(
    ("address", "near"),
    [
        ("connection.legacy-user", "did you mean 'connection.legacy-users'? "),
        ("legacy-users", "did you mean 'connection.legacy-users'? "),
        ("action.nope", ""),
    ],
)
def test_the_addresses_that_there_are_are_listed(deployed, address, near):
    deployed.tenant("connections: {new: {store: postgres, configuration: {PG_URL: !env PG_URL}}}\n")
    ran = deployed.run("destroy", "local", address, "--confirm", address)
    assert ran.code == 1
    assert f"{near}Defined or deployed from here: connection.legacy-users, connection.new." in ran.err


def test_where_there_is_nothing_that_is_said(undeployed):
    undeployed.tenant("connections: {}\n")
    ran = undeployed.run("destroy", "local", "connection.nope", "--confirm", "connection.nope")
    assert ran.code == 1
    assert "Nothing is defined and nothing was deployed from here." in ran.err


def test_a_long_list_is_cut(undeployed):
    rows = "".join(f"  users-{n:02}: {{store: postgres, configuration: {{PG_URL: !env PG_URL}}}}\n" for n in range(25))
    undeployed.tenant(f"connections:\n{rows}")
    ran = undeployed.run("destroy", "local", "action.none", "--confirm", "action.none")
    assert "connection.users-19 and 5 more." in ran.err
