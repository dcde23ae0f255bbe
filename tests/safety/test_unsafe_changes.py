"""What locks users out or cannot be taken back is refused with exit code 3, says why and how to name it, and is done
once it is named."""

import json

import pytest

from deployer.resources.connection_concerns import user_id_prefix

SCRIPT = "function {name}({arguments}) {{\n  callback(null, {{ user_id: {id}, email: email }});\n}}\n"


def script(name: str, arguments: str, id: str) -> str:
    return SCRIPT.format(name=name, arguments=arguments, id=id)


@pytest.fixture
def tiny(project, local_tenant, reach):
    """A project with a store of two small scripts, deployed as `users`."""
    reach(local_tenant)
    project.write(
        "templates/tiny/template.yaml",
        'description: tiny\nconfiguration: {PG_URL: "users"}\nscripts: [login, get_user, delete]\n',
    )
    project.write("templates/tiny/login.js.j2", script("login", "email, password, callback", '"tiny|" + email'))
    project.write("templates/tiny/get_user.js.j2", script("getUser", "email, callback", '"tiny|" + email'))
    project.write("templates/tiny/delete.js.j2", "function remove(id, callback) {\n  callback(null);\n}\n")
    project.tenant(users())
    ran = project.run("apply", "local", "--auto-approve", "--no-lint")
    assert ran.code == 0, ran.all
    return project


def users(more: str = "", name: str = "users") -> str:
    migration = "" if "migration:" in more else "    migration: trickle\n"
    configuration = "" if "configuration:" in more else "    configuration: {PG_URL: !env PG_URL}\n"
    return f"connections:\n  {name}:\n    store: tiny\n{migration}{configuration}{more}"


def migration_off(project) -> None:
    project.tenant(users("    migration: 'off'\n"))


def remove_script(project) -> None:
    project.tenant(users("    scripts: {delete: !remove }\n"))


def script_context(project) -> None:
    for name, arguments in (("login", "email, password, context, callback"), ("get_user", "email, context, callback")):
        project.write(f"templates/tiny/{name}.js.j2", script(name, arguments, '"tiny|" + email'))
    project.tenant(users("    options: {enable_script_context: true}\n"))


def other_prefix(project) -> None:
    project.write("templates/tiny/login.js.j2", script("login", "email, password, callback", '"other|" + email'))


def no_prefix(project) -> None:
    project.write("templates/tiny/get_user.js.j2", script("getUser", "email, callback", "email"))


CHANGES = {
    "import_mode off": (migration_off, "import-mode-off:connection.users", "are no longer moved"),
    "a script that goes": (remove_script, "remove-script:connection.users/delete", "a script that runs today goes"),
    "script context": (
        script_context,
        "script-context:connection.users",
        "does not let `enable_script_context` be turned off",
    ),
    "another prefix": (other_prefix, "user-id-prefix:connection.users/login", "takes each of them for a new user"),
    "no prefix": (no_prefix, "user-id-prefix:connection.users/get_user", "takes each of them for a new user"),
}


def refused_until_named(project, local_tenant, name: str, why: str, *more: str) -> None:
    """The apply is refused with these words and changes nothing; the plan says the same; named, it goes through."""
    before = json.dumps(local_tenant.state.storage.dump())
    for arguments in (
        ("apply", "local", "--auto-approve"),
        ("apply", "local", "--auto-approve", "--allow", "adopt:connection.another"),
    ):
        ran = project.run(*arguments, "--no-lint")
        assert ran.code == 3, ran.all
        assert why in ran.err, ran.err
        assert f"--allow {name}" in ran.err, ran.err
        assert "Nothing was changed" in ran.err
        assert json.dumps(local_tenant.state.storage.dump()) == before
    planned = project.run("plan", "local", "--no-lint")
    assert planned.code == 0
    assert name in planned.out, planned.out
    allow = [part for each in (name, *more) for part in ("--allow", each)]
    ran = project.run("apply", "local", "--auto-approve", "--no-lint", *allow)
    assert ran.code == 0, ran.all
    assert "No changes" in project.run("plan", "local", "--no-lint").out


