"""A new project: what is written loads, lints and plans as it is, for every store, and nothing is overwritten."""

import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deployer.config.secrets import SecretResolver
from deployer.config.tree import plain
from deployer.config.yaml_source import parse
from deployer.project import Project
from deployer.rendering.templates import Templates, shipped_templates

STORES = Templates(Path("nowhere")).stores()
TENANTS = ("--tenant", "dev=acme-dev.eu.auth0.com", "--tenant", "prod=acme.eu.auth0.com")


@pytest.fixture
def empty(project):
    """A folder with nothing in it."""
    (project.root / "tenants").rmdir()
    return project


def files_below(root):
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def example(root):
    """The variables that .env.example names."""
    lines = (root / ".env.example").read_text().splitlines()
    return {line.partition("=")[0] for line in lines if line and not line.startswith("#")}


@pytest.mark.parametrize("store", STORES)
def test_a_new_project_validates_lints_and_plans(empty, store, local_tenant, reach, monkeypatch):
    ran = empty.run("init", "--store", store, *TENANTS)
    assert (ran.code, ran.err) == (0, ""), ran.all
    validated = empty.run("validate", "--all", "--json")
    assert [(one["tenant"], one["valid"], one["connections"]) for one in validated.json] == [
        ("dev", True, 1),
        ("local", True, 1),
        ("prod", True, 1),
    ]
    linted = empty.run("lint", "--all")
    assert linted.code == 0, linted.out
    for name in example(empty.root):
        monkeypatch.setenv(name, "https://value.example.com")
    reach(local_tenant)
    ran = empty.run("plan", "local")
    assert ran.code == 0, ran.all
    assert "+ connection.legacy-users will be created" in ran.out


def test_the_whole_way_to_an_empty_plan(empty, local_tenant, reach):
    reach(local_tenant)
    assert empty.run("init", "--store", "postgres", "--connection", "users", "--migration", "off", "--yes").code == 0
    assert empty.run("apply", "local", "--auto-approve").code == 0
    assert "No changes." in empty.run("plan", "local").out
    definition = Project(empty.root).tenant("local").connections["users"]
    assert (definition.store, definition.migration) == ("postgres", "off")


@pytest.mark.parametrize("store", STORES)
def test_the_example_names_every_variable_and_no_other(empty, store):
    assert empty.run("init", "--store", store, *TENANTS).code == 0
    project = Project(empty.root)
    named = set()
    for path in (empty.root / "tenants").glob("*.yaml"):
        queue = [plain(parse(path.read_text(), path.name))]
        while queue:
            value = queue.pop()
            queue.extend(value.values() if isinstance(value, dict) else value if isinstance(value, list) else ())
            if getattr(value, "scheme", None) == "env":
                named.add(value.target)
    assert named == example(empty.root)
    assert isinstance(project.secrets, SecretResolver)


@pytest.mark.parametrize("store", STORES)
def test_commented_variables_are_the_defaults_when_the_signs_are_taken_away(empty, store):
    assert empty.run("init", "--store", store).code == 0
    rendered = empty.run("render", "local").out
    path = empty.root / "tenants/base.yaml"
    text = path.read_text()
    path.write_text(text.replace("    # variables:", "    variables:").replace("\n    #   ", "\n      "))
    assert path.read_text() != text
    assert empty.run("render", "local").out == rendered
    defaults = Templates(Path("nowhere")).manifest(store).variables
    written = Project(empty.root).tenant("local").connections["legacy-users"].variables
    assert written == {name: variable.default for name, variable in defaults.items()}


def test_tenants_take_their_releases_in_the_order_in_which_they_were_named(empty):
    assert empty.run("init", "--store", "postgres", *TENANTS, "--tenant", "eu=acme-eu.eu.auth0.com").code == 0
    found = {name: Project(empty.root).tenant(name) for name in ("dev", "prod", "eu")}
    assert {name: one.promote_from for name, one in found.items()} == {"dev": None, "prod": "dev", "eu": "prod"}
    assert [name for name, one in found.items() if one.protect] == ["eu"]


def test_one_tenant_alone_takes_the_working_tree(empty):
    assert empty.run("init", "--store", "postgres", *TENANTS[:2]).code == 0
    tenant = Project(empty.root).tenant("dev")
    assert (tenant.promote_from, tenant.protect) == (None, False)


