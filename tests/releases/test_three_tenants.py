"""Dev, staging and production as three local tenants: one change goes through all of them, or is stopped."""

import json
from unittest.mock import AsyncMock

import pytest

from deployer.sandbox import dashboard
from tests.support.definitions import definition_of

BASE = """\
connections:
  users:
    store: postgres
    migration: trickle
    configuration: {PG_URL: !env PG_URL}
    options: {set_user_root_attributes: on_each_login}
"""

TABLE = """\
extends: base
connections:
  users:
    variables: {{table: {name}_users}}
"""

ORDER = ("dev", "staging", "prod")


@pytest.fixture
def tenants(project, several_tenants):
    project.write("tenants/base.yaml", BASE)
    for index, name in enumerate(ORDER):
        before = f"promote_from: {ORDER[index - 1]}\n" if index else ""
        project.write(f"tenants/{name}.yaml", definition_of(name) + before + TABLE.format(name=name))
    return several_tenants(*ORDER)


def scripts(tenant):
    return tenant.state.storage.named("connection", "users")["options"]["customScripts"]


def go(project, *arguments, code=0):
    ran = project.run(*arguments)
    assert ran.code == code, ran.all
    return ran


def change(project):
    project.write(
        "tenants/base.yaml",
        BASE.replace("set_user_root_attributes: on_each_login", "set_user_root_attributes: never_on_login"),
    )


def through_all(project):
    go(project, "apply", "dev", "--auto-approve")
    go(project, "promote", "dev", "staging", "--auto-approve")
    go(project, "promote", "staging", "prod", "--auto-approve")


def test_one_change_goes_through_all_three(project, tenants):
    through_all(project)
    ids = {json.loads(go(project, "history", name, "--json").out)[0]["release_to"] for name in ORDER}
    assert len(ids) == 1
    # The scripts differ only where values do.
    for kind, source in scripts(tenants["dev"]).items():
        assert scripts(tenants["prod"])[kind] == source.replace("dev_users", "prod_users")
    change(project)
    through_all(project)
    assert (
        tenants["prod"].state.storage.named("connection", "users")["options"]["set_user_root_attributes"]
        == "never_on_login"
    )
    for name in ORDER:
        assert "No changes" in go(project, "plan", name).out


def test_both_differences_are_shown(project, tenants):
    go(project, "apply", "dev", "--auto-approve")
    ran = go(project, "promote", "dev", "staging", "--plan")
    assert '"dev_users" -> "staging_users"' in ran.out
    assert "connection.users will be created" in ran.out
    assert tenants["staging"].state.storage.named("connection", "users") is None


def test_the_working_tree_is_not_read(project, tenants):
    go(project, "apply", "dev", "--auto-approve")
    change(project)
    project.write("templates/postgres/login.js.j2", "function login(a, b, callback) { callback(null); }")
    go(project, "promote", "dev", "staging", "--auto-approve")
    assert (
        tenants["staging"].state.storage.named("connection", "users")["options"]["set_user_root_attributes"]
        == "on_each_login"
    )
    assert "staging_users" in scripts(tenants["staging"])["login"]


def test_only_the_way_that_a_tenant_names_leads_into_it(project, tenants):
    go(project, "apply", "dev", "--auto-approve")
    refused = go(project, "apply", "staging", "--auto-approve", code=3)
    assert "deployer promote dev staging" in refused.err
    refused = go(project, "promote", "dev", "prod", "--auto-approve", code=3)
    assert "Promote from staging" in refused.err
    assert tenants["prod"].state.storage.named("connection", "users") is None
    go(project, "apply", "staging", "--auto-approve", "--break-glass", "the pipeline is down")
    last = json.loads(go(project, "history", "staging", "--json").out)[0]
    assert last["reason"] == "the pipeline is down"


def test_drift_stops_a_promotion(project, tenants):
    through_all(project)
    change(project)
    go(project, "apply", "dev", "--auto-approve")
    go(project, "promote", "dev", "staging", "--auto-approve")
    dashboard.save_scripts(tenants["staging"].state, "users")
    refused = go(project, "promote", "staging", "prod", "--auto-approve", code=3)
    assert "1 resource drifted (connection.users)" in refused.err
    assert (
        tenants["prod"].state.storage.named("connection", "users")["options"]["set_user_root_attributes"]
        == "on_each_login"
    )


def test_all_of_a_promotion_are_those_that_take_their_releases_there(project, tenants):
    go(project, "apply", "dev", "--auto-approve")
    promoted = json.loads(go(project, "promote", "dev", "--all", "--auto-approve", "--json").out)
    assert [(one["tenant"], one["verdict"]) for one in promoted] == [("staging", "ok")]
    # Chosen by name they are meant, but never the source; who takes releases from elsewhere refuses.
    chosen = json.loads(go(project, "promote", "dev", "--tenant", "*", "--auto-approve", "--json", code=3).out)
    assert [(one["tenant"], one["verdict"]) for one in chosen] == [("prod", "refused"), ("staging", "ok")]
    assert tenants["prod"].state.storage.named("connection", "users") is None
    nobody = go(project, "promote", "prod", "--all", "--auto-approve", code=1)
    assert "no tenant takes its releases from prod" in nobody.err


def test_a_tenant_that_runs_nothing_has_nothing_to_promote(project, tenants):
    refused = go(project, "promote", "dev", "staging", "--auto-approve", code=3)
    assert "not known which release dev runs" in refused.err


