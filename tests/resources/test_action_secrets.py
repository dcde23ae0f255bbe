"""Secrets of an Action can be kept and removed, and are never written out in a file."""

import pytest

ACTION = """\
actions:
  notify:
    code: templates/notify.js.j2
    secrets:
      TOKEN: {token}
      OTHER: {other}
"""
CODE = "exports.onExecutePostLogin = async (event, api) => { console.log({{ action.secrets | join(' ') | js }}); };\n"


@pytest.fixture
def with_action(undeployed, monkeypatch):
    monkeypatch.setenv("TOKEN", "token-value-1")
    monkeypatch.setenv("OTHER", "other-value-1")
    undeployed.write("templates/notify.js.j2", CODE)

    def write(token="!env TOKEN", other="!env OTHER"):
        undeployed.tenant(ACTION.format(token=token, other=other))
        return undeployed

    project = write()
    assert project.run("apply", "local", "--auto-approve").code == 0
    return write


def secrets_of(local_tenant):
    action = next(each for each in local_tenant.state.storage.all("action") if each["name"] == "notify")
    return {name: local_tenant.state.vault.decrypt(value) for name, value in action["$secrets"].items()}


def test_plain_text_is_refused(with_action):
    ran = with_action(token="token-value-1").run("validate", "local")
    assert ran.code == 1
    assert "must be a reference, never the secret itself" in ran.all
    assert "token-value-1" not in ran.all


def test_a_kept_secret_keeps_its_value_while_the_rest_changes(with_action, local_tenant, monkeypatch):
    monkeypatch.delenv("TOKEN")
    monkeypatch.setenv("OTHER", "other-value-2")
    ran = with_action(token="!keep").run("apply", "local", "--auto-approve")
    assert ran.code == 0, ran.all
    assert secrets_of(local_tenant) == {"TOKEN": "token-value-1", "OTHER": "other-value-2"}
    assert with_action(token="!keep").run("plan", "local", "--detailed-exitcode").code == 0


def test_a_removed_secret_is_taken_away(with_action, local_tenant):
    project = with_action(other="!remove")
    planned = project.run("plan", "local")
    assert "OTHER" in planned.out
    ran = project.run("apply", "local", "--auto-approve")
    assert ran.code == 0, ran.all
    assert secrets_of(local_tenant) == {"TOKEN": "token-value-1"}
    assert project.run("plan", "local", "--detailed-exitcode").code == 0


def test_the_code_does_not_see_what_was_removed(with_action):
    project = with_action(other="!remove")
    assert project.run("plan", "local").out.count("OTHER TOKEN") == 1  # what is taken out


def test_a_secret_that_is_kept_must_be_there(undeployed):
    undeployed.write("templates/notify.js.j2", CODE)
    undeployed.tenant(ACTION.format(token="!keep", other="!remove"))
    ran = undeployed.run("plan", "local")
    assert ran.code == 3, ran.all
    assert "`!keep` needs a live secret" in ran.all
    assert "action.notify secret TOKEN" in ran.all
