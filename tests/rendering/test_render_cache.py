"""Scripts that were rendered before: the same text as rendering gives, and never one of other values or templates."""

from pathlib import Path
from typing import Any

import pytest

from deployer.errors import DeployerError
from deployer.project import Project
from deployer.rendering import render_cache, scripts
from deployer.rendering.templates import Templates, shipped_templates

LOGIN = "function login(email, password, callback) {{ callback(null, {body}); }}\n"


class Rendering:
    """A project with one store, and how often its scripts were rendered."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.rendered = 0
        self.write("tenants/base.yaml", "connections: {users: {store: own, variables: {a: 1, b: 2}}}\n")
        for name in ("one", "two"):
            self.write(f"tenants/{name}.yaml", f"extends: base\ndomain: {name}.auth0.com\n{CREDENTIALS}")
        monkeypatch.setenv("DEPLOYER_CACHE", str(root / "cache"))
        render = scripts._render_all

        def counting(*given: Any) -> dict[str, str]:
            self.rendered += 1
            return render(*given)

        monkeypatch.setattr(scripts, "_render_all", counting)

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def login(self, body: str) -> None:
        self.write("templates/own/login.js.j2", LOGIN.format(body=body))

    def new(self) -> Templates:
        """The templates as a new command sees them."""
        return Templates(self.root / "templates")

    def script(self, templates: Templates, tenant: str = "one") -> str:
        project = Project(self.root, templates=templates)
        (rendered,) = project.render(project.tenant(tenant)).values()
        return rendered.scripts["login"].source.partition("callback(null, ")[2].partition(");")[0]


CREDENTIALS = "credentials: {client_id: a, client_secret: !env SECRET}\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rendering:
    return Rendering(tmp_path, monkeypatch)


def test_the_next_command_renders_nothing(project: Rendering) -> None:
    project.login("{{ a | js }}")
    assert project.script(project.new()) == "1"
    assert project.rendered == 1
    assert project.script(project.new()) == "1"
    assert project.rendered == 1


def test_tenants_share_what_does_not_name_them(project: Rendering) -> None:
    project.login("{{ a | js }}")
    templates = project.new()
    assert [project.script(templates, name) for name in ("one", "two")] == ["1", "1"]
    assert project.rendered == 1


def test_tenants_do_not_share_what_names_them(project: Rendering) -> None:
    project.login("{{ tenant.name | js }}")
    templates = project.new()
    assert [project.script(templates, name) for name in ("one", "two")] == ['"one"', '"two"']


@pytest.mark.parametrize(
    "body",
    [
        "{% include 'own/part.js.j2' %}",
        "{% import 'own/part.js.j2' as part with context %}{{ part.name() }}",
        "{% from 'own/part.js.j2' import name with context %}{{ name() }}",
        "{% set file = 'own/part.js.j2' %}{% include file %}",
        "{% include ['own/none.js.j2', 'own/part.js.j2'] %}",
        "{% macro inner() %}{{ tenant.name | js }}{% endmacro %}{{ inner() }}",
        "{% for n in [1] %}{% if n %}{{ tenant.name | js }}{% endif %}{% endfor %}",
        "{% set t = tenant %}{{ t.name | js }}",
        "{% call(x) m() %}{{ tenant.name | js }}{% endcall %}{% macro m() %}{{ caller(1) }}{% endmacro %}",
    ],
)
def test_what_a_template_reads_is_found_wherever_it_stands(project: Rendering, body: str) -> None:
    if "macro m" in body:
        body = body[body.index("{% macro") :] + body[: body.index("{% macro")]
    part = "{% macro name() %}{{ tenant.name | js }}{% endmacro %}"
    project.write("templates/own/part.js.j2", part + ("{{ name() }}" if "include" in body else ""))
    project.login(body)
    for _ in range(2):
        templates = project.new()
        assert [project.script(templates, name) for name in ("one", "two")] == ['"one"', '"two"']


def test_a_block_of_a_parent_is_found(project: Rendering) -> None:
    project.write("templates/own/parent.js.j2", LOGIN.format(body="{% block b %}{{ tenant.name | js }}{% endblock %}"))
    project.write("templates/own/login.js.j2", "{% extends 'own/parent.js.j2' %}")
    templates = project.new()
    assert [project.script(templates, name) for name in ("one", "two")] == ['"one"', '"two"']


def test_a_variable_named_as_a_function_counts(project: Rendering) -> None:
    project.login("{{ range | js }}")
    for value in (1, 2):
        project.write("tenants/base.yaml", f"connections: {{users: {{store: own, variables: {{range: {value}}}}}}}\n")
        assert project.script(project.new()) == str(value)


@pytest.mark.parametrize(
    ("first", "then"), [("{x: 1, y: 2}", "{y: 2, x: 1}"), ("1", "true"), ("1", '"1"'), ("1", "1.0")]
)
def test_values_that_merely_equal_are_not_the_same(project: Rendering, first: str, then: str) -> None:
    project.login("{{ a | js }}")
    seen = []
    for value in (first, then):
        project.write("tenants/base.yaml", f"connections: {{users: {{store: own, variables: {{a: {value}}}}}}}\n")
        seen.append(project.script(project.new()))
    assert seen[0] != seen[1]


@pytest.mark.parametrize("change", ["templates/own/part.js.j2", "templates/own/other.js.j2"])
def test_a_changed_or_new_template_is_rendered_anew(project: Rendering, change: str) -> None:
    project.write("templates/own/part.js.j2", "1")
    project.login("{% include ['own/other.js.j2', 'own/part.js.j2'] %}")
    assert project.script(project.new()) == "1"
    project.write(change, "2")
    assert project.script(project.new()) == "2"


def test_other_code_renders_anew(project: Rendering, monkeypatch: pytest.MonkeyPatch) -> None:
    project.login("1")
    project.script(project.new())
    monkeypatch.setattr(render_cache, "_code_digest", lambda: "another version")
    project.script(project.new())
    assert project.rendered == 2


def test_a_template_that_changes_meanwhile_is_not_kept(project: Rendering) -> None:
    project.login("1")
    templates = project.new()
    assert templates.render_cache._digest  # the state that this command begins with
    project.login("2")
    assert project.script(templates) == "2"
    project.login("1")
    assert project.script(project.new()) == "1"


def test_errors_are_told_each_time(project: Rendering) -> None:
    project.login("{{ nothing | js }}")
    for _ in range(2):
        with pytest.raises(DeployerError, match="nothing"):
            project.script(project.new())


def test_a_damaged_cache_is_rendered_anew(project: Rendering) -> None:
    project.login("1")
    project.script(project.new())
    for path in (project.root / "cache" / "scripts").iterdir():
        path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert project.script(project.new()) == "1"
    assert project.rendered == 2


def test_without_a_cache_everything_is_rendered(project: Rendering, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPLOYER_CACHE", "off")
    project.login("1")
    for _ in range(2):
        assert project.script(project.new()) == "1"
    assert project.rendered == 2
    assert not (project.root / "cache").exists()


def test_the_shipped_templates_name_everything_they_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPLOYER_CACHE", "off")
    templates = Templates(shipped_templates())
    families = [*templates.stores(), "guards"]
    roots = [name for family in families for name in templates.template_names(family) if ".js.j2" in name]
    assert len(roots) > 70
    for name in roots:
        names = templates.environment.names_read([name])
        assert names is not None, name
        assert "tenant" not in names, f"{name}: tenants share scripts only as long as no shipped template names them"