@pytest.mark.parametrize("case", CHANGES)
def test_an_unsafe_change_is_refused_until_named(case, tiny, local_tenant):
    change, name, why = CHANGES[case]
    change(tiny)
    refused_until_named(tiny, local_tenant, name, why)


def test_customization_that_somebody_turns_off_is_turned_on_and_the_way_off_is_unsafe(tiny):
    """The definition cannot say it: it is always on here. The planner refuses it all the same."""
    from deployer.planning.concerns import concerns_of
    from deployer.planning.differences import AttributeChange
    from deployer.planning.model import Action
    from deployer.resources.model import Desired, Live

    path = ("options", "enabledDatabaseCustomization")
    change = AttributeChange(path=path, action="change", before=True, after=False)
    off, on = ({"enabledDatabaseCustomization": value, "customScripts": {}} for value in (False, True))
    wanted = Desired("connection", "users", {"options": off})
    have = Live("connection", "users", "con_1", {"options": on}, {}, notes={"deployer": "v1"})
    found = concerns_of(Action.UPDATE, wanted, have, [change], [])
    assert [one.name for one in found] == ["enableddatabasecustomization-off:connection.users"]
    assert "every user of the store is locked out" in found[0].why
    tiny.tenant(users("    options: {enabledDatabaseCustomization: false}\n"))
    ran = tiny.run("plan", "local")
    assert ran.code == 1
    assert "'enabledDatabaseCustomization' is not set here" in ran.err


def test_a_connection_is_deleted_only_by_its_full_address(tiny, local_tenant):
    before = json.dumps(local_tenant.state.storage.dump())
    unasked = tiny.run("destroy", "local", "connection.users")
    assert unasked.code == 1
    assert "--confirm connection.users" in unasked.err
    wrong = tiny.run("destroy", "local", "connection.users", "--confirm", "connection.user")
    assert wrong.code == 3
    assert json.dumps(local_tenant.state.storage.dump()) == before
    # A definition that goes deletes nothing.
    tiny.tenant("connections: {}\n")
    ran = tiny.run("apply", "local", "--auto-approve", "--no-lint")
    assert ran.code == 0
    assert json.dumps(local_tenant.state.storage.dump()) == before
    ran = tiny.run("destroy", "local", "connection.users", "--confirm", "connection.users")
    assert ran.code == 0, ran.all
    assert "every user of the connection is deleted with it" in ran.all
    assert local_tenant.state.storage.named("connection", "users") is None


def test_a_connection_of_somebody_else_is_never_deleted(tiny, local_tenant, api):
    api("POST", "connections", {"name": "theirs", "strategy": "auth0"})
    ran = tiny.run("destroy", "local", "connection.theirs", "--confirm", "connection.theirs")
    assert ran.code == 3
    assert "was not made by this tool" in ran.err
    assert local_tenant.state.storage.named("connection", "theirs") is not None


def many(number: int, policy: str, rest: str = "low", share: str = "") -> str:
    rows = "".join(
        f"  users-{n}: {{store: tiny, configuration: {{PG_URL: !env PG_URL}}, options: {{non_persistent_attrs: ["
        f"{policy if n < number else rest}]}}}}\n"
        for n in range(8)
    )
    return f"{share}connections:\n{rows}"


def test_many_connections_at_once_are_refused_until_named(tiny, local_tenant):
    tiny.tenant(many(0, "low"))
    assert tiny.run("apply", "local", "--auto-approve", "--no-lint").code == 0
    tiny.tenant(many(4, "good"))
    assert tiny.run("apply", "local", "--auto-approve", "--no-lint").code == 0
    tiny.tenant(many(8, "excellent"))
    refused_until_named(
        tiny, local_tenant, "many-changes:tenant.local", "8 of 8 connections change at once, more than 50%"
    )
    tiny.tenant(many(5, "fair", "excellent", "max_change_share: 0.7\n"))
    assert tiny.run("apply", "local", "--auto-approve", "--no-lint").code == 0


