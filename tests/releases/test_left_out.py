"""A tenant's own file that names templates which a release lacks: drift and status go on, and there is a way back."""

import json

import pytest

from deployer.sandbox import dashboard
from deployer.sandbox.server import LocalTenant

LOGIN = "function login(email, password, callback) { callback(null, { user_id: 'other|' + email, email: email }); }\n"
GET_USER = "function getUser(email, callback) { callback(null, { user_id: 'other|' + email, email: email }); }\n"
USERS = """\
connections:
  users:
    store: postgres
    configuration: {PG_URL: !env PG_URL}
"""
OTHER = "  second: {store: other-db, migration: 'off'}\n"
LACKS = "the store other-db"


def go(project, *arguments, code=0):
    ran = project.run(*arguments)
    assert ran.code == code, ran.all
    return ran


def write_templates(project):
    project.write("templates/other-db/login.js.j2", LOGIN)
    project.write("templates/other-db/get_user.js.j2", GET_USER)


def states(project, name="local"):
    (found,) = go(project, "status", name, "--json").json["tenants"]
    return {one["name"]: (one["state"], one["message"]) for one in found["connections"]}


@pytest.fixture
def users(project, local_tenant, reach):
    """A tenant whose one connection is deployed."""
    reach(local_tenant)
    project.tenant(USERS)
    go(project, "apply", "local", "--auto-approve")
    return project


@pytest.fixture
def second(users):
    """The same with a connection whose templates came later."""
    write_templates(users)
    users.tenant(USERS + OTHER)
    return users


def test_between_merge_and_apply_it_is_not_deployed(second):
    found = go(second, "drift", "local", "--json").json
    assert (found["drift"], found["not_deployed"]) == ([], ["connection.second"])
    assert "no drift; 1 not deployed" in go(second, "drift", "--all").out
    found = states(second)
    assert found["second"] == ("behind", "it is defined, and not deployed")
    # The working tree holds another release since, and nobody has touched what is deployed.
    assert found["users"] == ("behind", None)


@pytest.mark.parametrize(
    "more",
    [
        "  second: {store: other-db, migration: 'off'}\n",
        "  second: {store: postgres, scripts: {create: templates/other-db/login.js.j2}}\n",
        "  second: {from: templates/connections/legacy.yaml.j2}\n",
        "actions:\n  welcome: {code: templates/other-db/login.js.j2}\n",
    ],
)
def test_every_template_that_the_release_lacks(users, more):
    write_templates(users)
    users.write("templates/connections/legacy.yaml.j2", "store: other-db\nmigration: 'off'\n")
    users.tenant(USERS + more)
    found = go(users, "drift", "local", "--json").json
    assert (found["drift"], len(found["not_deployed"])) == ([], 1)
    shown = go(users, "rollback", "local", release_of(users), "--plan").out
    assert f"! {found['not_deployed'][0]} is left as it is: its file makes it of the " in shown


def release_of(project, name="local"):
    return json.loads(go(project, "history", name, "--json").out)[0]["release_to"].removeprefix("sha256:")[:12]


def test_there_is_a_way_back_after_a_bad_connection(second, local_tenant):
    first = release_of(second)
    go(second, "apply", "local", "--auto-approve", "--no-lint")
    assert local_tenant.state.storage.named("connection", "second")
    plan = go(second, "rollback", "local", "--plan", "--json").json["plan"]
    assert plan["origin"]["left_out"] == {"connection.second": LACKS}
    assert plan["leftovers"] == []
    for form in ("text", "markdown", "html"):
        shown = go(second, "rollback", "local", "--plan", "--format", form).out
        assert "is left as it is: its file makes it of the store other" in shown.replace("\\", "")
        assert "destroy" not in shown
    go(second, "rollback", "local", "--auto-approve")
    assert release_of(second) == first
    assert local_tenant.state.storage.named("connection", "second")
    # What the release does not know is not compared, and no leftover: the file still defines it.
    found = go(second, "drift", "local", "--json").json
    assert (found["drift"], found["leftovers"]) == ([], [])
    assert list(found["not_compared"]) == ["connection.second"]
    assert (
        "Not compared:\n    connection.second: its file makes it of the store other-db"
        in go(second, "drift", "local").out
    )
    assert states(second)["second"][0] == "unknown"
    # Without it in the file it is left over, and can be deleted.
    second.tenant(USERS)
    (left,) = go(second, "drift", "local", "--json").json["leftovers"]
    assert left["address"] == "connection.second"


