"""Arguments that go together, and those that do not: nothing that was asked for is silently left out."""

import json

import pytest

ONE = "{store: postgres, configuration: {PG_URL: !env PG_URL }}"
TWO = f"connections:\n  one: {ONE}\n  two: {ONE}\n"


def refused(ran, *expected: str, code: int = 1) -> None:
    assert ran.code == code, ran.all
    assert ran.out == ""
    assert ran.err.startswith("error: ")
    assert "Traceback" not in ran.err
    for text in expected:
        assert text in ran.err


def test_all_secrets_that_cannot_be_read_are_named_at_once(undeployed, monkeypatch):
    for name in ("AUTH0_CLIENT_SECRET", "PG_URL"):
        monkeypatch.delenv(name)
    refused(undeployed.run("plan", "local"), "AUTH0_CLIENT_SECRET is not set", "PG_URL is not set", "2 mistakes in all")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["plan"], "no tenant was given"),
        (["plan", "local", "--all"], "Give one or the other"),
        (["status", "local", "--all"], "Give one or the other"),
        (["validate", "local", "--tag", "x"], "Give one or the other"),
        (["plan", "--all", "--report", "x"], "are for one tenant"),
        (["plan", "--all", "--target", "connection.x"], "are for one tenant"),
        (["plan", "--all", "--format", "html"], "--format html is for one tenant"),
        (["plan", "--tenant", "nosuch*"], "no tenant fits 'nosuch*'"),
        (["plan", "--tag", "nosuch"], "no tenant fits"),
        (["apply", "--all"], "needs --auto-approve"),
        (["apply", "local", "--json"], "--json asks nothing"),
        (["apply", "local", "nosuch.plan"], "the plan file cannot be read"),
        (["promote", "local", "local", "--auto-approve"], "would be promoted to itself"),
        (["promote", "local"], "no tenant was given"),
        (["promote", "local", "--tenant", "*", "--plan"], "no tenant takes its releases from local"),
        (["rollback", "local", "--auto-approve"], "there is no earlier release to go back to"),
        (["rollback", "local", "0123456789ab", "--auto-approve"], "0123456789ab"),
        (["status", "nosuch"], "there is no tenant file 'nosuch.yaml'"),
        (["status", "locl"], "did you mean 'local'?"),
        (["render", "local", "nosuch"], "has no connection 'nosuch'"),
        (["render", "local", "legacy-user"], "did you mean 'legacy-users'?"),
        (["render", "local", "legacy-users/logn"], "did you mean 'login'?"),
        (["render", "local", "--out", "tenants/local.yaml/x"], "cannot be written"),
        (["status", "--out", "nosuch/x"], "the status cannot be written"),
        (["plan", "local", "--out", "nosuch/x"], "the plan cannot be written"),
    ],
)
def test_what_does_not_go_together_is_said(undeployed, arguments, expected):
    refused(undeployed.run(*arguments), expected)


@pytest.mark.parametrize("arguments", [["plan", "local", "--chdir"], ["plan", "local", "--chdir="], ["--chdir", ""]])
def test_chdir_needs_a_folder(undeployed, arguments):
    refused(undeployed.run(*arguments), "error: --chdir: no folder was given. Write --chdir DIR.")


@pytest.mark.parametrize(
    ("command", "form"),
    [
        *((command, "text") for command in ("plan", "promote", "rollback", "status", "test", "lint")),
        *((command, "html") for command in ("plan", "promote", "rollback", "status")),
        *((command, "junit") for command in ("test", "lint")),
    ],
)
def test_json_and_another_format_do_not_go_together(undeployed, command, form):
    arguments = ["local", "local"] if command == "promote" else ["local"]
    ran = undeployed.run(command, *arguments, "--json", "--format", form)
    refused(ran, f"--json and --format {form} were given. Give one of them.")
    assert ran.out == ""


def test_every_command_is_checked(undeployed):
    from deployer.cli.command import Command
    from deployer.cli.main import app

    commands = [*app.registered_commands, *app.registered_groups[0].typer_instance.registered_commands]
    assert len(commands) > 20
    assert all(command.cls is Command for command in commands)


@pytest.mark.parametrize("command", ["plan", "lint", "status"])
def test_json_twice_is_json(undeployed, command):
    assert undeployed.run(command, "local", "--json", "--format", "json").json


