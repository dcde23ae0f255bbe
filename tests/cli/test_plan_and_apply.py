"""The main job, through the command line: plan, apply, an empty plan, a saved plan, and what makes it stale."""

import json
import re
import shlex

import pytest

from deployer.sandbox import dashboard


def test_plan_shows_every_attribute_and_script_and_no_secret(undeployed, canary):
    ran = undeployed.run("plan", "local")
    assert ran.code == 0
    assert "+ connection.legacy-users will be created" in ran.out
    for script in ("login", "get_user", "create", "verify", "change_password", "delete", "change_email"):
        assert f"options.customScripts.{script} " in ran.out
    assert "options.non_persistent_attrs" in ran.out
    assert "secret PG_URL will be set" in ran.out
    assert "Plan: 1 to create." in ran.out
    assert canary not in ran.all


def test_apply_saves_every_script_together_in_one_request(undeployed, local_tenant, live_connection, canary):
    ran = undeployed.run("-vv", "apply", "local", "--auto-approve")
    assert ran.code == 0, ran.all
    options = live_connection()["options"]
    assert set(options["customScripts"]) == {
        "login",
        "get_user",
        "create",
        "verify",
        "change_password",
        "delete",
        "change_email",
    }
    assert options["enabledDatabaseCustomization"] is True
    assert options["import_mode"] is True
    assert options["non_persistent_attrs"] == ["good"]
    assert list(options["configuration"]) == ["PG_URL"]
    assert canary not in ran.all
    assert canary not in json.dumps(options)


def test_a_second_plan_is_empty(deployed):
    ran = deployed.run("plan", "local", "--detailed-exitcode")
    assert ran.code == 0
    assert "No changes. 1 resource as defined." in ran.out
    again = deployed.run("apply", "local", "--auto-approve")
    assert again.code == 0
    assert "No changes." in again.out


def test_detailed_exitcode_says_that_there_are_changes(undeployed):
    assert undeployed.run("plan", "local", "--detailed-exitcode").code == 2


def test_unmanaged_live_options_are_kept(deployed, local_tenant, live_connection):
    dashboard.edit_option(local_tenant.state, "legacy-users", "disable_self_service_change_password", True)
    dashboard.edit_option(local_tenant.state, "legacy-users", "non_persistent_attrs", ["low"])
    ran = deployed.run("apply", "local", "--auto-approve")
    assert ran.code == 0, ran.all
    options = live_connection()["options"]
    assert options["disable_self_service_change_password"] is True
    assert options["non_persistent_attrs"] == ["good"]
    assert list(options["configuration"]) == ["PG_URL"]


def test_a_changed_script_is_shown_line_by_line(deployed):
    deployed.write("templates/custom/verify.js.j2", "function verify(email, callback) {\n  callback(null, true);\n}\n")
    deployed.tenant(
        "connections:\n  legacy-users:\n    store: postgres\n    migration: trickle\n    variables: {table: users}\n"
        "    configuration: {PG_URL: !env PG_URL}\n"
        "    options: {non_persistent_attrs: [good], brute_force_protection: true}\n"
        "    scripts: {verify: templates/custom/verify.js.j2}\n"
    )
    ran = deployed.run("plan", "local")
    assert "~ options.customScripts.verify" in ran.out
    assert "+  callback(null, true);" in ran.out
    assert "options.customScripts.login" not in ran.out


def test_a_changed_secret_is_seen_and_not_shown(deployed, monkeypatch):
    monkeypatch.setenv("PG_URL", "postgres://scripts:another-canary@db.example.com/users")
    ran = deployed.run("plan", "local", "--detailed-exitcode")
    assert ran.code == 2
    assert "secret PG_URL has a new value" in ran.out
    assert "another-canary" not in ran.all
    assert deployed.run("apply", "local", "--auto-approve").code == 0
    assert "No changes" in deployed.run("plan", "local").out


def test_a_secret_changed_by_somebody_else_is_told_apart(deployed, local_tenant):
    dashboard.change_secret(local_tenant.state, "legacy-users", "PG_URL", "postgres://mallory@elsewhere/")
    ran = deployed.run("plan", "local")
    assert "secret PG_URL was changed in the tenant by somebody else" in ran.out
    assert deployed.run("apply", "local", "--auto-approve").code == 0
    assert "No changes" in deployed.run("plan", "local").out