def test_an_action_whose_template_the_release_lacks_stays_in_its_flow(users, api):
    users.write("templates/actions/welcome.js.j2", "exports.onExecutePostLogin = async (event, api) => {};\n")
    users.tenant(USERS + "actions:\n  welcome: {code: templates/actions/welcome.js.j2}\n")
    go(users, "apply", "local", "--auto-approve", "--no-lint")
    go(users, "rollback", "local", "--auto-approve")
    bound = api("GET", "actions/triggers/post-login/bindings")["bindings"]
    assert [one["action"]["name"] for one in bound] == ["welcome"]
    # Without it in the file it is defined nowhere.
    users.tenant(USERS)
    assert "removes-guard:action.welcome" in go(users, "plan", "local", "--no-lint").out


def test_a_saved_roll_back_is_applied_as_it_was_shown(second):
    go(second, "apply", "local", "--auto-approve", "--no-lint")
    file = str(second.root / "back.plan")
    go(second, "rollback", "local", "--out", file)
    go(second, "rollback", "local", "--plan-file", file)
    assert "No drift" in go(second, "drift", "local").out


BASE = "connections:\n  users: {store: postgres, configuration: {PG_URL: !env PG_URL}}\n"


@pytest.fixture
def two(project, local_tenant, reach, monkeypatch):
    """Two tenants that share a connection; the second takes its releases from the first."""
    reach(local_tenant)
    project.write("tenants/base.yaml", BASE)
    project.tenant("extends: base\n")
    with LocalTenant() as other:
        for key, value in {
            "DOMAIN": other.domain,
            "URL": other.base_url,
            "ID": other.client_id,
            "SECRET": other.client_secret,
        }.items():
            monkeypatch.setenv(f"PROD_{key}", value)
        define_prod(project)
        go(project, "apply", "local", "--auto-approve")
        yield project, other


def define_prod(project, more="", head=""):
    project.write(
        "tenants/prod.yaml",
        "extends: base\ndomain: !env PROD_DOMAIN\nbase_url: !env PROD_URL\npromote_from: local\n"
        f"credentials: {{client_id: !env PROD_ID, client_secret: !env PROD_SECRET}}\n{head}{more}",
    )


def test_a_promotion_leaves_out_what_the_file_alone_defines(two):
    project, prod = two
    write_templates(project)
    define_prod(project, f"connections:\n{OTHER}")
    shown = go(project, "promote", "local", "prod", "--plan").out
    assert "connection.second is left as it is: its file makes it of the store other-db" in shown
    go(project, "promote", "local", "prod", "--auto-approve")
    assert prod.state.storage.named("connection", "users")
    assert prod.state.storage.named("connection", "second") is None
    found = go(project, "drift", "prod", "--json").json
    assert (found["drift"], found["not_deployed"]) == ([], ["connection.second"])
    # With a release that has the templates it is given.
    go(project, "apply", "local", "--auto-approve")
    go(project, "promote", "local", "prod", "--auto-approve")
    assert prod.state.storage.named("connection", "second")


def test_what_the_release_defines_as_well_is_refused(two):
    project, _ = two
    go(project, "promote", "local", "prod", "--auto-approve")
    release = release_of(project, "prod")
    write_templates(project)
    define_prod(project, "connections:\n  users: {store: other-db}\n")
    for command in (("promote", "local", "prod"), ("rollback", "prod", release)):
        refused = go(project, *command, "--plan", code=3)
        assert (
            f"tenants/prod.yaml: connection.users is part of the release {release}, and this file makes it of {LACKS}"
            in refused.err
        )
    assert list(go(project, "drift", "prod", "--json").json["not_compared"]) == ["connection.users"]
    assert states(project, "prod")["users"][0] == "unknown"


def test_a_source_whose_file_was_edited_since_is_promoted_all_the_same(two, local_tenant):
    project, prod = two
    write_templates(project)
    project.tenant("extends: base\nconnections:\n  users: {options: {non_persistent_attrs: [low]}}\n" + OTHER)
    go(project, "promote", "local", "prod", "--auto-approve")
    assert prod.state.storage.named("connection", "users")
    # What the release wants and the source no longer has stops it, also where it was destroyed from here.
    project.tenant("extends: base\n")
    go(project, "destroy", "local", "connection.users", "--confirm", "connection.users")
    refused = go(project, "promote", "local", "prod", "--auto-approve", code=3)
    assert "1 resource drifted (connection.users)" in refused.err
    assert "set it back first: deployer apply local" in refused.err


