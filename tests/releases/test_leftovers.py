"""What definitions no longer name and the tenant still has: named by plan, drift and status, in every form."""

import json

import pytest

from deployer.sandbox import dashboard
from deployer.state.state_store import StateStore

CONNECTION = "{store: postgres, configuration: {PG_URL: !env PG_URL}}"
ONE = f"connections:\n  one: {CONNECTION}\n"
ACTIONS = """\
actions:
  stamp: {trigger: post-login, code: templates/actions/stamp.js.j2}
"""
GUARDED = """\
connections:
  one:
    store: api
    configuration: {{API_URL: "https://api.example.com"}}
    guards: [restrict-audience]
    guard_type: {form}
    api: {{identifier: "https://users.example.com", scopes: {{"read:users": Find}}}}
"""
UNBOUND = ("--allow", "removes-guard:action.stamp")
UNGUARDED = """\
connections:
  one: {store: api, configuration: {API_URL: "https://api.example.com", API_CLIENT_ID: x, API_CLIENT_SECRET: y,
    API_AUDIENCE: "https://users.example.com", API_DOMAIN: "auth.example.com"}}
"""


def go(project, *arguments, code=0):
    ran = project.run(*arguments)
    assert ran.code == code, ran.all
    return ran


def apply(project, *arguments):
    return go(project, "apply", "local", "--auto-approve", "--no-lint", *arguments)


def leftovers(project, command="plan", name="local", code=0):
    """What a command names, as JSON."""
    options = ["--no-lint"] if command == "plan" else []
    found = json.loads(go(project, command, name, "--json", *options, code=code).out)
    if command == "plan":
        found = found["plan"]
    if command == "status":
        (found,) = found["tenants"]
    return [one["address"] for one in found["leftovers"]]


def define(project, body):
    """What the release has, and not the tenant's own file."""
    project.write("tenants/base.yaml", body)


@pytest.fixture
def action(undeployed):
    """A connection and an Action, both deployed, and the Action defined no longer and out of its flow."""
    undeployed.write("templates/actions/stamp.js.j2", "exports.onExecutePostLogin = async (event, api) => {};\n")
    undeployed.tenant("extends: base\n")
    define(undeployed, ONE + ACTIONS)
    apply(undeployed)
    define(undeployed, ONE)
    apply(undeployed, *UNBOUND)
    return undeployed


def test_plan_names_it_in_every_form(action):
    command = "deployer destroy local action.stamp"
    text = go(action, "plan", "local", "--detailed-exitcode").out
    assert "Apply the plan before you delete one" not in text
    assert "No longer defined, still in the tenant:\n    ! action.stamp: `" + command in text
    assert text.endswith("No changes. 1 resource as defined, 1 no longer defined.\n")
    markdown = go(action, "plan", "local", "--format", "markdown").out
    assert f"**No longer defined, still in the tenant:**\n\n- `action.stamp`: `{command}` removes it; its" in markdown
    html = go(action, "plan", "local", "--format", "html").out
    assert '<h2 id="leftovers">No longer defined, still in the tenant</h2>' in html
    assert f"<code>{command}</code> removes it" in html
    (found,) = json.loads(go(action, "plan", "local", "--json").out)["plan"]["leftovers"]
    assert (found["address"], found["unknown"]) == ("action.stamp", None)
    assert "its versions go with it" in found["loses"]


def test_it_goes_on_after_an_apply_and_ends_with_destroy(action):
    define(action, ONE + ACTIONS)
    apply(action)
    define(action, ONE)
    # What runs is the release that still defines it, until the apply.
    assert leftovers(action, "drift") == leftovers(action, "status") == []
    apply(action, *UNBOUND)
    assert "No changes" in apply(action).out
    for command in ("plan", "drift", "status"):
        assert leftovers(action, command) == ["action.stamp"]
    assert "! action.stamp: `deployer destroy local action.stamp` removes it" in go(action, "drift", "local").out
    shown = go(action, "status", "local").out
    assert "action.stamp no longer defined, still in the tenant: `deployer destroy local action.stamp`" in shown
    page = go(action, "status", "local", "--format", "html").out.replace("<wbr>", "")
    assert "<b>action.stamp</b> no longer defined, still in the tenant: <code>deployer destroy" in page
    go(action, "destroy", "local", "action.stamp", "--confirm", "action.stamp")
    for command in ("plan", "drift", "status"):
        assert leftovers(action, command) == []
    assert "action.stamp" not in StateStore.open(None, action.root).inventory.read("local")


def test_fleets_name_it_in_one_line_each(action):
    ran = go(action, "plan", "--all")
    assert "no changes; no longer defined: action.stamp" in ran.out
    (one,) = json.loads(go(action, "plan", "--all", "--json").out)
    assert [left["address"] for left in one["data"]["plan"]["leftovers"]] == ["action.stamp"]
    assert "no changes; no longer defined: action.stamp" in go(action, "apply", "--all", "--auto-approve").out
    assert "no drift; no longer defined: action.stamp" in go(action, "drift", "--all").out
    (one,) = json.loads(go(action, "drift", "--all", "--json").out)
    assert [left["address"] for left in one["data"]["leftovers"]] == ["action.stamp"]
    define(action, ONE.replace("}}", "}, display_name: One}"))
    planned = go(action, "plan", "--all").out
    assert "1 to update; no longer defined: action.stamp" in planned
    assert "Apply the plan before you delete one: what runs until then may need it." in planned


def test_what_is_defined_again_is_none(action):
    assert leftovers(action) == ["action.stamp"]
    define(action, ONE + ACTIONS)
    assert leftovers(action) == []


