"""Plans of promotions and roll-backs, saved and applied exactly; and tenants that nothing else changes."""

import json
import re
import shlex

import pytest

from deployer.sandbox import dashboard
from deployer.state.objects import Objects
from tests.support.definitions import CANARY, definition_of

BASE = """\
connections:
  users:
    store: postgres
    configuration: {PG_URL: !env PG_URL}
    options: {non_persistent_attrs: [POLICY]}
"""
TABLE = """\
extends: base
connections:
  users: {{variables: {{table: {name}_users}}}}
"""
NAMES = ("dev", "prod", "prod2")
PROTECTED = "promote_from: dev\nprotect: true\n"


@pytest.fixture
def tenants(project, several_tenants):
    """dev, which runs a release, and two protected tenants that get their releases from it."""
    with_policy(project, "good")
    running = several_tenants(*NAMES)
    for name in NAMES:
        protected = "" if name == "dev" else PROTECTED
        project.write(f"tenants/{name}.yaml", definition_of(name) + protected + TABLE.format(name=name))
    go(project, "apply", "dev", "--auto-approve")
    return running


def with_policy(project, policy):
    project.write("tenants/base.yaml", BASE.replace("POLICY", policy))


def go(project, *arguments, code=0):
    ran = project.run(*arguments)
    assert ran.code == code, ran.all
    return ran


def refused(project, *arguments, code=3):
    """One clear paragraph on standard error, and nothing else."""
    ran = go(project, *arguments, code=code)
    assert ran.out == ""
    assert ran.err.startswith("error: ")
    assert ran.err.count("\n") == 1
    return ran.err


def policy(tenant):
    found = tenant.state.storage.named("connection", "users")
    return found and found["options"]["non_persistent_attrs"][0]


def dump(tenant):
    return json.dumps(tenant.state.storage.dump())


def story(project, name):
    return json.loads(go(project, "history", name, "--json").out)


def named(message, which=-1):
    """A command that a message names, as somebody types it."""
    found = re.findall(r"`deployer ([^`]*)`|To apply it: deployer (.*)", message)
    return shlex.split("".join(found[which]))


@pytest.mark.parametrize("way", [[], ["--auto-approve"], ["--auto-approve", "--json"]])
def test_a_protected_tenant_takes_no_promotion_without_a_saved_plan(project, tenants, way):
    before = dump(tenants["prod"])
    message = refused(project, "promote", "dev", "prod", *way)
    assert "prod is protected: only a saved plan changes it" in message
    assert "--allow protected:tenant.prod" in message
    assert dump(tenants["prod"]) == before
    go(project, "promote", "dev", "prod", "--plan")
    # What the message names works.
    for which in (0, 1):
        go(project, *named(message, which))
    assert policy(tenants["prod"]) == "good"


def test_the_name_opens_a_protected_tenant(project, tenants):
    refused(project, "promote", "dev", "prod", "--auto-approve", "--allow", "protected:tenant.prod2")
    go(project, "promote", "dev", "prod", "--auto-approve", "--allow", "protected:tenant.prod")
    assert policy(tenants["prod"]) == "good"
    # Where nothing changes, nothing needs to be named.
    assert "No changes" in go(project, "promote", "dev", "prod", "--auto-approve").out
    with_policy(project, "excellent")
    glass = ("--break-glass", "the pipeline is down")
    message = refused(project, "apply", "prod", "--auto-approve", *glass)
    assert "deployer plan prod --out FILE" in message
    go(project, "apply", "prod", "--auto-approve", "--allow", "protected:tenant.prod", *glass)
    assert policy(tenants["prod"]) == "excellent"


@pytest.mark.parametrize("way", [[], ["--auto-approve"]])
def test_a_protected_tenant_takes_no_rollback_without_a_saved_plan(project, tenants, way):
    twice(project)
    before = dump(tenants["prod"])
    message = refused(project, "rollback", "prod", *way)
    assert "prod is protected" in message
    assert "--allow protected:tenant.prod" in message
    assert dump(tenants["prod"]) == before
    for which in (0, 1):
        go(project, *named(message, which))
    assert policy(tenants["prod"]) == "good"
    assert [one["command"] for one in story(project, "prod")] == ["rollback", "promote", "promote"]
    go(project, "rollback", "prod", "--auto-approve", "--allow", "protected:tenant.prod")
    assert policy(tenants["prod"]) == "excellent"