def test_drift_in_a_source_is_set_back_by_what_it_takes(two):
    project, prod = two
    go(project, "promote", "local", "prod", "--auto-approve")
    project.tenant("extends: base\n", "last")
    dashboard.save_scripts(prod.state, "users")
    refused = go(project, "promote", "prod", "last", "--auto-approve", code=3)
    hint = f"set it back first: deployer rollback prod {release_of(project, name='prod')}"
    assert hint in refused.err


MANIFEST = "description: a store\nscripts: [login, get_user]\nvariables:\n"
ONE = "  a: {type: string, default: x, description: one}\n"
TWO = ONE + "  b: {type: string, default: x, description: another}\n"


def test_a_variable_that_the_templates_have_since_means_nothing_to_a_release(users, local_tenant):
    write_templates(users)
    users.write("templates/other-db/template.yaml", MANIFEST + ONE)
    users.write("templates/other-db/login.js.j2", LOGIN.replace("'other|'", "{{ (a ~ '|') | js }}"))
    second = "  second: {store: other-db, migration: 'off', variables: {a: one}}\n"
    users.tenant(USERS + second)
    go(users, "apply", "local", "--auto-approve", "--no-lint")
    first = release_of(users)
    users.write("templates/other-db/template.yaml", MANIFEST + TWO)
    users.write("templates/other-db/get_user.js.j2", GET_USER.replace("'other|'", "{{ (b ~ '|') | js }}"))
    users.tenant(USERS + second.replace("a: one", "a: one, b: two"))
    assert "No drift. 2 resources as defined." in go(users, "drift", "local").out
    go(users, "apply", "local", "--auto-approve", "--no-lint", "--allow", "user-id-prefix:connection.second/get_user")
    assert '"two|"' in local_tenant.state.storage.named("connection", "second")["options"]["customScripts"]["get_user"]
    allowed = "user-id-prefix:connection.second/get_user"
    go(users, "rollback", "local", first, "--auto-approve", "--allow", allowed)
    assert "other" in local_tenant.state.storage.named("connection", "second")["options"]["customScripts"]["get_user"]
    # A mistake stays one.
    users.tenant(USERS + second.replace("a: one", "a: one, c: two"))
    assert "unknown variable 'c'" in go(users, "drift", "local", code=1).err


INIT_BASE = """\
connections:
  users:
    store: postgres
"""
INIT_OWN = """\
extends: base
connections:
  users: {configuration: {PG_URL: !env PG_URL}}
"""
INIT_LATER = "  later: {configuration: {PG_URL: !env PG_URL}}\n"


@pytest.fixture
def as_init_writes_it(project, local_tenant, reach):
    """The layout of `init`: the definition in the base file, the tenant's values in its own; two releases deployed."""
    reach(local_tenant)
    project.write("tenants/base.yaml", INIT_BASE)
    project.tenant(INIT_OWN)
    go(project, "apply", "local", "--auto-approve")
    project.write("tenants/base.yaml", INIT_BASE + "    options: {disable_signup: true}\n")
    go(project, "apply", "local", "--auto-approve")
    return project


@pytest.mark.parametrize("name", ["later", "renamed"])
def test_values_for_a_definition_that_came_later(as_init_writes_it, name):
    project = as_init_writes_it
    base = INIT_BASE if name == "later" else INIT_BASE.replace("users:", "users-of-old:")
    project.write("tenants/base.yaml", base + f"  {name}:\n    store: postgres\n")
    project.tenant(INIT_OWN + INIT_LATER.replace("later", name))
    if name == "renamed":
        project.tenant(INIT_OWN.replace("users:", "renamed:"))
    found = go(project, "drift", "local", "--json").json
    assert found["drift"] == []
    assert f"connection.{name}" in found["not_deployed"]
    assert states(project)[name] == ("behind", "it is defined, and not deployed")
    if name == "later":
        assert states(project)["users"] == ("behind", None)
        ran = go(project, "rollback", "local", "--auto-approve")
        assert f"connection.{name}" in ran.all
        assert "the definition that it adds values to" in ran.all
        assert "connection.later" not in [
            row["address"] for row in go(project, "plan", "local", "--json").json["plan"]["leftovers"]
        ]
