"""Plain folders of scripts: which file is which script, and the layout of Auth0's Deploy CLI."""

import json
from pathlib import Path
from typing import Any

import pytest

from deployer.errors import DeployerError
from deployer.linting.engine import lint
from deployer.linting.folders import folder_inputs, kind_of_name

LOGIN = "function login(email, password, callback) { callback(null, { user_id: 'x|1', email: configuration.A }); }"
GET_USER = "function getByEmail(email, callback) { callback(null, { user_id: 'x|1', email }); }"


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.js").write_text(text)
    return folder


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("login", "login"),
        ("getUser", "get_user"),
        ("get-user", "get_user"),
        ("Get User", "get_user"),
        ("deleteUser", "delete"),
        ("change_email", "change_email"),
        ("getByEmail", "get_user"),
        ("helpers", None),
        ("", None),
    ],
)
def test_kind_of_a_name(name: str, kind: str | None) -> None:
    assert kind_of_name(name) == kind


def test_kind_comes_from_the_file_or_the_function(tmp_path: Path) -> None:
    write(tmp_path, login=LOGIN, script2=GET_USER, util="const a = 1;\nmodule.exports = a;\n")
    found = folder_inputs(tmp_path)
    (connection,) = found.connections
    assert sorted(connection.scripts) == ["get_user", "login"]
    assert found.skipped == (str(tmp_path / "util.js"),)
    assert lint(found.connections, skipped=found.skipped).skipped == found.skipped


def test_several_scripts_of_a_kind_stay_by_themselves(tmp_path: Path) -> None:
    write(tmp_path, login_a=LOGIN, login_b=LOGIN)
    found = folder_inputs(tmp_path)
    assert not found.connections
    assert [script.kind for script in found.scripts] == ["login", "login"]


def test_deploy_cli_layout(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "database-connections" / "users", login=LOGIN, getUser=GET_USER, helper=LOGIN.replace("login", "f")
    )
    definition = {
        "name": "users",
        "options": {
            "enabledDatabaseCustomization": True,
            "import_mode": True,
            "configuration": {"A": "x"},
            "enable_script_context": False,
        },
    }
    (folder / "database.json").write_text(json.dumps(definition))
    found = folder_inputs(tmp_path)
    (connection,) = found.connections
    assert connection.name == "users"
    assert connection.trickle
    assert connection.configuration == frozenset({"A"})
    assert sorted(connection.scripts) == ["get_user", "helper", "login"]
    assert connection.scripts["login"].enable_script_context is False
    codes = {finding.code for finding in lint(found.connections).findings}
    assert "DB107" in codes
    assert "DB105" not in codes


def test_deploy_cli_layout_without_get_user(tmp_path: Path) -> None:
    folder = write(tmp_path / "database-connections" / "users", login=LOGIN)
    (folder / "database.json").write_text(
        json.dumps({"options": {"enabledDatabaseCustomization": True, "import_mode": True}})
    )
    missing = [finding for finding in lint(folder_inputs(tmp_path).connections).findings if finding.code == "DB105"]
    assert len(missing) == 1
    assert missing[0].label.endswith("database.json")


def test_folder_without_definition_misses_nothing(tmp_path: Path) -> None:
    write(
        tmp_path,
        create="function create(user, callback) { callback(null); }",
        verify="function verify(email, callback) { callback(null); }",
    )
    assert "DB105" not in {finding.code for finding in lint(folder_inputs(tmp_path).connections).findings}


def test_one_file(tmp_path: Path) -> None:
    write(tmp_path, anything="function (a, callback) { callback(null); }", login=LOGIN)
    found = folder_inputs(tmp_path / "anything.js")
    assert [script.kind for script in found.scripts] == [None]
    assert not found.skipped


