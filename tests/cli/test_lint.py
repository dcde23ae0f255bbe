"""`lint` and `explain` on the command line, and `plan` and `apply` that refuse what lint calls an error."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from deployer.sandbox.server import LocalTenant

GOOD = "function login(email, password, callback) {\n  callback(null, { user_id: 'x|' + email, email });\n}\n"
BAD = """function login(email, password, callback) {
  if (!email) callback(null);
  callback(null, { user_id: 'x|1', email });
}
"""
CUSTOM = """\
connections:
  legacy-users:
    store: postgres
    migration: trickle
    configuration: {PG_URL: !env PG_URL}
    scripts: {login: templates/custom/login.js.j2}
"""


def test_folder_without_errors(project: Any) -> None:
    project.write("scripts/login.js", GOOD)
    ran = project.run("lint", "--path", "scripts")
    assert ran.code == 0, ran.all
    assert "1 script: 0 errors, 0 warnings" in ran.out


def test_folder_with_errors(project: Any) -> None:
    file = project.write("scripts/login.js", BAD)
    ran = project.run("lint", "--path", "scripts")
    assert ran.code == 1
    assert f"{file}:2:15: error DB202 (callback-twice)" in ran.out
    assert " 2 |   if (!email) callback(null);\n   |               ^^^^^^^^^^^^^^\n" in ran.out


def test_severity_option(project: Any) -> None:
    project.write("scripts/login.js", BAD)
    ran = project.run("lint", "--path", "scripts", "--severity", "DB202=warning")
    assert ran.code == 0
    assert "warning DB202" in ran.out
    ran = project.run("lint", "--path", "scripts", "--severity", "DB202")
    assert ran.code == 1
    assert "names no severity" in ran.err


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github", "junit"])
def test_formats(project: Any, form: str) -> None:
    project.write("scripts/login.js", BAD)
    ran = project.run("lint", "--path", "scripts", "--format", form)
    assert ran.code == 1
    assert "DB202" in ran.out
    if form in {"json", "sarif"}:
        json.loads(ran.out)
    if form == "junit":
        ET.fromstring(ran.out.encode())


def test_files_that_cannot_be_told_are_named(project: Any) -> None:
    project.write("scripts/login.js", GOOD)
    project.write("scripts/helpers.js", "const a = 1;\n")
    ran = project.run("lint", "--path", "scripts")
    assert ran.code == 0
    assert "Not linted" in ran.out
    assert "helpers.js" in ran.out


def test_tenant(project: Any) -> None:
    project.tenant()
    ran = project.run("lint", "local")
    assert ran.code == 0, ran.all
    assert "connection.legacy-users/login (templates/postgres/login.js.j2): line 23 of the rendered script: " in ran.out
    assert "warning DB406" in ran.out
    assert "0 errors" in ran.out


def test_every_tenant(project: Any) -> None:
    project.tenant()
    project.tenant(name="other")
    ran = project.run("lint", "--all", "--json")
    assert ran.code == 0, ran.all
    assert ran.json["connections"] == 2
    assert ran.json["errors"] == 0
    assert project.run("lint", "--json").json == ran.json


def test_mistakes_of_every_tenant_are_told_at_once_and_as_validate_tells_them(project: Any) -> None:
    project.tenant("connections: {users: {store: postgers}}\n")
    project.tenant("protcet: true\nconnections: {users: {store: postgres, variables: {tabel: x}}}\n", name="other")
    ran = project.run("lint", "--all")
    assert ran.code == 1
    for mistake in (
        "tenants/local.yaml:4:23: there are no templates for the store 'postgers'; did you mean 'postgres'?",
        "tenants/other.yaml:4:1: unknown key 'protcet'; did you mean 'protect'?",
        "tenants/other.yaml:5:52: connection.users variables: unknown variable 'tabel'; did you mean 'table'?",
    ):
        assert mistake in ran.err
        assert mistake in project.run("validate", "--all").out
    assert "other.yaml:5:52: connection.users variables: unknown variable" in project.run("render", "other").err


def test_tenant_file_changes_severities(project: Any) -> None:
    project.tenant(
        "lint: {severity: {DB406: 'off'}}\n"
        + CUSTOM.replace("    scripts: {login: templates/custom/login.js.j2}\n", "")
    )
    ran = project.run("lint", "local", "--json")
    assert ran.code == 0, ran.all
    assert "DB406" not in {finding["code"] for finding in ran.json["findings"]}


def test_tenant_and_path_exclude_each_other(project: Any) -> None:
    ran = project.run("lint", "local", "--path", ".")
    assert ran.code == 1
    assert "exclude each other" in ran.err


def test_missing_folder(project: Any) -> None:
    ran = project.run("lint", "--path", "nowhere")
    assert ran.code == 1
    assert "no such file or folder" in ran.err


def test_explain(project: Any) -> None:
    ran = project.run("explain", "DB202")
    assert ran.code == 0
    assert ran.out.startswith("DB202 callback-twice (error)\n")
    assert "Bad:" in ran.out
    assert "https://" in ran.out
    assert project.run("explain", "callback-twice").out == ran.out


def test_explain_all(project: Any) -> None:
    ran = project.run("explain", "--json")
    assert {"DB101", "DB202", "DB305", "DB406", "DB508", "DB603"} <= {rule["code"] for rule in ran.json}
    listed = project.run("explain").out
    assert all(rule["code"] in listed for rule in ran.json)


def test_explain_unknown(project: Any) -> None:
    ran = project.run("explain", "DB22")
    assert ran.code == 1
    assert "there is no lint rule 'DB22': did you mean 'DB202'?" in ran.err
    assert "did you mean 'callback-twice'?" in project.run("explain", "callback-twise").err


def test_nothing_is_suggested_where_nothing_is_near(project: Any) -> None:
    ran = project.run("explain", "DB999")
    assert ran.code == 1
    assert "there is no lint rule 'DB999'. `deployer explain`" in ran.err
    ran = project.run("lint", "--path", ".", "--severity", "DB999=off")
    assert "did you mean" not in ran.err


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("DB202", "Silence one line: // deployer-ignore DB202: why\n"),
        (
            "DB602",
            "Silence it for a connection: // deployer-ignore DB602: why, before all code of one of its scripts\n",
        ),
    ],
)
def test_explain_says_how_a_finding_is_silenced(project: Any, code: str, how: str) -> None:
    told = project.run("explain", code).out
    assert how in told
    assert f"`lint: {{severity: {{{code}: off}}}}` in its file" in told


def test_what_explain_says_silences_a_finding_on_a_definition(project: Any) -> None:
    def codes() -> set[str]:
        return {finding["code"] for finding in project.run("lint", "local", "--json").json["findings"]}

    project.write("templates/custom/login.js.j2", GOOD)
    project.tenant(CUSTOM)
    assert "DB602" in codes()
    project.write("templates/custom/login.js.j2", "// deployer-ignore DB602: the store is read-only\n" + GOOD)
    assert "DB602" not in codes()
    project.write("templates/custom/login.js.j2", GOOD)
    project.tenant("lint: {severity: {DB602: off}}\n" + CUSTOM)
    assert "DB602" not in codes()


def test_a_finding_on_a_definition_has_its_place(project: Any) -> None:
    project.write("tenants/base.yaml", CUSTOM.replace("    scripts: {login: templates/custom/login.js.j2}\n", ""))
    project.tenant("extends: base\n")
    (found,) = [each for each in project.run("lint", "local", "--json").json["findings"] if each["code"] == "DB602"]
    assert (found["label"], found["line"], found["column"]) == ("tenants/base.yaml", 2, 3)


RULES = """\
connections:
  legacy-users:
    store: api
    configuration: {API_URL: "https://api.example.com"}
    guards: [restrict-audience]
    guard_type: rule
    api: {identifier: "https://users.example.com", scopes: {"read:users": Find}}
