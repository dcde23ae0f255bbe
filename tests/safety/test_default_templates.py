"""A default template that is live is called by that name, and nobody's users have ids of it."""

import pytest

from deployer.sandbox import dashboard

DEFAULT = """\
function create(user, callback) {
  // This script should create a user entry in your existing database.
  const msg = 'Please implement the Create script for this database connection ' +
    'at https://manage.auth0.com/#/connections/database';
  return callback(new Error(msg));
}
"""
GET_USER = DEFAULT.replace("create(user", "getByEmail(email").replace("Create", "Get User")
CALLED = "Auth0's default template"


@pytest.fixture(name="saved")
def _saved(deployed, local_tenant):
    """A deployed project, in whose connection somebody has saved the default templates of two scripts."""
    dashboard.save_scripts(local_tenant.state, "legacy-users", {"create": DEFAULT, "get_user": GET_USER})
    return deployed


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_plan_calls_it_by_its_name_and_fears_for_nobodys_ids(saved, form):
    ran = saved.run("plan", "local", "--format", form)
    assert ran.code == 0, ran.all
    shown = ran.out.replace("&#39;", "'")
    assert f"live: {CALLED}, which answers every call with an error" in shown
    assert "users get other ids" not in shown
    assert "user-id-prefix" not in shown


def test_it_is_set_back_without_anything_being_named_for_it(saved):
    codes = [one["code"] for one in saved.run("plan", "local", "--json").json["plan"]["changes"][0]["concerns"]]
    assert "user-id-prefix" not in codes
    assert "remove-script" not in codes


def test_drift_and_status_call_it_by_its_name(saved):
    ran = saved.run("drift", "local")
    assert ran.code == 2, ran.all
    assert ran.out.count(f"live: {CALLED}, which answers every call with an error") == 2
    [connection] = saved.run("status", "--json").json["tenants"][0]["connections"]
    assert f"options.customScripts.create ({CALLED})" in connection["message"]


def test_a_default_template_that_no_definition_has_goes_without_a_concern(project, local_tenant, reach, api):
    reach(local_tenant)
    script = "function login(email, password, callback) { callback(null, { user_id: 'x|1', email }); }\n"
    scripts = {"login": script, "change_email": DEFAULT.replace("Create", "Change Email")}
    options = {"enabledDatabaseCustomization": True, "customScripts": scripts}
    api("POST", "connections", {"name": "legacy-users", "strategy": "auth0", "options": options})
    project.write("templates/tiny/login.js.j2", script)
    project.write("templates/tiny/template.yaml", "description: A store of one script.\nscripts: [login]\n")
    project.tenant("connections: {legacy-users: {store: tiny}}\n")
    ran = project.run("plan", "local", "--no-lint")
    assert ran.code == 0, ran.all
    assert CALLED in ran.out
    assert "remove-script" not in ran.out


def test_a_script_that_only_speaks_of_a_default_template_is_none(deployed, local_tenant, live_connection):
    words = "// Please implement the Create script, it says, if you have not.\n"
    create = words + live_connection()["options"]["customScripts"]["create"]
    dashboard.save_scripts(local_tenant.state, "legacy-users", {"create": create})
    assert CALLED not in deployed.run("drift", "local").out