def test_rollback_takes_the_previous_release(project, tenants):
    through_all(project)
    first = json.loads(go(project, "history", "prod", "--json").out)[0]["release_to"]
    change(project)
    through_all(project)
    go(project, "rollback", "prod", "--auto-approve")
    assert (
        tenants["prod"].state.storage.named("connection", "users")["options"]["set_user_root_attributes"]
        == "on_each_login"
    )
    story = json.loads(go(project, "history", "prod", "--json").out)
    assert [record["command"] for record in story] == ["rollback", "promote", "promote"]
    assert story[0]["release_to"] == first
    assert story[0]["release_from"] == story[1]["release_to"]
    second = story[1]["release_to"].removeprefix("sha256:")[:12]
    go(project, "rollback", "prod", second, "--auto-approve")
    assert (
        tenants["prod"].state.storage.named("connection", "users")["options"]["set_user_root_attributes"]
        == "never_on_login"
    )


def test_recording_a_release_alone_never_makes_a_change(project, tenants):
    go(project, "apply", "dev", "--auto-approve")
    before = tenants["dev"].state.storage.named("connection", "users")
    project.write("templates/other/unused.js.j2", "// nobody uses this\n")
    ran = go(project, "apply", "dev", "--auto-approve")
    assert "No changes" in ran.out
    assert tenants["dev"].state.storage.named("connection", "users") == before
    story = json.loads(go(project, "history", "dev", "--json").out)
    assert len({record["release_to"] for record in story}) == 2


def test_a_release_holds_no_values_and_no_secrets(project, tenants):
    from deployer.releases.release import Release
    from deployer.state.state_store import StateStore

    go(project, "apply", "dev", "--auto-approve")
    store = StateStore.open(None, project.root)
    (identity,) = store.releases.list()
    release = Release.from_bytes(store.releases.get(identity))
    assert "tenants/base.yaml" in release.files
    assert "tenants/dev.yaml" not in release.files
    text = release.to_bytes().decode()
    assert "canary" not in text
    assert "dev_users" not in text
    assert {"templates/postgres/store.js.j2", "templates/shared/sql/login.js.j2"} <= release.files.keys()
    assert not any(name.startswith("templates/mysql/") for name in release.files)


def test_a_damaged_release_is_not_promoted(project, tenants):
    go(project, "apply", "dev", "--auto-approve")
    (file,) = (project.root / ".deployer" / "releases").glob("*.gz")
    file.chmod(0o600)
    file.write_bytes(file.read_bytes()[:-20])
    ran = project.run("promote", "dev", "staging", "--auto-approve")
    assert ran.code == 1
    assert "damaged" in ran.err


TESTS = """\
    tests:
      store: embedded
      user: {email: jane@example.com, password: jane-password}
      new_user: {email: new@example.com, password: new-password}
"""


def test_contract_tests_that_failed_or_never_ran_stop_a_promotion(project, tenants):
    from deployer.project import Project
    from deployer.state.state_store import StateStore

    project.write("tenants/base.yaml", BASE + TESTS)
    go(project, "apply", "dev", "--auto-approve")
    refused = go(project, "promote", "dev", "staging", "--auto-approve", code=3)
    assert "were never run on these scripts" in refused.err
    assert "deployer test dev users" in refused.err
    loaded = Project(project.root)
    digest = loaded.render(loaded.tenant("dev"))["users"].digest
    results = StateStore.open(None, project.root).test_results
    results.add(digest, tenant="dev", connection="users", passed=False)
    refused = go(project, "promote", "dev", "staging", "--auto-approve", code=3)
    assert "the contract tests of connection.users failed at" in refused.err
    assert tenants["staging"].state.storage.named("connection", "users") is None
    results.add(digest, tenant="dev", connection="users", passed=True)
    go(project, "promote", "dev", "staging", "--auto-approve")
    assert tenants["staging"].state.storage.named("connection", "users")


MINE = BASE.replace("    store: postgres\n", "    store: mine\n").replace(
    "    options: {set_user_root_attributes: on_each_login}\n", ""
)


def test_what_does_not_compile_with_the_targets_values_is_not_promoted(project, tenants):
    broken = "function login(email, password, callback) {\n  {% if tenant.name == 'staging' %}\n  const user;\n"
    project.write(
        "templates/mine/login.js.j2", broken + "  {% endif %}\n  callback(null, { user_id: 'x|' + email, email });\n}\n"
    )
    project.write("tenants/base.yaml", MINE)
    go(project, "apply", "dev", "--auto-approve", "--no-lint")
    for more in (("--auto-approve",), ("--plan",), ("--out", "saved.plan")):
        refused = go(project, "promote", "dev", "staging", *more, code=3)
        assert "connection.users/login does not compile: templates/mine/login.js.j2, line 3: " in refused.err
        assert "Missing initializer in const declaration" in refused.err
    go(project, "promote", "dev", "--all", "--auto-approve", code=3)
    assert tenants["staging"].state.storage.named("connection", "users") is None


def test_going_back_to_what_does_not_compile_is_warned_of(project, tenants, monkeypatch):
    good = "function login(email, password, callback) {\n  callback(null, { user_id: 'x|' + email, email });\n}\n"
    project.write("tenants/base.yaml", MINE)
    project.write("templates/mine/login.js.j2", good.replace("callback(null", "const user; callback(null"))
    with monkeypatch.context() as patch:  # deployed at a time when nobody asked
        patch.setattr("deployer.operations.apply.refuse_lint_errors", AsyncMock())
        go(project, "apply", "dev", "--auto-approve")
    project.write("templates/mine/login.js.j2", good)
    go(project, "apply", "dev", "--auto-approve", "--no-lint")
    back = go(project, "rollback", "dev", "--plan")
    assert "warning: connection.users/login does not compile: SyntaxError: Missing initializer" in back.err