def twice(project):
    """Two releases in prod."""
    for each in ("good", "excellent"):
        with_policy(project, each)
        go(project, "apply", "dev", "--auto-approve")
        go(project, "promote", "dev", "prod", "--out", "saved.plan")
        go(project, "promote", "dev", "prod", "saved.plan")


def test_fleets_are_protected_tenant_by_tenant(project, tenants):
    fleet = ("promote", "dev", "--tenant", "prod*", "--auto-approve")
    ran = go(project, *fleet, code=3)
    assert "2 refused" in ran.out
    for name in ("prod", "prod2"):
        assert f"deployer promote dev {name} --out FILE" in ran.err
        assert f"--allow protected:tenant.{name}\n" in ran.err
        assert policy(tenants[name]) is None
    ran = go(project, *fleet, "--allow", "protected:tenant.prod2", code=3)
    assert "1 refused, 1 done" in ran.out
    assert (policy(tenants["prod"]), policy(tenants["prod2"])) == (None, "good")
    go(project, *fleet, "--allow", "protected:tenant.prod2", "--allow", "protected:tenant.prod")
    assert policy(tenants["prod"]) == "good"
    with_policy(project, "fair")
    ran = go(project, "apply", "--all", "--auto-approve", "--break-glass", "now", code=3)
    assert "2 refused" in ran.out
    allowed = [text for name in ("prod", "prod2") for text in ("--allow", f"protected:tenant.{name}")]
    go(project, "apply", "--all", "--auto-approve", "--break-glass", "now", *allowed)
    assert {policy(tenant) for tenant in tenants.values()} == {"fair"}


def test_many_promotions_are_planned_at_once_and_each_is_applied_as_it_was_saved(project, tenants):
    shown = go(project, "promote", "dev", "--all", "--out", "plans").out
    assert {path.name for path in (project.root / "plans").iterdir()} == {"prod.plan", "prod2.plan"}
    assert {policy(tenants[name]) for name in ("prod", "prod2")} == {None}
    for name in ("prod", "prod2"):
        file = project.root / f"plans/{name}.plan"
        assert file.stat().st_mode & 0o777 == 0o600
        assert f"Plan {json.loads(file.read_text())['digest']}" in shown
        (line,) = (line for line in shown.splitlines() if f"Saved in plans/{name}.plan" in line)
        go(project, *shlex.split(line.partition("exactly this: deployer ")[2]))
        assert policy(tenants[name]) == "good"
    found = go(project, "promote", "dev", "--tenant", "prod*", "--plan", "--json").json
    assert [one["summary"] for one in found] == ["no changes", "no changes"]


def test_the_working_tree_is_planned_for_many_at_once_and_saved(project, tenants):
    with_policy(project, "excellent")
    go(project, "plan", "--all", "--out", "plans")
    assert len(list((project.root / "plans").iterdir())) == 3
    go(project, "apply", "dev", "plans/dev.plan")
    assert policy(tenants["dev"]) == "excellent"
    assert policy(tenants["prod"]) is None


def test_protection_that_an_older_release_does_not_know_counts(project, tenants):
    """`protect` came into the file that tenants share after the release that is promoted, and gone back to."""
    for name in ("prod", "prod2"):
        path = project.root / f"tenants/{name}.yaml"
        path.write_text(path.read_text().replace("protect: true\n", ""))
    go(project, "promote", "dev", "prod2", "--auto-approve")
    with_policy(project, "excellent")
    go(project, "apply", "dev", "--auto-approve")
    go(project, "promote", "dev", "prod2", "--auto-approve")
    project.write("tenants/base.yaml", BASE.replace("POLICY", "fair") + "protect: true\n")
    assert "prod is protected" in refused(project, "promote", "dev", "prod", "--auto-approve")
    assert "prod2 is protected" in refused(project, "rollback", "prod2", "--auto-approve")
    assert "irreversible" not in go(project, "promote", "dev", "prod", "--plan").out
    go(project, "promote", "dev", "prod", "--out", "saved.plan")
    go(project, "promote", "dev", "prod", "saved.plan")


