"""Families of templates that extend each other: whose scripts and manifest entries count, and what is refused."""

from pathlib import Path

import pytest

from deployer.config.problems import ConfigError
from deployer.errors import DeployerError
from deployer.linting.tenant_inputs import connection_input
from deployer.planning.ingredients import ingredients_of
from deployer.project import Project
from deployer.releases.missing_templates import without_templates
from deployer.releases.release import build_release
from deployer.releases.unpacked import release_project
from deployer.rendering.families import MAX_CHAIN
from deployer.rendering.manifest import Manifest
from deployer.rendering.templates import Templates
from tests.support.paths import ROOT

LOGIN = """\
{% import "./store.js.j2" as store with context %}
function login(email, password, callback) {
  callback(null, {{ store.call(size) }});
}
"""
STORE = "{% macro call(value) %}'NAME ' + {{ value | js }}{% endmacro %}"
BASE = """\
description: Base
scripts: [login]
modules: {pg: 8.16.3}
configuration: {URL: the address}
variables:
  size: {type: integer, default: 5, minimum: 1, description: how many}
  gone: {type: string, default: a, description: not for everybody}
"""
CHILD = """\
extends: bases/one
configuration: {KEY: a secret}
variables:
  size: {default: 7}
  gone: !remove
  more: {type: boolean, default: false, description: whether}
"""


