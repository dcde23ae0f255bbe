"""Every kind through the command line: planned in order, applied, empty the second time, and its drift."""

import pytest

from deployer.resources.code_marker import unsigned

FORMS = ["action", "rule"]
OURS_AROUND = ["legacy-users-restrict-audience", "greet", "legacy-users-backfill-metadata"]


@pytest.mark.parametrize("form", FORMS)
def test_a_plan_shows_everything_in_order_and_an_apply_makes_it_so(given, form):
    given.define(form=form)
    plan = given.run("plan", "local", "--json").json["plan"]
    order = [f"{change['kind']}.{change['name']}" for change in plan["changes"]]
    for change in plan["changes"]:
        here = order.index(f"{change['kind']}.{change['name']}")
        assert all(order.index(other) < here for other in change["depends_on"])
    assert order[-1] == "connection.legacy-users"
    kinds = {change["kind"] for change in plan["changes"]}
    assert {"resource-server", "client", "client-grant", "action", "binding", "connection"} <= kinds
    assert ("rule" in kinds, "rule-config" in kinds) == (form == "rule", form == "rule")
    text = given.run("plan", "local").out
    assert "after resource-server.legacy-users, client.legacy-users" in text
    assert "secret API_CLIENT_SECRET will be set to what is known only after an apply" in text
    ran = given.apply()
    assert "canary-greeting-do-not-show" not in ran.all
    flow = given.flow()
    assert flow == (OURS_AROUND if form == "action" else ["greet"])
    assert given.flow("credentials-exchange") == ["legacy-users-restrict-audience-machines"]
    assert len(given.state("rule")) == (2 if form == "rule" else 0)
    [server] = [one for one in given.state("resource_server") if not one.get("is_system")]
    assert (server["identifier"], server["allow_offline_access"]) == ("https://users.example.com", False)
    assert server["name"].endswith("(managed by deployer: legacy-users)")
    [grant] = [one for one in given.state("client_grant") if one["audience"] == server["identifier"]]
    assert grant["scope"] == ["read:users"]
    options = given.tenant.state.storage.named("connection", "legacy-users")["options"]
    assert set(options["configuration"]) == {
        "API_URL",
        "API_AUDIENCE",
        "API_CLIENT_ID",
        "API_CLIENT_SECRET",
        "AUTH0_DOMAIN",
    }


def edit_action(given, name, body, *, deploy=True):
    action = given.action(name)
    given.api("PATCH", f"actions/actions/{action['id']}", body)
    if deploy:
        given.api("POST", f"actions/actions/{action['id']}/deploy")


def edit_code(given, *, deploy):
    code = given.action("greet")["code"]
    edit_action(given, "greet", {"code": code.replace("console.log", "console.warn")}, deploy=deploy)


def edit_secret(given):
    edit_action(given, "greet", {"secrets": [{"name": "GREETING", "value": "mallory"}]})


def edit_server(given):
    given.api("PATCH", "resource-servers/https%3A%2F%2Fusers.example.com", {"allow_offline_access": True})


def edit_grant(given):
    given.api("PATCH", "resource-servers/https%3A%2F%2Fusers.example.com", {"scopes": [{"value": "read:users"}]})
    [grant] = [one for one in given.state("client_grant") if one["audience"] == "https://users.example.com"]
    given.api("PATCH", f"client-grants/{grant['id']}", {"scope": []})


def edit_client(given):
    [client] = [one for one in given.state("client") if one["name"] == "legacy-users scripts"]
    given.api("PATCH", f"clients/{client['client_id']}", {"grant_types": ["client_credentials", "implicit"]})


def edit_rule(given):
    rule = next(one for one in given.state("rule") if one["name"] == "legacy-users-restrict-audience")
    given.api("PATCH", f"rules/{rule['id']}", {"enabled": False})


def drop_config(given):
    given.api("DELETE", "rules-configs/deployer_legacy-users_API_URL")


