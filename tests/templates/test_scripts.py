"""Every rendered script: its syntax, signature, size, and that it is the same every time."""

import json
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from deployer.config.tree import plain
from deployer.config.yaml_source import parse
from deployer.errors import DeployerError
from deployer.rendering.templates import Templates
from deployer.runtime.compile import Code, compile_codes
from deployer.scripts import MAX_SCRIPT_BYTES, SCRIPT_KINDS
from tests.support.paths import ROOT

FOLDER = ROOT / "templates"


def with_context(combination: Any) -> Any:
    """The same combination with `enable_script_context`."""
    options = {**combination.options, "enable_script_context": True}
    return type(combination)(**{**vars(combination), "options": options})


def test_each_script_is_one_named_function_with_auth0s_parameters(combination: Any, render: Any) -> None:
    sources = render(combination).sources
    assert compile_codes([Code(source) for source in sources.values()]) == [None] * len(sources)
    for kind, source in sources.items():
        expected = ", ".join(SCRIPT_KINDS[kind].parameters(with_context=False))
        assert re.findall(r"^function (\w+)\((.*)\) \{$", source, re.MULTILINE) == [
            (SCRIPT_KINDS[kind].function, expected)
        ]
        assert re.search(r"^\}\n\Z", source, re.MULTILINE)


def test_the_context_comes_before_the_callback(combination: Any, render: Any) -> None:
    for kind, source in render(with_context(combination)).sources.items():
        expected = ", ".join(SCRIPT_KINDS[kind].parameters(with_context=True))
        assert f"function {SCRIPT_KINDS[kind].function}({expected}) {{" in source


def test_scripts_are_complete_small_and_the_same_every_time(combination: Any, render: Any) -> None:
    rendered = render(combination)
    expected = {*SCRIPT_KINDS} - {"change_phone_number"}
    if not combination.options.get("requires_username"):
        expected.remove("change_username")
    assert set(rendered.scripts) == expected
    assert rendered.sources == render(combination, again=True).sources
    for source in rendered.sources.values():
        assert len(source.encode()) < MAX_SCRIPT_BYTES // 2
        assert len(source.splitlines()) < 250


def test_scripts_read_well(combination: Any, render: Any) -> None:
    """A person opens them in the Dashboard: no leftovers of the template language, no ragged blank lines."""
    for source in render(combination).sources.values():
        assert "\n\n\n" not in source
        assert not re.search(r"\{\{|\}\}\}|\{%|[ \t]$", source, re.MULTILINE)
        assert "{\n\n" not in source
        assert not re.search(r"\n\n\s*\}", source)


def test_what_scripts_read_and_require_is_what_the_manifest_says(combination: Any, render: Any) -> None:
    rendered = render(combination)
    text = "\n".join(rendered.sources.values())
    keys = set(re.findall(r"configuration(?:\.(\w+)|\[\"(\w+)\"\])", text))
    read = {first or second for first, second in keys}
    extra = {combination.variables["ca_key"]} if combination.variables.get("ca_key") else set()
    assert read == set(rendered.manifest.configuration) | extra
    required = dict(re.findall(r'require\("([^"@]+)@([^"]+)"\)', text))
    assert required.items() <= rendered.modules.items()
    assert set(re.findall(r"require\('(\w+)'\)", text)) <= {"crypto", "util"}


@pytest.mark.node
def test_node_takes_them(store: str, render: Any, run_node: Any) -> None:
    """Tree-sitter forgives some things; Node is what runs them."""
    sources = [*render(store).sources.values(), *render(store, migration="complete").sources.values()]
    assert run_node("output(input.map((source) => typeof new Function(source)));", sources) == ["function"] * len(
        sources
    )


def test_a_finished_migration_asks_the_store_nothing(store: str, render: Any) -> None:
    rendered = render(store, migration="complete")
    for kind in ("login", "get_user"):
        source = rendered.sources[kind]
        assert source.count("callback(null, null);") == 1
        assert "require(" not in source
        assert "configuration" not in source
        assert len(source.splitlines()) < 10


def test_user_ids_begin_with_the_connections_name(combination: Any, render: Any) -> None:
    sources = render(combination).sources
    for kind in ("login", "get_user"):
        assert 'user_id: "legacy-users|" + ' in sources[kind]
    assert 'const prefix = "legacy-users|";' in sources["delete"]