def test_a_saved_plan_is_applied_exactly(undeployed, live_connection, tmp_path, canary):
    file = tmp_path / "saved.plan"
    assert undeployed.run("plan", "local", "--out", str(file)).code == 0
    text = file.read_text()
    assert canary not in text
    assert file.stat().st_mode & 0o777 == 0o600
    # What the files say now no longer matters: the plan is what was looked at.
    undeployed.tenant(
        "connections:\n  legacy-users:\n    store: postgres\n    migration: trickle\n    variables: {table: users}\n"
        "    configuration: {PG_URL: !env PG_URL}\n    options: {non_persistent_attrs: [low]}\n"
    )
    ran = undeployed.run("apply", "local", str(file))
    assert ran.code == 0, ran.all
    assert live_connection()["options"]["non_persistent_attrs"] == ["good"]


@pytest.mark.parametrize("change", ["option", "deleted", "secret", "created"])
def test_a_stale_plan_is_refused_and_says_what_changed(change, request, tmp_path, local_tenant, monkeypatch):
    project = request.getfixturevalue("undeployed" if change == "created" else "deployed")
    if change != "created":
        project.tenant(
            "connections:\n  legacy-users:\n    store: postgres\n    migration: trickle\n"
            "    variables: {table: users}\n    configuration: {PG_URL: !env PG_URL}\n"
            "    options: {non_persistent_attrs: [excellent]}\n"
        )
    file = tmp_path / "saved.plan"
    assert project.run("plan", "local", "--out", str(file)).code == 0
    if change == "option":
        dashboard.edit_option(local_tenant.state, "legacy-users", "disable_signup", True)
        expected = "options.disable_signup"
    elif change == "deleted":
        dashboard.delete_connection(local_tenant.state, "legacy-users")
        expected = "was deleted"
    elif change == "secret":
        monkeypatch.setenv("PG_URL", "postgres://another@db.example.com/users")
        expected = "the secret connection.legacy-users configuration.PG_URL is another one now"
    else:
        assert project.run("apply", "local", "--auto-approve").code == 0
        expected = "was created by somebody else"
    before = local_tenant.state.storage.named("connection", "legacy-users")
    ran = project.run("apply", "local", str(file))
    assert ran.code == 3
    assert "stale" in ran.err
    assert expected in ran.err
    assert local_tenant.state.storage.named("connection", "legacy-users") == before


def test_targets_limit_a_plan(undeployed):
    undeployed.tenant(
        "connections:\n  one: {store: postgres, configuration: {PG_URL: !env PG_URL}}\n"
        "  two: {store: postgres, configuration: {PG_URL: !env PG_URL}}\n"
    )
    ran = undeployed.run("plan", "local", "--target", "connection.two")
    assert "connection.two" in ran.out
    assert "connection.one" not in ran.out
    wrong = undeployed.run("plan", "local", "--target", "connection.tow")
    assert wrong.code == 1
    assert "did you mean 'connection.two'?" in wrong.err


def test_an_apply_without_anybody_to_ask_changes_nothing(undeployed, local_tenant):
    ran = undeployed.run("apply", "local")
    assert ran.code == 1
    assert "--auto-approve" in ran.err
    assert local_tenant.state.storage.named("connection", "legacy-users") is None


def test_an_existing_connection_is_adopted_only_when_named(undeployed, api, live_connection):
    api("POST", "connections", {"name": "legacy-users", "strategy": "auth0", "options": {"disable_signup": True}})
    refused = undeployed.run("apply", "local", "--auto-approve")
    assert refused.code == 3
    assert "--allow adopt:connection.legacy-users" in refused.err
    assert "customScripts" not in live_connection()["options"]
    ran = undeployed.run("apply", "local", "--auto-approve", "--allow", "adopt:connection.legacy-users")
    assert ran.code == 0, ran.all
    assert live_connection()["options"]["disable_signup"] is True
    assert "No changes" in undeployed.run("plan", "local").out


def test_json_output_is_json_alone(undeployed):
    plan = undeployed.run("plan", "local", "--json").json
    assert plan["format"] == "deployer-plan"
    applied = undeployed.run("apply", "local", "--auto-approve", "--json").json
    assert applied["complete"] is True
    assert applied["changes"][0]["address"] == "connection.legacy-users"


