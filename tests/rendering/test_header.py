"""Scripts begin with a comment that says where they come from, but for those of a store that wants none."""

import pytest

from deployer.rendering.scripts import without_header

SCRIPT = "\n\nfunction login(email, password, callback) {\n  callback(null, {user_id: email});\n}\n"
TENANT = "connections:\n  users:\n    store: mine\n"


@pytest.fixture
def mine(project):
    project.tenant(TENANT)
    project.write("templates/mine/login.js.j2", SCRIPT)
    return project


def test_a_script_begins_with_its_template_and_no_empty_lines(mine):
    out = mine.run("render", "local", "users/login").out
    assert out.startswith(
        "// Managed by deployer: connection users, script login, template templates/mine/login.js.j2.\n"
    )
    assert without_header(out) == SCRIPT.lstrip("\n")


def test_a_store_without_header_is_sent_exactly_as_it_is(mine):
    mine.write("templates/mine/template.yaml", "description: Imported\nheader: false\nscripts: [login]\n")
    assert mine.run("render", "local", "users/login").out == SCRIPT


def test_a_template_of_another_folder_keeps_its_header_in_such_a_store(mine):
    mine.write("templates/mine/template.yaml", "description: Imported\nheader: false\nscripts: [login]\n")
    mine.write("templates/custom/verify.js.j2", SCRIPT)
    mine.tenant(TENANT + "    scripts: {verify: templates/custom/verify.js.j2}\n")
    assert mine.run("render", "local", "users/verify").out.startswith("// Managed by deployer: ")
    assert mine.run("render", "local", "users/login").out == SCRIPT


@pytest.mark.parametrize(
    "source", ["", SCRIPT, "// Managed by deployer: connection x\nfunction login() {}\n", "x\n// Managed by deployer: "]
)
def test_only_a_whole_header_at_the_beginning_is_one(source):
    assert without_header(source) == source


def test_taking_the_line_away_brings_the_header_back(mine):
    manifest = "description: Imported\nheader: false\nscripts: [login]\n"
    mine.write("templates/mine/template.yaml", manifest)
    assert mine.run("render", "local", "users/login").out == SCRIPT
    mine.write("templates/mine/template.yaml", manifest.replace("header: false\n", ""))
    assert mine.run("render", "local", "users/login").out.startswith("// Managed by deployer: ")