EDITS = {
    "code": (lambda given: edit_code(given, deploy=True), "action.greet", "console.warn"),
    "draft": (lambda given: edit_code(given, deploy=False), "action.greet", "deployed"),
    "action secret": (edit_secret, "action.greet", "secret GREETING was changed in the tenant by somebody else"),
    "server": (edit_server, "resource-server.legacy-users", "allow_offline_access"),
    "grant": (edit_grant, "client-grant.legacy-users", "scope"),
    "client": (edit_client, "client.legacy-users", "grant_types"),
    "order": (lambda given: given.bind(*reversed(given.flow())), "binding.post-login", "order"),
    "unbound": (lambda given: given.bind("greet"), "binding.post-login", "order"),
}
RULE_EDITS = {
    "rule": (edit_rule, "rule.legacy-users-restrict-audience", "enabled"),
    "config": (drop_config, "rule-config.deployer_legacy-users_API_URL", "is not in the tenant"),
}


def test_drift_of_every_kind_is_seen_and_set_back(given):
    given.apply()
    for name, (edit, address, words) in EDITS.items():
        edit(given)
        ran = given.run("drift", "local")
        assert ran.code == 2, (name, ran.all)
        assert address in ran.out, name
        assert words in ran.out, (name, ran.out)
        given.apply()
    assert given.flow() == OURS_AROUND


def test_drift_of_rules_is_seen_and_set_back(given):
    given.define(form="rule")
    given.apply()
    for name, (edit, address, words) in RULE_EDITS.items():
        edit(given)
        ran = given.run("drift", "local")
        assert ran.code == 2, (name, ran.all)
        assert address in ran.out, name
        assert words in ran.out, (name, ran.out)
        given.apply()


@pytest.mark.parametrize("form", FORMS)
def test_changes_of_a_definition_are_written_once(given, form, monkeypatch):
    given.define(form=form)
    given.apply()
    given.define(form=form, scopes=", update:users: Change", lifetime=600)
    monkeypatch.setenv("GREETING", "another-canary-greeting")
    given.project.write(
        "templates/custom/greet.js.j2", "exports.onExecutePostLogin = async () => {\n  // nothing\n};\n"
    )
    plan = given.run("plan", "local")
    for words in (
        "~ resource-server.legacy-users",
        "~ client-grant.legacy-users",
        "~ action.greet",
        "secret GREETING has a new value",
    ):
        assert words in plan.out
    assert "another-canary-greeting" not in plan.all
    assert "Plan: 3 to update" in plan.out
    given.apply()
    assert "// nothing" in given.action("greet")["deployed_version"]["code"]


def test_a_changed_value_of_a_rule_is_seen_and_written(given):
    given.define(form="rule")
    given.apply()
    file = given.project.root / "tenants/local.yaml"
    file.write_text(file.read_text().replace("users.example.com/v1", "users.example.com/v2"))
    plan = given.run("plan", "local")
    assert "~ rule-config.deployer_legacy-users_API_URL" in plan.out
    assert "~ rule.legacy-users-backfill-metadata" in plan.out
    assert "rule.legacy-users-restrict-audience will" not in plan.out
    given.apply()
    [config] = [one for one in given.state("rules_config") if one["key"] == "deployer_legacy-users_API_URL"]
    assert given.tenant.state.vault.decrypt(config["value"]) == "https://users.example.com/v2"


def test_what_is_not_managed_stays_as_it_is(given):
    given.apply()
    [client] = [one for one in given.state("client") if one["name"] == "legacy-users scripts"]
    given.api("PATCH", f"clients/{client['client_id']}", {"description": "theirs", "client_metadata": {"team": "crm"}})
    assert given.run("plan", "local", "--detailed-exitcode").code == 0
    given.define(lifetime=600)
    given.apply()
    [client] = [one for one in given.state("client") if one["name"] == "legacy-users scripts"]
    assert client["description"] == "theirs"
    assert client["client_metadata"]["team"] == "crm"


def test_a_build_that_fails_changes_nothing_that_runs(given):
    given.apply()
    before = given.action("greet")
    given.define(action=", dependencies: {fs: 1.0.0}")
    ran = given.run("apply", "local", "--auto-approve")
    assert ran.code == 1
    assert "could not build the action greet" in ran.err
    after = given.action("greet")
    running, ran_before = after["deployed_version"], before["deployed_version"]
    assert unsigned(running["code"])[0] == unsigned(ran_before["code"])[0]
    assert running["dependencies"] == []
    assert after["all_changes_deployed"] is True
    assert "as it was before" in ran.out
    given.define()
    assert given.run("plan", "local", "--detailed-exitcode").code == 0