def test_exactly_the_saved_promotion_is_applied(project, tenants):
    shown = go(project, "promote", "dev", "prod", "--out", "saved.plan").out
    file = project.root / "saved.plan"
    assert file.stat().st_mode & 0o777 == 0o600
    assert CANARY not in file.read_text()
    assert policy(tenants["prod"]) is None
    for text in ('"dev_users" -> "prod_users"', "as dev runs it", "connection.users will be created"):
        assert text in shown
    # The working tree goes on; neither it nor a value there changes what was looked at.
    with_policy(project, "excellent")
    project.write("templates/postgres/login.js.j2", "function login(a, b, callback) { callback(null); }")
    own = project.root / "tenants/prod.yaml"
    own.write_text(own.read_text().replace("prod_users", "other_users"))
    applied = go(project, "promote", "dev", "prod", "saved.plan").out
    assert '"dev_users" -> "prod_users"' in applied
    scripts = tenants["prod"].state.storage.named("connection", "users")["options"]["customScripts"]
    assert "prod_users" in scripts["login"]
    assert policy(tenants["prod"]) == "good"
    (record,) = story(project, "prod")
    assert (record["command"], record["release_to"]) == ("promote", story(project, "dev")[0]["release_to"])
    assert "is stale" in go(project, "promote", "dev", "prod", "saved.plan", code=3).err


def test_a_promotion_is_stale_where_the_source_runs_another_release(project, tenants):
    go(project, "promote", "dev", "prod", "--out", "saved.plan")
    with_policy(project, "excellent")
    go(project, "apply", "dev", "--auto-approve")
    message = refused(project, "promote", "dev", "prod", "saved.plan")
    newer, older = (one["release_to"].removeprefix("sha256:")[:12] for one in story(project, "dev"))
    assert f"the plan is stale: dev runs the release {newer} now, and the plan has {older}" in message
    assert "deployer promote dev prod --out FILE" in message
    assert policy(tenants["prod"]) is None


def test_a_promotion_is_stale_where_the_tenant_changed(project, tenants):
    twice(project)
    with_policy(project, "fair")
    go(project, "apply", "dev", "--auto-approve")
    go(project, "promote", "dev", "prod", "--out", "saved.plan")
    go(project, "rollback", "prod", "--out", "back.plan")
    dashboard.edit_option(tenants["prod"].state, "users", "non_persistent_attrs", ["none"])
    for command in (("promote", "dev", "prod", "saved.plan"), ("rollback", "prod", "--plan-file", "back.plan")):
        ran = go(project, *command, code=3)
        assert "the plan is stale: connection.users changed at options.non_persistent_attrs" in ran.err
    assert policy(tenants["prod"]) == "none"


def test_a_saved_plan_without_changes_is_stale_too(project, tenants):
    """It would write down that the tenant runs the release."""
    twice(project)
    project.write("templates/other/unused.js.j2", "// nobody uses this\n")
    go(project, "apply", "dev", "--auto-approve")
    assert "No changes" in go(project, "promote", "dev", "prod", "--out", "saved.plan").out
    dashboard.edit_option(tenants["prod"].state, "users", "non_persistent_attrs", ["none"])
    assert "is stale" in go(project, "promote", "dev", "prod", "saved.plan", code=3).err
    dashboard.edit_option(tenants["prod"].state, "users", "non_persistent_attrs", ["excellent"])
    go(project, "promote", "dev", "prod", "saved.plan")
    assert story(project, "prod")[0]["release_to"] == story(project, "dev")[0]["release_to"]


def test_what_stops_a_promotion_stops_its_saved_plan(project, tenants):
    go(project, "promote", "dev", "prod", "--out", "saved.plan")
    own = project.root / "tenants/prod.yaml"
    text = own.read_text()
    own.write_text(text.replace("promote_from: dev", "promote_from: prod2"))
    assert "Promote from prod2" in refused(project, "promote", "dev", "prod", "saved.plan")
    own.write_text(text)
    dashboard.edit_option(tenants["dev"].state, "users", "non_persistent_attrs", ["none"])
    assert "dev is not what its release says" in refused(project, "promote", "dev", "prod", "saved.plan")
    assert policy(tenants["prod"]) is None


