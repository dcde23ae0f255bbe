"""Secrets that were noted under a key of before are recognised while that key is known, and are noted anew."""

import pytest

TENANT = """\
actions:
  stamp: {trigger: post-login, code: templates/actions/stamp.js.j2, secrets: {STAMP: !env STAMP}}
connections:
  legacy-users:
    store: api
    migration: trickle
    access: [tls, client-credentials]
    configuration: {API_URL: https://users.example.com/v1, EXTRA: !env EXTRA}
    guards: [restrict-audience]
    api: {identifier: https://users.example.com, scopes: {read:users: Find}}
"""
STAMP = "exports.onExecutePostLogin = async (event, api) => {\n  console.log(event.secrets.STAMP.length);\n};\n"
FIRST = "secrets_key: !env FIRST_KEY\n"
SECOND = "secrets_key: !env SECOND_KEY\n"
FORMER = "former_secrets_key: !env FIRST_KEY\n"
SAYS = "Secrets noted under a former key"


@pytest.fixture
def keyed(project, local_tenant, reach, monkeypatch):
    """A project, and a function that writes its tenant file with some keys."""
    reach(local_tenant)
    for name in ("FIRST_KEY", "SECOND_KEY", "STAMP", "EXTRA"):
        monkeypatch.setenv(name, f"the value of {name}")
    project.write("templates/actions/stamp.js.j2", STAMP)
    return lambda *keys: project.tenant("".join(keys) + TENANT) and project


def go(project, *arguments, code=0):
    ran = project.run(*arguments)
    assert ran.code == code, ran.all
    return ran


def apply(project):
    return go(project, "apply", "local", "--auto-approve")


def noted_key(live_connection):
    return live_connection()["metadata"]["deployer"].partition("key=")[2].partition(";")[0]


@pytest.mark.parametrize("keys", [((), (SECOND,), (SECOND,)), ((FIRST,), (SECOND, FORMER), (SECOND,))])
def test_what_a_former_key_noted_is_recognised_and_noted_anew(keys, keyed, live_connection, monkeypatch):
    before, rotating, after = keys
    apply(keyed(*before))
    old = noted_key(live_connection)
    project = keyed(*rotating)
    scripts = live_connection()["options"]
    shown = go(project, "plan", "local", "--detailed-exitcode").out
    assert SAYS in shown
    assert "connection.legacy-users" in shown
    assert SAYS in go(project, "plan", "local", "--format", "markdown").out
    assert SAYS in go(project, "plan", "local", "--format", "html").out
    assert "No drift" in go(project, "drift", "local").out
    assert "No changes" in apply(project).out
    assert noted_key(live_connection) not in ("", old)
    assert live_connection()["options"] == scripts
    shown = go(project, "plan", "local", "--detailed-exitcode").out
    assert SAYS not in shown
    assert "this key is needed until then: action." in " ".join(shown.split())
    # Nothing else is needed of the former key by then, but for an Action, whose notes are in what runs.
    if not before:
        monkeypatch.setenv("STAMP", "another value")
        apply(project)
    project = keyed(*after)
    changes = go(project, "plan", "local", "--json").json["plan"]["changes"]
    assert {one["action"] for one in changes if one["kind"] == "connection"} == {"no-op"}


def test_a_saved_plan_notes_them_too(keyed, live_connection):
    apply(keyed(FIRST))
    old = noted_key(live_connection)
    project = keyed(SECOND, FORMER)
    go(project, "plan", "local", "--out", "p.plan")
    go(project, "apply", "local", "p.plan")
    assert noted_key(live_connection) not in ("", old)


def test_a_change_beside_them_notes_them_too(keyed, live_connection, local_tenant):
    apply(keyed(FIRST))
    old = noted_key(live_connection)
    project = keyed(SECOND, FORMER)
    project.write("templates/actions/stamp.js.j2", STAMP.replace("log", "info"))
    go(project, "apply", "local", "--auto-approve")
    assert noted_key(live_connection) not in ("", old)
    shown = go(keyed(SECOND), "plan", "local").out
    assert "connection.legacy-users" not in shown
    assert "action.stamp" not in shown


def test_a_secret_that_changes_with_the_key_is_a_change(keyed, monkeypatch):
    apply(keyed(FIRST))
    monkeypatch.setenv("EXTRA", "another value")
    project = keyed(SECOND, FORMER)
    shown = go(project, "plan", "local").out
    assert "EXTRA has a new value" in shown
    assert "cannot be compared" not in shown
    apply(project)
    project = keyed(SECOND)
    assert "connection.legacy-users" not in go(project, "plan", "local").out.partition("Plan:")[0]


def test_a_plan_without_secrets_knows_the_former_key(keyed, live_connection, monkeypatch):
    apply(keyed(FIRST))
    old = noted_key(live_connection)
    project = keyed(SECOND, FORMER)
    with monkeypatch.context() as plain:
        for name in ("STAMP", "EXTRA"):
            plain.delenv(name)
        shown = go(project, "plan", "local", "--without-secrets", "--out", "p.plan").out
        assert "is not compared here" in shown
        assert "cannot be compared" not in shown
    go(project, "apply", "local", "p.plan")
    assert noted_key(live_connection) not in ("", old)


def test_what_other_resources_give_is_compared_at_apply(keyed, monkeypatch):
    project = keyed(FIRST)
    apply(project)
    with monkeypatch.context() as plain:
        for name in ("STAMP", "EXTRA"):
            plain.delenv(name)
        go(project, "plan", "local", "--without-secrets", "--out", "p.plan")
    assert "No changes" in go(project, "apply", "local", "p.plan").out


def test_without_the_former_key_they_are_set_again(keyed):
    apply(keyed(FIRST))
    shown = go(keyed(SECOND), "plan", "local").out
    assert "cannot be compared" in shown
    assert SAYS not in shown


def test_another_value_than_the_noted_one_stops_an_approved_plan(keyed, monkeypatch, live_connection):
    apply(keyed(FIRST))
    old = noted_key(live_connection)
    project = keyed(SECOND, FORMER)
    go(project, "plan", "local", "--without-secrets", "--out", "p.plan")
    monkeypatch.setenv("EXTRA", "another value")
    refused = go(project, "apply", "local", "p.plan", code=3)
    assert "is another one than the tenant notes" in refused.err
    assert noted_key(live_connection) == old