def test_folders_that_are_not_ours_are_left_out(tmp_path: Path) -> None:
    write(tmp_path / "node_modules" / "pg", login=LOGIN)
    write(tmp_path / ".git", login=LOGIN)
    write(tmp_path / "users", login=LOGIN)
    found = folder_inputs(tmp_path)
    assert [script.address for script in found.scripts] == [str(tmp_path / "users" / "login.js")]


@pytest.mark.parametrize(
    ("text", "what"),
    [("{", "the definition cannot be read"), ("[]", "no JSON object"), ("[" * 100_000, "cannot be read")],
)
def test_broken_definition_is_an_error(tmp_path: Path, text: str, what: str) -> None:
    folder = write(tmp_path / "users", login=LOGIN)
    (folder / "database.json").write_text(text)
    with pytest.raises(DeployerError, match=what):
        folder_inputs(tmp_path)


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(DeployerError, match=r"holds no \.js files"):
        folder_inputs(tmp_path)
    with pytest.raises(DeployerError, match="no such file or folder"):
        folder_inputs(tmp_path / "missing")


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "login.js").write_bytes(b"\xff\xfe\x00function login(")
    found = folder_inputs(tmp_path)
    assert [finding.code for finding in lint(scripts=found.scripts).findings] == ["DB101"]


def database(folder: Path, **options: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "database.json").write_text(json.dumps({"name": folder.name, "options": options}))


def test_a_script_that_the_definition_names_and_that_is_not_there_is_said(project: Any) -> None:
    folder = project.root / "exported" / "database-connections" / "users"
    write(folder, login=LOGIN)
    scripts = {"login": "./login.js", "get_user": "./get_user.js", "create": "../../../../somewhere/create.js"}
    database(folder, enabledDatabaseCustomization=True, disable_signup=True, customScripts=scripts)
    ran = project.run("lint", "--path", "exported")
    assert ran.code == 1
    assert "database.json" in ran.out
    assert "error DB105 (missing-script): the get_user script is missing: ./get_user.js is named for it" in ran.out
    assert "the create script is missing: ../../../../somewhere/create.js is named for it" in ran.out
    assert ran.out.count("error DB105") == 2


def test_a_script_is_of_the_kind_that_the_definition_names_it_for(project: Any) -> None:
    folder = project.root / "exported" / "users"
    write(folder, first=LOGIN.replace("login(", "signIn("))
    database(folder, enabledDatabaseCustomization=True, customScripts={"login": "first.js"})
    ran = project.run("lint", "--path", "exported", "--json")
    assert {finding["code"] for finding in ran.json["findings"]} & {"DB105", "DB107"} == set()
    assert ran.json["scripts"] == 1


def test_what_people_can_do_and_no_script_does_is_a_warning(project: Any) -> None:
    folder = project.root / "exported" / "users"
    write(folder, login=LOGIN)

    def missing(**options: object) -> list[str]:
        database(folder, enabledDatabaseCustomization=True, **options)
        found = project.run("lint", "--path", "exported", "--json").json["findings"]
        assert {one["severity"] for one in found if one["code"] == "DB111"} <= {"warning"}
        return sorted(one["message"].split()[1] for one in found if one["code"] == "DB111")

    assert missing() == ["change_password", "create", "delete", "verify"]
    assert missing(disable_signup=True) == ["change_password"]
    assert missing(disable_self_service_change_password=True) == ["create", "delete", "verify"]
    assert missing(import_mode=True) == []


def test_plain_databases_are_left_alone(project: Any) -> None:
    folder = project.root / "exported" / "database-connections" / "plain"
    database(folder, requires_username=True)
    ran = project.run("lint", "--path", "exported")
    assert ran.code == 0, ran.all
    assert "0 scripts: 0 errors, 0 warnings" in ran.out
    write(folder, login="function login(email, password, callback) { callback(new Error('not used'))")
    database(folder, enabledDatabaseCustomization=False, customScripts={"login": "./login.js", "create": "./no.js"})
    assert project.run("lint", "--path", "exported").code == 0