def test_each_command_applies_its_own_plans_and_names_the_other(project, tenants):
    twice(project)
    with_policy(project, "fair")
    glass = ("--break-glass", "now")
    go(project, "plan", "prod", "--out", "tree.plan")
    go(project, "promote", "dev", "prod2", "--out", "b.plan")
    go(project, "rollback", "prod", "--out", "back.plan")
    go(project, "apply", "dev", "--auto-approve")
    go(project, "promote", "dev", "prod", "--out", "next.plan")
    before = dump(tenants["prod"])
    for wrong, right in (
        (("apply", "prod", "next.plan", *glass), "promote dev prod next.plan"),
        (("apply", "prod", "back.plan", *glass), "rollback prod --plan-file back.plan"),
        (("promote", "dev", "prod", "tree.plan"), "apply prod tree.plan"),
        (("promote", "dev", "prod", "back.plan"), "rollback prod --plan-file back.plan"),
        (("promote", "prod2", "prod", "next.plan"), "promote dev prod next.plan"),
        (("rollback", "prod", "--plan-file", "next.plan"), "promote dev prod next.plan"),
        (("rollback", "prod", "--plan-file", "tree.plan"), "apply prod tree.plan"),
    ):
        assert named(refused(project, *wrong)) == right.split()
        assert dump(tenants["prod"]) == before
    # A plan of another tenant, by the right command.
    go(project, "promote", "dev", "prod2", "--out", "b.plan")
    assert "the plan is for prod2" in refused(project, "promote", "dev", "prod", "b.plan")
    assert dump(tenants["prod"]) == before
    go(project, "rollback", "prod", "--plan-file", "back.plan")
    assert policy(tenants["prod"]) == "good"


def test_a_damaged_plan_is_refused(project, tenants):
    go(project, "promote", "dev", "prod", "--out", "saved.plan")
    file = project.root / "saved.plan"
    file.write_text(file.read_text().replace('"good"', '"none"'))
    message = refused(project, "promote", "dev", "prod", "saved.plan", code=1)
    assert "its digest does not match" in message
    assert "deployer promote FROM TO --out FILE" in message
    assert "cannot be read" in refused(project, "rollback", "prod", "--plan-file", "nosuch", code=1)
    assert policy(tenants["prod"]) is None


def test_a_saved_rollback_keeps_its_release(project, tenants):
    twice(project)
    first = story(project, "prod")[1]["release_to"]
    shown = go(project, "rollback", "prod", first.removeprefix("sha256:")[:12], "--out", "back.plan").out
    assert f"Back to the release {first.removeprefix('sha256:')[:12]}" in shown
    assert policy(tenants["prod"]) == "excellent"
    go(project, "rollback", "prod", "--plan-file", "back.plan", "--json")
    assert policy(tenants["prod"]) == "good"
    assert story(project, "prod")[0]["release_to"] == first


def test_a_saved_rollback_is_of_its_release_not_of_the_previous(project, tenants, monkeypatch):
    """Each release has its own secret: the value that is written is that of the release in the file."""
    for number in (1, 2, 3):
        monkeypatch.setenv(f"PG_URL_{number}", f"postgres://{CANARY}-{number}@db.example.com/users")
        changed = BASE.replace("POLICY", "good").replace("!env PG_URL", f"!env PG_URL_{number}")
        project.write("tenants/base.yaml", changed)
        go(project, "apply", "dev", "--auto-approve")
    first = story(project, "dev")[2]["release_to"]
    go(project, "rollback", "dev", first, "--out", "back.plan")
    go(project, "rollback", "dev", "--plan-file", "back.plan")
    assert story(project, "dev")[0]["release_to"] == first
    go(project, "drift", "dev")