"""


def test_a_guard_that_is_a_rule_is_an_error_and_guards_nothing(
    project: Any, local_tenant: LocalTenant, reach: Any
) -> None:
    reach(local_tenant)
    project.tenant(RULES)
    ran = project.run("lint", "local")
    assert ran.code == 1
    assert "local.yaml):9:5: error DB109 (rule-at-end-of-life): guards are made of Rules here" in ran.out
    assert "Take `guard_type` out: the guards are then Actions." in ran.out
    assert "error DB408 (unrestricted-audience): no guard closes the audience https://users.example.com" in ran.out
    assert project.run("apply", "local", "--auto-approve").code == 3
    project.tenant(RULES.replace("    guard_type: rule\n", ""))
    assert "0 errors" in project.run("lint", "local").out
    ran = project.run("apply", "local", "--auto-approve")
    assert ran.code == 0, ran.all


LITERAL_SECRET = "canary-s3cretpw"


@pytest.fixture
def with_literal_secret(project: Any, local_tenant: LocalTenant, reach: Any) -> Any:
    """A project in whose tenant file a password is written out."""
    reach(local_tenant)
    body = CUSTOM.replace("!env PG_URL", f"postgres://scripts:{LITERAL_SECRET}@db.example.com/users")
    project.tenant(body.replace("    scripts: {login: templates/custom/login.js.j2}\n", ""))
    return project


@pytest.mark.parametrize("command", [["lint", "local"], ["plan", "local"], ["apply", "local", "--auto-approve"]])
def test_a_secret_that_is_written_out_refuses(with_literal_secret: Any, command: list[str]) -> None:
    ran = with_literal_secret.run(*command)
    assert ran.code in {1, 3}
    assert "(tenants/local.yaml):8:21: error DB401 (hard-coded-secret): a password stands in" in ran.all
    assert "configuration.PG_URL" in ran.all
    assert LITERAL_SECRET not in ran.all


@pytest.mark.parametrize("form", ["json", "sarif", "github", "junit"])
def test_a_secret_that_is_written_out_is_in_no_format(with_literal_secret: Any, form: str) -> None:
    found = with_literal_secret.run("lint", "local", "--format", form)
    assert "DB401" in found.out
    assert LITERAL_SECRET not in found.all


@pytest.fixture(name="faulty")
def _faulty(project: Any, local_tenant: LocalTenant, reach: Callable[[LocalTenant], None]) -> Any:
    """A project whose login script calls its callback twice."""
    reach(local_tenant)
    project.tenant(CUSTOM)
    project.write("templates/custom/login.js.j2", BAD)
    return project


@pytest.mark.parametrize("command", [("plan", "local"), ("apply", "local", "--auto-approve")])
def test_errors_refuse(faulty: Any, local_tenant: LocalTenant, command: tuple[str, ...]) -> None:
    ran = faulty.run(*command)
    assert ran.code == 3, ran.all
    assert "error DB202" in ran.err
    assert "lint finds" in ran.err
    assert "--no-lint" in ran.err
    assert local_tenant.state.storage.named("connection", "legacy-users") is None


def test_no_lint_goes_on(faulty: Any, local_tenant: LocalTenant) -> None:
    assert faulty.run("plan", "local", "--no-lint").code == 0
    ran = faulty.run("apply", "local", "--auto-approve", "--no-lint")
    assert ran.code == 0, ran.all
    assert local_tenant.state.storage.named("connection", "legacy-users") is not None


def test_json_plan_stays_json_when_refused(faulty: Any) -> None:
    ran = faulty.run("plan", "local", "--json")
    assert ran.code == 3
    assert ran.out == ""


def test_paths_are_of_the_chosen_folder(project: Any, tmp_path: Path) -> None:
    project.write("scripts/login.js", BAD)
    ran = project.run("lint", "--path", str(project.root / "scripts"), "--json")
    assert ran.json["findings"][0]["label"].endswith("scripts/login.js")