class Made:
    """A project's templates over those of a tool."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.tool = root / "tool" / "templates"
        self.tool.mkdir(parents=True)
        self.write("tenants/local.yaml", TENANT.format(store="mine"))
        self.write("tool/templates/bases/one/template.yaml", BASE)
        self.write("tool/templates/bases/one/login.js.j2", LOGIN)
        self.write("tool/templates/tools/template.yaml", "extends: bases/one\n")
        self.write("tool/templates/tools/store.js.j2", STORE.replace("NAME", "tools"))

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    @property
    def templates(self) -> Templates:
        return Templates(self.root / "templates", self.tool)

    @property
    def project(self) -> Project:
        return Project(self.root, {}, templates=self.templates)

    def manifest(self, text: str) -> Manifest:
        self.write("templates/mine/template.yaml", text)
        return self.templates.manifest("mine")

    def login(self, store: str = "mine") -> str:
        self.write("tenants/local.yaml", TENANT.format(store=store))
        project = self.project
        return project.render(project.tenant("local"))["users"].sources["login"]


TENANT = """\
domain: acme.eu.auth0.com
credentials: {{client_id: a, client_secret: !env SECRET}}
connections: {{users: {{store: {store}}}}}
"""


@pytest.fixture
def made(tmp_path, monkeypatch):
    monkeypatch.setenv("DEPLOYER_CACHE", str(tmp_path / "cache"))
    return Made(tmp_path)


def test_a_manifest_merges_over_that_of_its_parent(made):
    manifest = made.manifest(CHILD)
    assert (manifest.description, manifest.scripts, dict(manifest.modules)) == ("Base", ("login",), {"pg": "8.16.3"})
    assert manifest.configuration == {"URL": "the address", "KEY": "a secret"}
    assert list(manifest.variables) == ["size", "more"]
    size = manifest.variables["size"]
    assert (size.default, size.minimum, size.description) == (7, 1, "how many")


def test_a_script_that_is_not_overridden_is_the_parents_with_the_childs_store(made):
    made.manifest("extends: tools\ndescription: Mine\n")
    assert "callback(null, 'tools ' + 5)" in made.login()
    assert made.login().startswith("// Managed by deployer: connection users, script login, template templates/mine/")
    made.write("templates/mine/store.js.j2", STORE.replace("NAME", "mine"))
    assert "callback(null, 'mine ' + 5)" in made.login()
    assert "callback(null, 'tools ' + 5)" in made.login("tools")
    made.write("templates/mine/login.js.j2", "function login(email, password, callback) { callback(null); }\n")
    assert "callback(null);" in made.login()


def test_a_project_overrides_a_family_of_the_tool_for_all_that_extend_it(made):
    made.manifest("extends: tools\n")
    made.write("templates/tools/store.js.j2", STORE.replace("NAME", "ours"))
    assert "callback(null, 'ours ' + 5)" in made.login()
    made.write("templates/bases/one/login.js.j2", "function login(email, password, callback) { callback(null); }\n")
    assert "callback(null);" in made.login("tools")


def test_a_manifest_of_the_project_without_a_parent_leaves_the_tools_templates_their_own(made):
    """As before families: a project's template.yaml replaces the tool's, and its templates go on standing below."""
    made.write("templates/tools/template.yaml", BASE.replace("default: 5", "default: 9"))
    assert "callback(null, 'tools ' + 9)" in made.login("tools")
    project = made.project
    with release_project(build_release(project, project.tenant("local")), project, "local") as released:
        assert released.render(released.tenant("local"))["users"].sources["login"] == made.login("tools")


@pytest.mark.parametrize(
    ("manifest", "what"),
    [
        (
            "extends: mine\n",
            r"mine/template.yaml:1:10: `extends` goes in a circle: mine extends mine. A family of another",
        ),
        ("extends: other\n", "goes in a circle: mine extends other extends mine"),
        ("extends: tols\n", r"there is no family 'tols' to extend. It would be in templates/tols/"),
        ("extends: ../outside\n", "`extends` leads out of templates/"),
        ("extends: /etc\n", "`extends` leads out of templates/"),
        ("extends: bases\\one\n", "`extends` leads out of templates/"),
        ("extends: [tools]\n", "names one family by its folder"),
        ("extends: ''\n", "names one family by its folder"),
        (f"extends: {'x' * 300}\n", "names one family by its folder"),
        ("extends: link\n", "there is no family 'link' to extend|leads out of templates"),
        ("extends: deep0\n", rf"chains more than {MAX_CHAIN} families"),
        ("extends: tools\nvariables:\n  table: !remove\n", "there is no inherited 'table' to remove"),
        (
            "extends: tools\nvariables: {size: {default: 0}}\n",
            r"mine/template.yaml:2:\d+: 'variables.size' `default` must",
        ),
        ("extends: tools\nvariables: {size: {minimun: 0}}\n", "did you mean 'minimum'"),
        ('extends: "to\\u001b[31mols"\n', r"there is no family 'to\\x1b\[31mols'"),
    ],
)
def test_what_cannot_be_extended_is_refused_with_its_place(made, manifest, what):
    made.write("templates/other/template.yaml", "extends: mine\n")
    made.write("outside/template.yaml", BASE)
    (made.root / "templates" / "link").symlink_to(made.root / "outside")
    for number in range(MAX_CHAIN):
        made.write(f"templates/deep{number}/template.yaml", f"extends: deep{number + 1}\n")
    with pytest.raises(DeployerError, match=what) as caught:
        made.manifest(manifest)
    assert "\x1b" not in str(caught.value)
    with pytest.raises(DeployerError, match=what):
        made.login()


def test_a_mistake_in_a_parent_is_told_with_the_parents_file(made):
    made.write("tool/templates/bases/one/template.yaml", BASE.replace("type: integer", "type: whole"))
    with pytest.raises(ConfigError, match=r"templates/bases/one/template.yaml:6:\d+: 'variables.size.type'"):
        made.manifest("extends: tools\n")


def test_errors_and_findings_name_the_line_of_the_parents_file(made):
    made.manifest("extends: tools\n")
    project = made.project
    tenant = project.tenant("local")
    subject = connection_input(tenant, project.render(tenant)["users"], made.root, templates=project.templates)
    place = subject.scripts["login"].written(5, 1)  # behind the two lines of the header and an empty import
    assert (place.file, place.line) == ("templates/bases/one/login.js.j2", 4)
    for broken, line in (("{{ nothing | js }}", 3), ("{% if %}", 3)):
        made.write("tool/templates/bases/one/login.js.j2", LOGIN.replace("  callback(", f"{broken} callback("))
        with pytest.raises(DeployerError, match=rf"templates/bases/one/login.js.j2:{line}"):
            made.login()


def test_the_cache_of_scripts_knows_what_is_extended(made):
    made.write("tool/templates/bases/two/template.yaml", BASE.replace("default: 5", "default: 6"))
    made.write("tool/templates/bases/two/login.js.j2", LOGIN.replace("callback(null", "callback(false"))
    made.manifest("extends: tools\n")
    assert "callback(null, 'tools ' + 5)" in made.login()
    assert "callback(null, 'tools ' + 5)" in made.login()
    made.write("tool/templates/tools/template.yaml", "extends: bases/two\n")
    assert "callback(false, 'tools ' + 6)" in made.login()
    made.write("tool/templates/tools/login.js.j2", LOGIN.replace("callback(null", "callback(true"))
    assert "callback(true, 'tools ' + 6)" in made.login()


def test_a_release_has_everything_that_is_extended(made):
    made.manifest("extends: tools\n")
    expected = made.login()
    project = made.project
    release = build_release(project, project.tenant("local"))
    for name in ("mine/template.yaml", "tools/template.yaml", "tools/store.js.j2", "bases/one/login.js.j2"):
        assert f"templates/{name}" in release.files
    with release_project(release, project, "local") as released:
        assert released.render(released.tenant("local"))["users"].sources["login"] == expected
    own = project.tenants.values("local")
    assert without_templates(own, release) == {}
    partial = type(release)({name: text for name, text in release.files.items() if "/bases/" not in name})
    lacking = type(release)({name: text for name, text in partial.files.items() if "tools/store" not in name})
    assert without_templates(own, lacking) == {"connection.users": "the store mine"}


def test_what_a_change_comes_from_is_known_of_parents(made):
    made.manifest("extends: tools\n")

    def template() -> str | None:
        project = made.project
        tenant = project.tenant("local")
        rendered = project.render(tenant)
        return ingredients_of(tenant, "d", rendered, {}, project.templates)["connection.users"].template

    before = template()
    assert template() == before
    made.write("tool/templates/bases/one/login.js.j2", LOGIN + "// changed\n")
    changed = template()
    assert changed != before
    made.write("tool/templates/bases/one/template.yaml", BASE + "  new: {type: string, default: a, description: b}\n")
    assert template() not in (before, changed)


def test_a_script_that_includes_shared_sql_brings_its_own_store(made):
    shipped = ROOT / "templates"
    made.write("templates/postgres/verify.js.j2", INCLUDING)
    made.write("templates/custom/verify.js.j2", INCLUDING)
    templates = Templates(made.root / "templates", shipped)
    made.write("tenants/local.yaml", TENANT.format(store="postgres"))
    project = Project(made.root, {}, templates=templates)
    own = project.render(project.tenant("local"))["users"].sources["verify"]
    made.write("tenants/local.yaml", TENANT.format(store="postgres, scripts: {verify: custom/verify.js.j2}"))
    custom = project.render(Project(made.root, {}, templates=templates).tenant("local"))["users"].sources["verify"]
    plain = Project(made.root / "none", {}, templates=Templates(made.root / "none", shipped))
    made.write("none/tenants/local.yaml", TENANT.format(store="postgres"))
    assert own == plain.render(plain.tenant("local"))["users"].sources["verify"]
    assert custom.partition("\n")[2] == own.partition("\n")[2]


def test_a_family_of_shared_sql_needs_a_store_of_its_own(made):
    shipped = ROOT / "templates"
    made.write("templates/mine/template.yaml", "extends: shared/sql\n")
    project = Project(made.root, {}, templates=Templates(made.root / "templates", shipped))
    with pytest.raises(DeployerError, match=r"a family that extends shared/sql needs a store.js.j2 of its own"):
        project.render(project.tenant("local"))


INCLUDING = """\
{% import "postgres/store.js.j2" as store with context %}
{% include "shared/sql/verify.js.j2" %}
"""