def test_plans_are_made_with_credentials_that_only_read_where_both_know_the_key(project, tenants, monkeypatch):
    """As the pipelines do: the job before the approval has other credentials than the one after it."""
    writes = (tenants["prod"].client_id, tenants["prod"].client_secret)
    reads = tenants["prod"].state.add_application("reads", frozenset({"read:connections", "read:connections_options"}))

    def use(credentials):
        for name, value in zip(("prod_CLIENT_ID", "prod_CLIENT_SECRET"), credentials, strict=True):
            monkeypatch.setenv(name, value)

    use(reads)
    go(project, "promote", "dev", "prod", "--out", "saved.plan")
    use(writes)
    message = refused(project, "promote", "dev", "prod", "saved.plan")
    assert "the plan was made with other credentials" in message
    assert "give the tenant a `secrets_key` that both know" in message
    monkeypatch.setenv("PROD_KEY", "a key that both jobs know")
    own = project.root / "tenants/prod.yaml"
    own.write_text(own.read_text() + "secrets_key: !env PROD_KEY\n")
    use(reads)
    go(project, "promote", "dev", "prod", "--out", "saved.plan")
    assert policy(tenants["prod"]) is None
    use(writes)
    go(project, "promote", "dev", "prod", "saved.plan")
    assert policy(tenants["prod"]) == "good"


def test_the_plan_of_a_promotion_in_every_format(project, tenants):
    markdown = go(project, "promote", "dev", "prod", "--plan", "--format", "markdown").out
    assert markdown.startswith("## Plan for `prod`")
    assert "<summary>Values of <code>prod</code> that are others than those of <code>dev</code></summary>" in markdown
    assert '"dev_users" -> "prod_users"' in markdown
    html = go(project, "promote", "dev", "prod", "--plan", "--format", "html").out
    assert "Values that are others than those of dev: " in html
    assert "dev_users" in html
    for arguments in (["--json"], ["--format", "json"]):
        found = go(project, "promote", "dev", "prod", "--plan", *arguments).json
        assert found["plan"]["origin"]["source"] == "dev"
        assert ["connections", "users", "variables", "table"] in [
            value["path"] for value in found["plan"]["origin"]["values"]
        ]
    twice(project)
    assert go(project, "rollback", "prod", "--plan", "--json").json["plan"]["origin"]["command"] == "rollback"
    assert CANARY not in markdown + html


def test_a_plan_of_a_promotion_writes_nothing_into_the_store(project, tenants, monkeypatch):
    """So the plan can be made with access that only reads."""

    def refuse(*_, **__):
        raise AssertionError("written")

    for name in ("put", "put_if_absent", "put_if_unchanged"):
        monkeypatch.setattr(Objects, name, refuse, raising=name == "put_if_absent")
    go(project, "promote", "dev", "prod", "--out", "saved.plan")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["promote", "dev", "prod", "x.plan", "--out", "y.plan"], "a plan file goes with no --plan"),
        (["promote", "dev", "prod", "x.plan", "--plan"], "a plan file goes with no --plan"),
        (["promote", "dev", "prod", "--out", "y.plan", "--auto-approve"], "--auto-approve goes with no --plan"),
        (["promote", "dev", "prod", "--format", "html"], "--format is for a plan that is not applied"),
        (["promote", "dev", "--tenant", "prod*", "--out", "y", "--format", "html"], "--format html is for one tenant"),
        (["promote", "dev", "--all", "--out", "y", "--report", "y.html"], "--report is for one tenant"),
        (["promote", "dev", "--all", "--out", "y", "--engine", "dask://127.0.0.1:1"], "--out goes with no --engine"),
        (["promote", "dev", "x.plan", "--tenant", "prod*", "--auto-approve"], "Give one or the other"),
        (["rollback", "prod", "--plan-file", "x.plan", "--out", "y.plan"], "a plan file goes with no --plan"),
        (["rollback", "prod", "0123456789ab", "--plan-file", "x.plan"], "A plan file has its release in it"),
        (["rollback", "prod", "--format", "json"], "--format is for a plan that is not applied"),
    ],
)
def test_what_does_not_go_together_is_said(project, arguments, expected):
    assert expected in refused(project, *arguments, code=1)