def test_a_protected_tenant_changes_only_by_a_saved_plan(tiny, local_tenant, tmp_path):
    tiny.tenant("protect: true\n" + users("    options: {non_persistent_attrs: [good]}\n"))
    before = json.dumps(local_tenant.state.storage.dump())
    ran = tiny.run("apply", "local", "--auto-approve", "--no-lint")
    assert ran.code == 3
    assert "local is protected: only a saved plan changes it" in ran.err
    assert "deployer plan local --out FILE" in ran.err
    destroyed = tiny.run("destroy", "local", "connection.users", "--confirm", "connection.users")
    assert destroyed.code == 3
    assert "--allow delete:connection.users" in destroyed.err
    assert json.dumps(local_tenant.state.storage.dump()) == before
    file = str(tmp_path / "saved.plan")
    assert tiny.run("plan", "local", "--no-lint", "--out", file).code == 0
    ran = tiny.run("apply", "local", file)
    assert ran.code == 0, ran.all
    assert "No changes" in tiny.run("plan", "local", "--no-lint").out


def test_what_cannot_be_taken_back_is_named_on_a_protected_tenant(tiny, local_tenant, tmp_path, monkeypatch):
    tiny.tenant("protect: true\n" + users())
    monkeypatch.setenv("PG_URL", "postgres://another/")
    file = str(tmp_path / "saved.plan")
    planned = tiny.run("plan", "local", "--no-lint", "--out", file)
    assert "irreversible:connection.users" in planned.out
    before = json.dumps(local_tenant.state.storage.dump())
    ran = tiny.run("apply", "local", file)
    assert ran.code == 3
    assert "the former value of PG_URL is overwritten" in ran.err
    assert json.dumps(local_tenant.state.storage.dump()) == before
    assert tiny.run("apply", "local", file, "--allow", "irreversible:connection.users").code == 0


def test_a_secret_that_the_definition_does_not_name_stops_the_apply(tiny, local_tenant, live_connection):
    from deployer.sandbox import dashboard

    dashboard.change_secret(local_tenant.state, "users", "THEIRS", "theirs")
    tiny.tenant(users("    options: {non_persistent_attrs: [good]}\n"))
    before = json.dumps(local_tenant.state.storage.dump())
    ran = tiny.run("apply", "local", "--auto-approve", "--no-lint")
    assert ran.code == 3
    assert "--allow drop-secret:connection.users/THEIRS" in ran.err
    assert "`!remove` or `!keep`" in ran.err
    both = users(
        "    configuration: {PG_URL: !env PG_URL, THEIRS: !keep }\n    options: {non_persistent_attrs: [good]}\n"
    )
    tiny.tenant(both)
    kept = tiny.run("apply", "local", "--auto-approve", "--no-lint")
    assert kept.code == 3
    assert "would destroy the kept secret 'THEIRS'" in kept.err
    assert json.dumps(local_tenant.state.storage.dump()) == before
    tiny.tenant(users("    configuration: {PG_URL: !env PG_URL, THEIRS: !keep }\n"))
    unchanged = tiny.run("plan", "local", "--no-lint")
    assert "No changes" in unchanged.out
    tiny.tenant(both.replace("!keep", "!remove"))
    ran = tiny.run("apply", "local", "--auto-approve", "--no-lint")
    assert ran.code == 0, ran.all
    assert list(live_connection("users")["options"]["configuration"]) == ["PG_URL"]
    assert "No changes" in tiny.run("plan", "local", "--no-lint").out


@pytest.mark.parametrize(
    ("source", "prefix"),
    [
        ("callback(null, { user_id: 'a|' + id });", "a|"),
        ('callback(null, { user_id: "a|" + id });', "a|"),
        ("callback(null, { user_id: `a|${id}` });", "a|"),
        ("callback(null, { user_id: id });", ""),
        ("callback(null);", None),
        (None, None),
    ],
)
def test_the_prefix_of_a_script(source, prefix):
    assert user_id_prefix(source) == prefix
