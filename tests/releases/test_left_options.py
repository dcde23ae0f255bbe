"""An option that was written from here under a wrong name is named for as long as the tenant has it."""

import json

import pytest

from deployer.sandbox import dashboard

BODY = """\
connections:
  legacy-users:
    store: postgres
    configuration: {{PG_URL: !env PG_URL}}
    options: {{{options}}}
    unchecked_options: [disable_sign_up, mfa, zzz]
"""
WRONG = "disable_sign_up: true, mfa: {actve: true}"
ADDRESS = "connection.legacy-users"


def define(project, options):
    project.tenant(BODY.format(options=options))


def go(project, *arguments, code=0):
    ran = project.run(*arguments)
    assert ran.code == code, ran.all
    return ran


def left(project, command="plan", code=0):
    found = json.loads(go(project, command, "local", "--json", code=code).out)
    found = found["plan"] if command == "plan" else found["tenants"][0] if command == "status" else found
    return [(one["address"], ".".join(one["option"] or [])) for one in found["leftovers"]]


@pytest.fixture(name="corrected")
def _corrected(undeployed):
    """A project that has applied two wrong names, and after that the right ones."""
    define(undeployed, WRONG)
    go(undeployed, "apply", "local", "--auto-approve")
    assert left(undeployed) == []
    define(undeployed, "disable_signup: true, mfa: {active: true}")
    return undeployed


def test_plan_drift_and_status_name_it_and_say_what_to_do(corrected, live_connection):
    both = [(ADDRESS, "disable_sign_up"), (ADDRESS, "mfa.actve")]
    assert left(corrected) == both
    go(corrected, "apply", "local", "--auto-approve")
    assert live_connection()["options"]["disable_sign_up"] is True  # nothing is removed that nobody said
    for command in ("plan", "drift", "status"):
        assert left(corrected, command) == both
    for command in (
        ("plan", "local"),
        ("drift", "local"),
        ("status", "--all"),
        ("plan", "local", "--format", "markdown"),
    ):
        shown = " ".join(go(corrected, *command).out.split())
        assert "options.disable_sign_up" in shown
        assert "!remove" in shown
    told = go(corrected, "plan", "local").out
    assert (
        f"! {ADDRESS} options.mfa.actve: `options: {{mfa: {{actve: !remove }}}}` in the definition takes it out" in told
    )
    assert "destroy" not in told


def test_it_goes_with_remove(corrected, live_connection):
    go(corrected, "apply", "local", "--auto-approve")
    define(corrected, "disable_signup: true, mfa: {active: true, actve: !remove }, disable_sign_up: !remove ")
    go(corrected, "apply", "local", "--auto-approve")
    assert "disable_sign_up" not in live_connection()["options"]
    define(corrected, "disable_signup: true, mfa: {active: true}")
    assert left(corrected) == []
    assert left(corrected, "drift") == []


def test_what_somebody_else_has_set_is_not_ours(undeployed, local_tenant):
    define(undeployed, "disable_signup: true")
    go(undeployed, "apply", "local", "--auto-approve")
    dashboard.edit_option(local_tenant.state, "legacy-users", "zzz", 1)
    assert left(undeployed) == []


def test_a_store_from_before_options_were_noted_knows_it_by_what_was_applied(corrected):
    [inventory] = list((corrected.root / ".deployer").rglob("inventory/local.json"))
    record = json.loads(inventory.read_text())
    assert record.pop("options") == {ADDRESS: [["disable_sign_up"], ["mfa", "actve"]]}
    inventory.write_text(json.dumps(record))
    both = [(ADDRESS, "disable_sign_up"), (ADDRESS, "mfa.actve")]
    assert left(corrected) == both
    go(corrected, "apply", "local", "--auto-approve")
    assert json.loads(inventory.read_text())["options"] == {ADDRESS: [["disable_sign_up"], ["mfa", "actve"]]}
    assert left(corrected) == both