def test_nothing_is_overwritten(empty):
    empty.write("tenants/base.yaml", "# mine\n")
    empty.write(".gitignore", "*.pyc\n/.deployer")
    ran = empty.run("init", "--store", "postgres", "--tenant", "dev=a.example.com")
    assert "left alone: tenants/base.yaml is there already" in ran.out
    assert (empty.root / "tenants/base.yaml").read_text() == "# mine\n"
    assert (empty.root / ".gitignore").read_text() == "*.pyc\n/.deployer\n.env\n"
    assert "warning: tenants/dev.yaml" in ran.err
    before = files_below(empty.root)
    again = empty.run("init", "--store", "mysql", "--tenant", "dev=b.example.com")
    assert again.code == 0
    assert "wrote" not in again.out
    assert files_below(empty.root) == before


def test_a_link_is_not_followed(empty, tmp_path):
    (empty.root / "tenants").mkdir()
    (empty.root / "tenants/base.yaml").symlink_to(tmp_path / "elsewhere")
    assert "left alone: tenants/base.yaml" in empty.run("init", "--store", "postgres").out
    assert not (tmp_path / "elsewhere").exists()


def test_another_folder_is_made(empty):
    ran = empty.run("init", "deep/er", "--store", "api")
    assert ran.code == 0, ran.all
    assert "  cd deep/er" in ran.out
    assert (empty.root / "deep/er/tenants/local.yaml").is_file()
    assert not (empty.root / "tenants").exists()


@pytest.mark.parametrize("store", STORES)
def test_copied_templates_render_the_same_without_those_of_the_tool(empty, store, tmp_path):
    assert empty.run("init", "--store", store).code == 0
    rendered = empty.run("render", "local").out
    copied = empty.run("init", "copy", "--store", store, "--copy-templates")
    assert copied.code == 0
    root = empty.root / "copy"
    shutil.copytree(shipped_templates() / "guards", tmp_path / "others/guards")
    alone = Project(root, templates=Templates(root / "templates", tmp_path / "others"))
    tenant = alone.tenant("local")
    scripts = alone.render(tenant)["legacy-users"].scripts
    for script in scripts.values():
        assert script.source in rendered
    for name, text in files_below(root / "templates").items():
        if name != "README.md":
            assert (shipped_templates() / name).read_bytes() == text


def test_a_store_of_the_project_and_its_required_variables(empty):
    empty.write("templates/mine/login.js.j2", "function login(a, b, callback) { callback(null, {{ zone | js }}); }\n")
    empty.write(
        "templates/mine/template.yaml",
        "description: 'Mine: # 1'\nscripts: [login]\nvariables:\n"
        '  zone: {type: string, description: "Where\\nusers are"}\n'
        "  many: {type: list, description: Names}\n  port: {type: integer, description: Number, default: 1}\n",
    )
    missing = empty.run("init", "--store", "mine")
    assert missing.code == 1
    assert "'zone' is missing" in missing.err
    assert not (empty.root / "tenants").exists()
    ran = empty.run("init", "--store", "mine", "--variable", "zone=1e5", "--variable", "many=[a, 'no']")
    assert (ran.code, ran.err) == (0, "")
    variables = Project(empty.root).tenant("local").connections["legacy-users"].variables
    assert variables == {"zone": "1e5", "many": ["a", "no"]}


def test_without_a_store_an_import_comes_first(empty, local_tenant, reach, api):
    reach(local_tenant)
    options = {"enabledDatabaseCustomization": True, "customScripts": {"login": "function login(a, b, callback) {}"}}
    api("POST", "connections", {"name": "old", "strategy": "auth0", "options": options})
    assert empty.run("init", "--store", "none").code == 0
    assert empty.run("validate", "--all").code == 0
    assert empty.run("lint", "--all").code == 0
    assert empty.run("import", "local").code == 0
    assert "No changes." in empty.run("plan", "local", "--no-lint").out


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), "no store was given. One of: api,"),
        (("--store", "postgers"), "did you mean 'postgres'?"),
        (("--store", "postgres", "--connection", "a_b"), "is no name that Auth0 takes"),
        (("--store", "postgres", "--migration", "slow"), "there is no migration 'slow'"),
        (("--store", "postgres", "--tenant", "dev"), "names no domain"),
        (("--store", "postgres", "--tenant", "local=a.example.com"), "cannot name a tenant here"),
        (("--store", "postgres", "--tenant", "../x=a.example.com"), "cannot name a tenant here"),
        (("--store", "postgres", "--tenant", "dev=https://a.example.com/"), "is no domain"),
        (("--store", "postgres", "--tenant", "a=a.b", "--tenant", "A=a.c"), "cannot name a tenant here"),
        (("--store", "postgres", "--variable", "tabel=x"), "unknown variable 'tabel'"),
        (("--store", "none", "--variable", "table=x"), "without a store"),
        (("--store", "\x1b[31m"), "there are no templates for the store '\\x1b[31m'"),
    ],
)
def test_what_would_not_load_is_refused_before_anything_is_written(empty, arguments, expected):
    ran = empty.run("init", *arguments)
    assert ran.code == 1
    assert expected in ran.err
    assert files_below(empty.root) == {}


