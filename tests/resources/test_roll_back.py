"""What was made before something failed is taken back, kind by kind; and what cannot be is said."""

import copy

import pytest
from deepdiff import DeepDiff

from deployer.resources.code_marker import unsigned

FORMS = ["action", "rule"]
# The connection comes last, and its applications after its scripts: what fails there fails when all else is done.
FAILS = "    clients: [Web App]\n"
KINDS = ["resource_server", "client", "client_grant", "action", "rule", "rules_config", "connection"]


@pytest.fixture(autouse=True)
def refused(given) -> None:
    """A tenant that refuses, once, to enable an application on a connection."""
    given.api("POST", "clients", {"name": "Web App", "app_type": "spa"})
    given.tenant.weather.add_fault("status", method="PATCH", path="/api/v2/connections/*/clients", status=400)


def state(given) -> dict:
    """Everything that can be compared: without notes, versions, and times of secrets."""
    found = {}
    for kind in KINDS:
        found[kind] = copy.deepcopy(given.state(kind))
        for one in found[kind]:
            for key in [key for key in one if key.startswith("$")]:
                del one[key]
            for key in ("updated_at", "secrets", "client_metadata", "metadata", "value"):
                one.pop(key, None)
            for key in ("code", "script"):
                if key in one:
                    one[key] = unsigned(one[key])[0]
            for key in ("configuration", "authentication_methods"):  # the tenant completes the latter at a write
                one.get("options", {}).pop(key, None)
    found["running"] = {
        name: unsigned(given.action(name)["deployed_version"]["code"])[0]
        for name in sorted(one["name"] for one in found["action"])
    }
    found["flows"] = [given.flow(), given.flow("credentials-exchange")]
    return found


@pytest.mark.parametrize("form", FORMS)
def test_what_was_created_is_deleted_again(given, form):
    given.foreign_action("theirs")
    before = state(given)
    given.define(form=form, more=FAILS)
    ran = given.run("apply", "local", "--auto-approve")
    assert ran.code == 1
    assert "/clients" in ran.err
    assert "rolled-back client.legacy-users" in ran.out
    assert "as it was before" in ran.out
    after = state(given)
    for kind, found in before.items():
        assert not DeepDiff(found, after[kind]), kind
    given.define(form=form)
    given.apply()


@pytest.mark.parametrize("form", FORMS)
def test_what_was_updated_is_what_it_was(given, form):
    given.define(form=form)
    given.apply()
    before = state(given)
    given.project.write("templates/custom/greet.js.j2", "exports.onExecutePostLogin = async () => {};\n")
    change = {"scopes": ", update:users: Change", "lifetime": 600, "position": "first"}
    given.define(form=form, more=FAILS + "    options: {disable_signup: true}\n", **change)
    ran = given.run("apply", "local", "--auto-approve")
    assert ran.code == 1, ran.all
    assert "rolled-back" in ran.out
    after = state(given)
    for kind, found in before.items():
        assert not DeepDiff(found, after[kind]), kind
    # Nothing is left of it in the notes either.
    given.project.write("templates/custom/greet.js.j2", GREET)
    given.define(form=form)
    again = given.run("plan", "local", "--detailed-exitcode")
    assert again.code == 0, again.all


GREET = "exports.onExecutePostLogin = async (event) => {\n  console.log(event.secrets.GREETING);\n};\n"


def test_a_draft_of_somebody_else_is_put_back_beside_what_runs(given):
    given.apply()
    greet = given.action("greet")
    draft = greet["code"].replace("console.log", "console.warn")
    given.api("PATCH", f"actions/actions/{greet['id']}", {"code": draft})
    given.define(more=FAILS)
    ran = given.run("apply", "local", "--auto-approve")
    assert ran.code == 1, ran.all
    after = given.action("greet")
    assert "console.warn" in after["code"]
    assert "console.log" in after["deployed_version"]["code"]
    assert after["all_changes_deployed"] is False


def test_a_value_of_a_rule_that_nobody_can_read_back_is_said_to_stand(given):
    given.define(form="rule")
    given.apply()
    file = given.project.root / "tenants/local.yaml"
    given.define(form="rule", more=FAILS)
    file.write_text(file.read_text().replace("users.example.com/v1", "users.example.com/v2"))
    ran = given.run("apply", "local", "--auto-approve")
    assert ran.code == 1
    assert "the former value of the secret deployer_legacy-users_API_URL cannot be restored" in ran.all
    # The notes know which value stands, so that going back to the old file is seen as a change.
    given.define(form="rule")
    plan = given.run("plan", "local")
    assert "~ rule-config.deployer_legacy-users_API_URL" in plan.out
    given.apply()


def test_an_application_that_is_gone_since_it_was_planned_leaves_the_scripts_alone(given):
    given.define()
    given.apply()
    before = state(given)
    given.define(more=FAILS + "    options: {disable_signup: true}\n")
    assert given.run("plan", "local", "--out", "saved.plan").code == 0
    (doomed,) = [one for one in given.state("client") if one["name"] == "Web App"]
    given.api("DELETE", f"clients/{doomed['client_id']}", None)
    written = []

    def watch(passing):
        if passing.phase == "before" and passing.method in ("POST", "PATCH", "PUT"):
            written.append(f"{passing.method} {passing.path}")

    given.tenant.weather.on_request = watch
    ran = given.run("apply", "local", "saved.plan")
    assert ran.code == 1
    assert "the tenant has no application 'Web App'" in ran.err
    assert not [one for one in written if "/connections" in one], written
    after = state(given)
    assert not DeepDiff(before["connection"], after["connection"])