def test_clients_are_enabled_by_name(undeployed, api):
    for name in ("Web App", "Mobile"):
        api("POST", "clients", {"name": name})
    body = "connections:\n  users: {{store: postgres, configuration: {{PG_URL: !env PG_URL}}, clients: [{}]}}\n"
    undeployed.tenant(body.format("Web App, Mobile"))
    assert undeployed.run("apply", "local", "--auto-approve").code == 0
    undeployed.tenant(body.format("Mobile"))
    ran = undeployed.run("apply", "local", "--auto-approve", "--allow", "closes-login:connection.users/clients/Web App")
    assert ran.code == 0, ran.all
    assert "clients" in ran.out
    assert "No changes" in undeployed.run("plan", "local").out
    undeployed.tenant(body.format("Web Ap"))
    named = ("--allow", "closes-login:connection.users/clients/Mobile")
    wrong = undeployed.run("apply", "local", "--auto-approve", *named)
    assert wrong.code == 1
    assert "did you mean 'Web App'?" in wrong.all


def test_a_plan_says_when_its_scripts_were_last_tested(undeployed):
    from deployer.project import Project
    from deployer.state.state_store import StateStore

    project = Project(undeployed.root)
    rendered = project.render(project.tenant("local"))["legacy-users"]
    assert "tests:" not in undeployed.run("plan", "local").out
    results = StateStore.open(None, undeployed.root).test_results
    results.add(rendered.digest, tenant="local", connection="legacy-users", passed=True)
    assert "tests: passed" in undeployed.run("plan", "local").out
    results.add(rendered.digest, tenant="local", connection="legacy-users", passed=False)
    assert "tests: FAILED" in undeployed.run("plan", "local").out


def test_the_end_of_a_migration_must_be_named(deployed, live_connection):
    deployed.tenant(
        "connections:\n  legacy-users:\n    store: postgres\n    migration: complete\n    variables: {table: users}\n"
        "    configuration: {PG_URL: !env PG_URL}\n"
        "    options: {non_persistent_attrs: [good], brute_force_protection: true}\n"
    )
    refused = deployed.run("apply", "local", "--auto-approve")
    assert refused.code == 3
    assert "users who have not moved to Auth0 yet can no longer log in" in refused.err
    named = [f"--allow=end-migration:connection.legacy-users/{script}" for script in ("get_user", "login")]
    ran = deployed.run("apply", "local", "--auto-approve", *named)
    assert ran.code == 0, ran.all
    assert "callback(null, null)" in live_connection()["options"]["customScripts"]["login"]
    assert live_connection()["options"]["import_mode"] is True


def test_a_saved_plan_whose_concerns_nobody_accepted_says_how_it_is_applied(deployed, live_connection):
    deployed.tenant(
        "connections:\n  legacy-users:\n    store: postgres\n    migration: complete\n    variables: {table: users}\n"
        "    configuration: {PG_URL: !env PG_URL}\n"
    )
    ran = deployed.run("plan", "local", "--out", "p.plan", "--allow", "end-migration:connection.legacy-users/login")
    said = re.search(r"To apply exactly this: (deployer .*)", ran.err)
    assert said
    assert said[1] == "deployer apply local p.plan --allow end-migration:connection.legacy-users/get_user"
    applied = deployed.run(*shlex.split(said[1])[1:])
    assert applied.code == 0, applied.all
    assert "callback(null, null)" in live_connection()["options"]["customScripts"]["login"]


def test_a_saved_plan_says_how_it_is_applied(undeployed):
    ran = undeployed.run("plan", "local", "--json", "--out", "my plan.json")
    assert ran.json["plan"]["changes"]
    said = re.search(r"Saved in 'my plan.json'. To apply exactly this: (deployer .*)", ran.err)
    assert said
    applied = undeployed.run(*shlex.split(said[1])[1:])
    assert applied.code == 0, applied.all
    assert "Applied 1 change" in applied.out


def test_the_command_that_applies_a_plan_past_promote_from_holds_the_reason(undeployed):
    tenant = undeployed.root / "tenants/local.yaml"
    tenant.write_text(tenant.read_text() + "promote_from: dev\n")
    (undeployed.root / "tenants/dev.yaml").write_text(
        "domain: dev.example.com\ncredentials: {token: !env T}\nsecrets_key: !env T\n"
    )
    saved = undeployed.run("plan", "local", "--out", "p.plan")
    many = undeployed.run("plan", "--tenant", "local", "--out", "plans")
    for text, file in ((saved.err, "p.plan"), (many.out, "plans/local.plan")):
        said = re.search(r"To apply exactly this: (deployer .*)", text)
        assert said, text
        assert said[1] == f"deployer apply local {file} --break-glass REASON"
    assert undeployed.run("apply", "local", "p.plan").code == 3
    applied = undeployed.run(*shlex.split(said[1])[1:])
    assert applied.code == 0, applied.all