ALLOW = "connection.legacy-users"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x", "error: --allow: 'x' names no change. Write CODE:ADDRESS, as the plan shows it"),
        ("adopt:", "names no change"),
        ("adopt:legacy-users", "names no change"),
        (f":{ALLOW}", "names no change"),
        (f"adpot:{ALLOW}", "there is no code 'adpot'; did you mean 'adopt'?"),
        (f"\x1b[2J:{ALLOW}", "there is no code '\\x1b[2J'. Codes are: adopt, closes-login,"),
    ],
)
@pytest.mark.parametrize(
    "arguments", [["apply", "local", "--auto-approve"], ["destroy", "local", ALLOW], ["apply", "--all"]], ids=" ".join
)
def test_what_can_allow_nothing_is_refused(undeployed, name, expected, arguments, local_tenant):
    before = local_tenant.weather.requests
    refused(undeployed.run(*arguments, "--allow", name), expected)
    assert local_tenant.weather.requests == before


def test_a_name_that_nothing_in_the_plan_has_is_said(undeployed, api):
    api("POST", "connections", {"name": "legacy-users", "strategy": "auth0"})
    mistyped = ["--allow", "adopt:connection.legacy-user", "--allow", f"adopt:{ALLOW}"]
    ran = undeployed.run("apply", "local", "--auto-approve", *mistyped)
    assert ran.code == 0, ran.all
    assert ran.err == "warning: --allow adopt:connection.legacy-user names nothing that is in this plan\n"
    assert undeployed.run("apply", "local", "--auto-approve", *mistyped).err == ""  # nothing to do


def test_a_mistyped_name_is_said_beside_the_refusal(undeployed, api):
    api("POST", "connections", {"name": "legacy-users", "strategy": "auth0"})
    ran = undeployed.run("apply", "local", "--auto-approve", "--allow", "adopt:connection.legacy-user")
    assert ran.code == 3
    assert f"nothing that is in this plan; did you mean 'adopt:{ALLOW}'?" in ran.err
    assert f"--allow adopt:{ALLOW}" in ran.err


def test_nobody_is_asked_about_what_is_refused_then(undeployed, api):
    api("POST", "connections", {"name": "legacy-users", "strategy": "auth0"})
    ran = undeployed.run("apply", "local")
    assert ran.code == 3
    assert f"--allow adopt:{ALLOW}" in ran.err
    assert "nobody to ask" not in ran.err


@pytest.mark.parametrize("variable", ["DEPLOYER_STATE", "DEPLOYER_STORE"])
def test_a_store_that_is_named_and_not_there_is_not_made_by_looking(undeployed, tmp_path, monkeypatch, variable):
    folder = tmp_path / "mistyped"
    monkeypatch.setenv(variable, str(folder))
    ran = undeployed.run("plan", "local")
    assert ran.code == 0
    assert ran.err.count(f"warning: the folder {folder}, which {variable} names, does not exist") == 1
    assert undeployed.run("drift", "local").code == 0
    assert not folder.exists()
    ran = undeployed.run("apply", "local", "--auto-approve")
    assert ran.code == 0, ran.all
    assert "The first apply makes it." in ran.err
    assert "apply" in undeployed.run("history", "local").out
    assert undeployed.run("plan", "local").err == ""


@pytest.mark.parametrize("arguments", [["history", "local"], ["recover", "local"], ["unlock", "local", "--id", "x"]])
@pytest.mark.parametrize("variable", ["DEPLOYER_STATE", "DEPLOYER_STORE"])
def test_a_store_that_is_named_and_not_there_has_nothing_to_show(
    undeployed, tmp_path, monkeypatch, variable, arguments
):
    folder = tmp_path / "mistyped"
    monkeypatch.setenv(variable, str(folder))
    refused(undeployed.run(*arguments), f"the folder {folder}, which {variable} names, does not exist")
    assert not folder.exists()


def test_a_fresh_project_has_an_empty_history(undeployed):
    ran = undeployed.run("history", "local")
    assert (ran.code, ran.err) == (0, "")
    assert "Nothing has been done to local yet." in ran.out
    assert not (undeployed.root / ".deployer").exists()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["history", "local", "--result", "suceeded"], "Usage: deployer"),
        (["plan", "--format", "pdf", "local"], "Usage: deployer"),
        (["nosuch"], "No such command"),
    ],
)
def test_wrong_usage_is_shown_with_the_usage(undeployed, arguments, expected):
    ran = undeployed.run(*arguments)
    assert ran.code == 1
    assert expected in ran.err