def test_what_is_gone_or_is_not_ours_any_more_is_none(action, api):
    (made,) = [one for one in api("GET", "actions/actions")["actions"] if one["name"] == "stamp"]
    api("PATCH", f"actions/actions/{made['id']}", {"code": "// somebody else's\n"})
    assert leftovers(action) == []
    api("DELETE", f"actions/actions/{made['id']}?force=true")
    assert leftovers(action) == []
    store = StateStore.open(None, action.root)
    assert "action.stamp" in store.inventory.read("local")
    define(action, ONE.replace("}}", "}, display_name: One}"))
    apply(action)
    # Nor is it looked for any more.
    assert store.inventory.read("local") == {"connection.one"}


def test_an_apply_forgets_nothing_that_is_still_there(action):
    define(action, ONE.replace("}}", "}, display_name: One}"))
    file = str(action.root / "saved.plan")
    go(action, "plan", "local", "--out", file)
    define(action, ONE + ACTIONS.replace("stamp:", "other:"))
    apply(action, "--target", "action.other")
    define(action, ONE)
    go(action, "apply", "local", file)
    assert leftovers(action) == ["action.other", "action.stamp"]


def test_a_whole_connection(undeployed, local_tenant):
    undeployed.tenant(f"{ONE}  two: {CONNECTION}\n")
    apply(undeployed)
    undeployed.tenant(ONE)
    ran = go(undeployed, "plan", "local")
    assert "`deployer destroy local connection.two` removes it; every user of the connection is deleted" in ran.out
    undeployed.tenant("connections: {}\n")
    assert leftovers(undeployed) == ["connection.one", "connection.two"]
    dashboard.delete_connection(local_tenant.state, "two")
    assert leftovers(undeployed) == ["connection.one"]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("action", ["action.one-restrict-audience", "action.one-restrict-audience-machines"]),
        # For machines there are no rules.
        ("rule", ["rule.one-restrict-audience", "action.one-restrict-audience-machines"]),
    ],
)
def test_guards_and_declared_apis(undeployed, form, expected):
    undeployed.tenant(GUARDED.format(form=form))
    apply(undeployed)
    assert leftovers(undeployed) == []
    undeployed.tenant(UNGUARDED)
    named = leftovers(undeployed)
    configs = [address for address in named if address.startswith("rule-config.")]
    assert [one for one in named if one not in configs] == [
        *expected,
        "client-grant.one",
        "client.one",
        "resource-server.one",
    ]
    # They can be destroyed in the order in which they are named.
    while named:
        go(undeployed, "destroy", "local", named[0], "--confirm", named[0])
        assert leftovers(undeployed) == named[1:]
        named = named[1:]


def test_a_guard_that_becomes_a_rule_leaves_its_action(undeployed):
    undeployed.tenant(GUARDED.format(form="action"))
    apply(undeployed)
    undeployed.tenant(GUARDED.format(form="rule"))
    assert "action.one-restrict-audience" in leftovers(undeployed)


def test_no_request_more_where_there_is_none(action, local_tenant):
    def asked(*arguments):
        before = local_tenant.weather.requests
        go(action, *arguments)
        return local_tenant.weather.requests - before

    left = asked("plan", "local")
    define(action, ONE + ACTIONS)
    apply(action)
    go(action, "destroy", "local", "action.stamp", "--confirm", "action.stamp")
    define(action, ONE)
    # Its list of Actions, and the flow in which it could stand.
    assert asked("plan", "local") == left - 2


def test_a_plan_with_targets_is_about_them_only(action):
    assert leftovers(action) == ["action.stamp"]
    assert "No longer" not in go(action, "plan", "local", "--target", "connection.one").out


def test_what_was_rolled_back_does_not_count(undeployed, local_tenant):
    undeployed.tenant(f"{ONE}  two: {CONNECTION}\n")
    local_tenant.weather.add_fault("status", method="POST", path="/api/v2/connections", nth=2, status=400, times=1)
    go(undeployed, "apply", "local", "--auto-approve", code=1)
    assert StateStore.open(None, undeployed.root).inventory.read("local") <= {"connection.two", "connection.one"}
    undeployed.tenant("connections: {}\n")
    assert leftovers(undeployed) == []
    assert StateStore.open(None, undeployed.root).inventory.read("local") == set()


def test_a_store_from_before_knows_by_its_history(action):
    apply(action)
    (action.root / ".deployer" / "inventory" / "local.json").unlink()
    assert leftovers(action) == ["action.stamp"]
    assert not (action.root / ".deployer" / "inventory" / "local.json").exists()
    go(action, "destroy", "local", "action.stamp", "--confirm", "action.stamp")
    assert "action.stamp" not in StateStore.open(None, action.root).inventory.read("local")
    (action.root / ".deployer" / "inventory" / "local.json").write_text("{damaged")
    assert leftovers(action) == []
    assert "action.stamp" not in StateStore.open(None, action.root).inventory.read("local")


def test_what_cannot_be_read_is_said_and_stops_nothing(action, local_tenant):
    apply(action)
    local_tenant.weather.add_fault("status", method="GET", path="/api/v2/actions/*", status=403, times=None)
    ran = go(action, "plan", "local")
    assert "! action.stamp: whether it is still there cannot be seen: " in ran.out
    assert "No changes" in ran.out
    assert "No drift" in go(action, "drift", "local").out
    assert "no longer defined, whether it is still there cannot be seen" in go(action, "status", "local").out


def test_a_rollback_names_what_it_leaves_behind(action):
    define(action, ONE.replace("connections:", "# another release\nconnections:"))
    apply(action)
    define(action, ONE + ACTIONS.replace("stamp:", "other:"))
    apply(action)
    ran = go(action, "rollback", "local", "--auto-approve", "--allow", "removes-guard:action.other")
    assert "! action.other: `deployer destroy local action.other` removes it" in ran.out
    assert leftovers(action, "drift") == ["action.other", "action.stamp"]