def test_login_and_get_user_share_their_profile(combination: Any, render: Any) -> None:
    sources = render(combination).sources
    profiles = [
        re.search(r"  function toProfile.*?\n  \}\n", sources[kind], re.DOTALL) for kind in ("login", "get_user")
    ]
    assert profiles[0] is not None
    assert profiles[1] is not None
    assert profiles[0].group() == profiles[1].group()


def test_users_who_moved_are_left_out_where_a_column_says_so(render: Any) -> None:
    for store in ("postgres", "mysql", "sqlserver"):
        sources = render(store, variables={"migrated_column": "moved_at"}).sources
        for kind in ("login", "get_user"):
            assert re.search(r"AND .moved_at. IS NULL", sources[kind])
        assert "moved_at" not in "".join(sources[kind] for kind in ("create", "verify", "delete", "change_password"))


@pytest.mark.parametrize(
    ("name", "variables", "what"),
    [
        ("postgres", {"new_password_format": "argon2"}, "need the npm module 'argon2'.*argon2: 0.44.0"),
        ("sqlserver", {"new_password_format": "bcrypt"}, "the npm module 'bcrypt'"),
        ("postgres", {"profile": {"user_id": "id"}}, "'user_id' cannot be mapped"),
        ("mongodb", {"profile": {"email": "mail"}}, "'email' cannot be mapped"),
        ("postgres", {"metadata": {"__proto__": "a"}}, "__proto__"),
        ("postgres", {"profile": {"a.b": "c"}}, "has a dot"),
        ("api", {"profile": ["user_id"]}, "part of every profile"),
    ],
)
def test_variables_that_cannot_work_are_explained(render: Any, name: str, variables: Any, what: str) -> None:
    with pytest.raises(DeployerError, match=what):
        render(name, variables=variables)


def test_usernames_need_their_column(render: Any) -> None:
    with pytest.raises(DeployerError, match="username_column"):
        render("postgres", options={"requires_username": True})


def test_every_store_has_a_readme_with_its_variables(store: str, templates: Templates) -> None:
    manifest = templates.manifest(store)
    text = (FOLDER / store / "README.md").read_text("utf-8")
    for name in [*manifest.variables, *manifest.configuration, *manifest.modules]:
        assert f"`{name}`" in text, name


def test_the_api_description_has_what_the_scripts_call(templates: Templates) -> None:
    description = yaml.safe_load((FOLDER / "api" / "openapi.yaml").read_text("utf-8"))
    variables = templates.manifest("api").variables
    paths = {name: variable.default for name, variable in variables.items() if name.endswith("_path")}
    described = {
        (path, method): operation
        for path, operations in description["paths"].items()
        for method, operation in operations.items()
    }
    for name, path in paths.items():
        key = ("/users/{id}", "delete") if name == "delete_path" else (path, "post")
        assert described.pop(key)["security"][0]["auth0"], name
    assert described == {}
    scopes = description["components"]["securitySchemes"]["auth0"]["flows"]["clientCredentials"]["scopes"]
    used = [
        scope for ops in description["paths"].values() for op in ops.values() for scope in op["security"][0]["auth0"]
    ]
    assert set(used) == set(scopes)
    assert json.dumps(description)  # plain data


def definitions(page: Path) -> Iterator[dict[str, Any]]:
    """The connections that a page shows, whether with all around them or only with their own keys."""
    for block in re.findall(r"^```yaml\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE):
        shown = plain(parse(textwrap.dedent(block), page.name))
        yield from shown["connections"].values() if "connections" in shown else [shown]


def test_every_page_grants_the_scopes_that_the_api_asks_for() -> None:
    description = yaml.safe_load((FOLDER / "api" / "openapi.yaml").read_text("utf-8"))
    wanted = description["components"]["securitySchemes"]["auth0"]["flows"]["clientCredentials"]["scopes"]
    granted = {
        str(page.relative_to(FOLDER)): definition["api"]["scopes"]
        for page in sorted(FOLDER.glob("*/README.md"))
        for definition in definitions(page)
        if "api" in definition
    }
    assert granted == {"api/README.md": wanted, "guards/README.md": wanted}