def test_paths_start_from_the_folder_that_chdir_names(undeployed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert undeployed.run("plan", "local", "--out", "saved.plan").code == 0
    assert (undeployed.root / "saved.plan").is_file()
    assert undeployed.run("apply", "local", "saved.plan").code == 0
    assert undeployed.run("render", "local", "--out", "scripts").code == 0
    assert (undeployed.root / "scripts/legacy-users/login.js").is_file()
    assert undeployed.run("status", "--format", "html", "--out", "status.html").code == 0
    assert (undeployed.root / "status.html").is_file()


def test_scripts_as_json(undeployed):
    scripts = undeployed.run("render", "local", "--json").json
    assert [script["script"] for script in scripts][:2] == ["login", "get_user"]
    assert scripts[0]["template"] == "templates/postgres/login.js.j2"
    assert scripts[0]["source"].startswith("// Managed by deployer")


def test_two_connections_do_not_get_into_one_folder(undeployed):
    undeployed.tenant("connections:\n  Users: {store: postgres}\n  users: {store: postgres}\n")
    refused(undeployed.run("render", "local", "--out", "scripts"), "Users and users")
    assert not (undeployed.root / "scripts").exists()


def test_a_target_is_planned_and_applied_alone(undeployed, local_tenant):
    undeployed.tenant(TWO)
    file = str(undeployed.root / "saved.plan")
    assert undeployed.run("plan", "local", "--target", "connection.two", "--out", file).code == 0
    refused(undeployed.run("apply", "local", file, "--target", "connection.one"), "A plan file has its targets in it")
    assert undeployed.run("apply", "local", file).code == 0
    assert local_tenant.state.storage.named("connection", "one") is None
    assert local_tenant.state.storage.named("connection", "two") is not None


def test_a_plan_is_applied_once(undeployed):
    file = str(undeployed.root / "saved.plan")
    undeployed.run("plan", "local", "--out", file)
    assert undeployed.run("apply", "local", file).code == 0
    ran = undeployed.run("apply", "local", file)
    assert ran.code == 3
    assert "the plan is stale" in ran.err
    assert "Make a new plan" in ran.err


def test_a_plan_of_a_tenant_whose_file_no_longer_names_its_secrets(undeployed, local_tenant):
    file = str(undeployed.root / "saved.plan")
    undeployed.run("plan", "local", "--out", file)
    undeployed.tenant("connections: {other: {store: postgres}}\n")
    ran = undeployed.run("apply", "local", file)
    assert ran.code == 3
    assert "PG_URL is another one now" in ran.err
    assert local_tenant.state.storage.named("connection", "legacy-users") is None


def test_history_says_what_its_filters_leave_out(deployed):
    deployed.tenant("connections: {}\n")
    assert "Nothing that fits has been done to local." in deployed.run("history", "local", "--result", "partial").out
    assert "Nothing that fits" in deployed.run("history", "local", "--until", "2001-01-01").out
    assert "There are older ones" not in deployed.run("history", "local", "--limit", "1").out
    deployed.tenant(f"connections: {{more: {ONE}}}\n")
    assert deployed.run("apply", "local", "--auto-approve").code == 0
    ran = deployed.run("history", "local", "--limit", "1")
    assert "There are older ones: --limit N shows more." in ran.out
    (record,) = deployed.run("history", "local", "--limit", "1", "--json").json
    assert record["result"] == "succeeded"


def test_status_of_a_tenant_that_was_never_deployed(undeployed):
    ran = undeployed.run("status", "local")
    assert ran.code == 0, ran.all
    assert "it was never deployed from here" in ran.out
    (tenant,) = undeployed.run("status", "local", "--json").json["tenants"]
    assert tenant["name"] == "local"


def test_a_promotion_is_planned_as_json(deployed, local_tenant):
    deployed.write("tenants/base.yaml", "")
    text = (deployed.root / "tenants" / "local.yaml").read_text()
    deployed.write("tenants/next.yaml", text)
    ran = deployed.run("promote", "local", "next", "--plan", "--json")
    assert ran.code == 0, ran.all
    assert ran.json["format"] == "deployer-plan"


@pytest.mark.parametrize(
    "arguments",
    [
        ["validate", "local"],
        ["render", "local"],
        ["lint", "local"],
        ["explain"],
        ["explain", "DB202"],
        ["plan", "local"],
        ["plan", "--all"],
        ["drift", "local"],
        ["drift", "--all"],
        ["apply", "local", "--auto-approve"],
        ["apply", "--all", "--auto-approve"],
        ["status"],
        ["history", "local"],
        ["recover", "local"],
    ],
)
def test_json_alone_is_on_standard_output(deployed, arguments, canary):
    ran = deployed.run(*arguments, "--json")
    assert ran.code == 0, ran.all
    assert json.loads(ran.out) is not None
    assert canary not in ran.all


@pytest.mark.parametrize("arguments", [["plan", "local"], ["drift", "local"], ["validate", "local"], ["lint", "local"]])
def test_commands_that_only_look_record_nothing(undeployed, arguments):
    before = set(undeployed.root.rglob("*"))
    undeployed.run(*arguments)
    added = {path.name for path in set(undeployed.root.rglob("*")) - before}
    assert added == set()


def test_only_a_journal_that_is_reported_can_be_dismissed(deployed):
    ran = deployed.run("recover", "local", "--dismiss", "nosuch")
    assert ran.code == 1
    assert "no unfinished journal 'nosuch'" in ran.err
