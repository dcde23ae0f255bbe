"""A plan says of each change why it happens: by what it is made of now, and by what was noted at the last apply."""

import pytest

TENANT = """\
variables: {{table: {table}}}
actions:
  mark: {{trigger: post-login, code: templates/mine/mark.js.j2, secrets: {{MARK: !env MARK}}{more}}}
connections:
  legacy-users:
    store: mine
    configuration: {{PG_URL: !env PG_URL}}
    options: {{disable_signup: {closed}}}
"""
MANIFEST = "variables:\n  table: {type: identifier, description: The table, default: users}\n"
LOGIN = """\
{% include "shared/mine.js.j2" %}
function login(email, password, callback) {
  const profile = { user_id: {{ table | js }} + email, email };
  callback(null, profile, configuration.PG_URL);
}
"""
MARK = "exports.onExecutePostLogin = async (event, api) => {\n  console.log(event.secrets.MARK.length);\n};\n"


class Written:
    """The project, and what is written in it."""

    def __init__(self, project):
        self.project = project
        self.values = {"table": "users", "closed": "true", "more": ""}

    def write(self, **values):
        self.values |= values
        self.project.tenant(TENANT.format(**self.values))

    def causes(self, *options):
        plan = go(self.project, "plan", "local", "--json", *options).json["plan"]
        return {f"{one['kind']}.{one['name']}": one["causes"] for one in plan["changes"] if one["action"] != "no-op"}


def go(project, *arguments, code=0):
    ran = project.run(*arguments)
    assert ran.code == code, ran.all
    return ran


def apply(project, *options):
    return go(project, "apply", "local", "--auto-approve", "--no-lint", *options)


@pytest.fixture
def written(project, local_tenant, reach, monkeypatch):
    reach(local_tenant)
    monkeypatch.setenv("MARK", "a mark")
    project.write("templates/mine/template.yaml", "description: Mine\nscripts: [login]\n" + MANIFEST)
    project.write("templates/mine/login.js.j2", LOGIN)
    project.write("templates/shared/mine.js.j2", "const shared = 1;\n")
    project.write("templates/mine/mark.js.j2", MARK)
    found = Written(project)
    found.write()
    assert set(map(tuple, found.causes().values())) == {()}  # nothing is known of what is new
    apply(project)
    assert found.causes() == {}
    return found


CONNECTION, ACTION = "connection.legacy-users", "action.mark"


def test_what_a_template_includes_is_a_template(written):
    written.project.write("templates/shared/mine.js.j2", "const shared = 2;\n")
    assert written.causes() == {CONNECTION: ["template"]}
    shown = go(written.project, "plan", "local").out
    assert "because of a changed template\n" in shown
    for form in ("markdown", "html"):
        assert "ecause of" in go(written.project, "plan", "local", "--format", form).out
    apply(written.project)
    assert written.causes() == {}


def test_variables_definitions_and_secrets_are_told_apart(written, monkeypatch):
    written.write(table="people", closed="false")
    allowed = ("--allow", "user-id-prefix:connection.legacy-users/login")
    assert written.causes()[CONNECTION] == ["variable", "definition"]
    apply(written.project, *allowed)
    monkeypatch.setenv("MARK", "another mark")
    assert written.causes() == {ACTION: ["secret"]}
    written.write(more=", runtime: node22")
    written.project.write("templates/mine/mark.js.j2", MARK.replace("log", "info"))
    assert written.causes() == {ACTION: ["template", "definition", "secret"]}


def test_what_somebody_else_has_done_is_drift(written, local_tenant, live_connection, api):
    found = live_connection()
    api("PATCH", f"connections/{found['id']}", {"options": {**found["options"], "disable_signup": False}})
    assert written.causes() == {CONNECTION: ["drift"]}
    written.project.write("templates/shared/mine.js.j2", "const shared = 3;\n")
    assert written.causes() == {CONNECTION: ["template", "drift"]}


def test_an_apply_that_fails_has_changed_nothing_that_is_noted(written, local_tenant):
    written.project.write("templates/shared/mine.js.j2", "const shared = 4;\n")
    local_tenant.weather.add_fault("status", method="PATCH", path="/api/v2/connections/*", status=400)
    go(written.project, "apply", "local", "--auto-approve", "--no-lint", code=1)
    assert written.causes() == {CONNECTION: ["template"]}


def test_a_saved_plan_keeps_them_and_is_noted(written):
    written.project.write("templates/shared/mine.js.j2", "const shared = 5;\n")
    assert written.causes("--out", "p.plan") == {CONNECTION: ["template"]}
    assert "because of a changed template" in go(written.project, "apply", "local", "p.plan").out
    written.write(closed="false")
    assert written.causes() == {CONNECTION: ["definition"]}


def test_what_changed_nothing_is_noted_by_an_apply_without_changes(written, live_connection, api):
    written.project.write(
        "templates/mine/login.js.j2", LOGIN.replace("function login", "{# A remark. #}\nfunction login")
    )
    assert written.causes() == {}
    assert "No changes" in apply(written.project).out
    found = live_connection()
    api("PATCH", f"connections/{found['id']}", {"options": {**found["options"], "disable_signup": False}})
    assert written.causes() == {CONNECTION: ["drift"]}


def test_a_rollback_says_it_too(written):
    written.project.write("templates/shared/mine.js.j2", "const shared = 6;\n")
    apply(written.project)
    assert "because of a changed template" in go(written.project, "rollback", "local", "--plan").out


def test_what_was_deployed_before_it_was_noted_has_no_cause(written):
    inventory = written.project.root / ".deployer/inventory/local.json"
    text = inventory.read_text()
    assert '"made_of":' in text
    inventory.write_text(text.replace('"made_of"', '"of_a_later_version"'))
    written.project.write("templates/shared/mine.js.j2", "const shared = 7;\n")
    assert written.causes() == {CONNECTION: []}
    written.project.write("templates/shared/mine.js.j2", "const shared = 1;\n")
    apply(written.project)  # nothing to change, and it is noted now
    written.project.write("templates/shared/mine.js.j2", "const shared = 7;\n")
    assert written.causes() == {CONNECTION: ["template"]}


def test_what_only_another_version_makes_differently(written, monkeypatch):
    monkeypatch.setattr("deployer.rendering.scripts._header", lambda *_given: "// Another header.\n")
    assert written.causes() == {CONNECTION: ["version"]}