def ask(root, answers, *arguments):
    """Run `deployer init` on a terminal of its own, with these lines typed."""
    ours, theirs = pty.openpty()
    program = "from deployer.cli.entry import run; run()"
    try:
        process = subprocess.Popen(
            [sys.executable, "-c", program, "init", *arguments],
            cwd=root,
            env={**os.environ, "TERM": "dumb"},
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        os.write(ours, "".join(f"{line}\n" for line in answers).encode())
        out, _ = process.communicate(timeout=60)
    finally:
        os.close(ours)
        os.close(theirs)
    return process.returncode, out


def test_questions_on_a_terminal(empty):
    answers = ["postgress", "postgres", "", "off", "dev=acme-dev.eu.auth0.com", "", "y"]
    code, out = ask(empty.root, answers)
    assert code == 0, out
    assert "postgres: PostgreSQL, one table of users" in out
    assert "Write one of: api," in out
    tenant = Project(empty.root).tenant("dev")
    assert tenant.domain == "acme-dev.eu.auth0.com"
    assert tenant.connections["legacy-users"].migration == "off"


def test_every_answer_is_looked_at_before_the_next_question(empty):
    answers = [
        "postgres",
        "a_b",
        "users",
        "slow",
        "",
        "local",
        "dev2",
        "https://x",
        "dev2.example.com",
        "dev2=y.example.com",
    ]
    answers += ["prod=no domain", "prod.example.com", "", "maybe", "y"]
    code, out = ask(empty.root, answers)
    assert code == 0, out
    order = [
        "The connection's name [legacy-users]: 'a_b' is no name that Auth0 takes for a connection. Letters,",
        "The connection's name [legacy-users]: Migration",
        "Write one of: off, trickle, complete.",
        "Tenant (an empty line ends): 'local' cannot name a tenant here. Use letters, digits",
        "Tenant (an empty line ends): The domain of dev2: 'https://x' is no domain. A host name alone",
        "The domain of dev2: Tenant (an empty line ends): 'dev2' cannot name a tenant here.",
        "Tenant (an empty line ends): 'no domain' is no domain.",
        "The domain of prod: Tenant (an empty line ends): ",
        "[Y/n]: Type y or n.",
        "wrote tenants/base.yaml",
    ]
    places = [out.find(text) for text in order]
    assert places == sorted(places), (places, out)
    assert -1 not in places, (places, out)
    assert "--" not in out.split("wrote")[0]
    project = Project(empty.root)
    domains = {name: project.tenant(name).domain for name in ("dev2", "prod")}
    assert domains == {"dev2": "dev2.example.com", "prod": "prod.example.com"}
    assert list(project.tenant("dev2").connections) == ["users"]


def test_required_variables_are_asked_for_until_they_fit(empty):
    empty.write("templates/mine/login.js.j2", "function login(a, b, callback) { callback(null, {{ port | js }}); }\n")
    empty.write(
        "templates/mine/template.yaml",
        "description: Mine\nscripts: [login]\nvariables:\n  port: {type: integer, minimum: 1, description: Number}\n",
    )
    code, out = ask(empty.root, ["mine", "", "", "", "", "many", "[1", "0", "5432", ""])
    assert code == 0, out
    for words in ("port (Number): 'port' must be a number", "'port' must be at least 1", "port (Number): port:"):
        assert words in out
    assert "--variable" not in out
    assert Project(empty.root).tenant("local").connections["legacy-users"].variables == {"port": 5432}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--connection", "a_b"), "--connection: 'a_b' is no name"),
        (("--tenant", "dev"), "--tenant dev names no domain"),
        (("--migration", "slow"), "--migration: there is no migration 'slow'"),
        (("--store", "postgres", "--variable", "tabel=x"), "unknown variable 'tabel'"),
    ],
)
def test_wrong_flags_are_said_before_anything_is_asked(empty, arguments, expected):
    code, out = ask(empty.root, [], *arguments)
    assert code == 1
    assert expected in out
    assert "[legacy-users]" not in out
    assert "Where are the users" not in out


def test_ctrl_d_at_a_question_writes_nothing(empty):
    code, out = ask(empty.root, ["postgres", "\x04"])
    assert code == 130
    assert "Interrupted. Nothing was changed." in out
    assert files_below(empty.root) == {}


def test_a_no_writes_nothing(empty):
    code, out = ask(empty.root, ["api", "users", "", "", "n"])
    assert code == 1
    assert "Nothing was written." in out
    assert files_below(empty.root) == {}
