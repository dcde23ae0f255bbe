"""Manifests: what they may say, and what the variables of a tenant file may be."""

from pathlib import Path
from typing import Any

import pytest

from deployer.config.problems import ConfigError
from deployer.errors import DeployerError
from deployer.rendering.manifest import Manifest, VariablesError
from deployer.rendering.templates import Templates

GOOD = """\
description: A store
usernames: true
direct_database: true
scripts: [login, get_user]
modules: {pg: 8.16.3}
configuration: {PG_URL: the address}
variables:
  table: {type: identifier, description: the table}
  size: {type: integer, default: 5, minimum: 1, maximum: 9, description: how many}
  ratio: {type: number, default: 0.5, description: how much}
  tls: {type: boolean, default: true, description: whether}
  format: {type: choice, choices: [a, b], default: a, description: which}
  formats: {type: list, choices: [a, b], default: [a], description: which}
  names: {type: list, items: identifier, default: [], description: columns}
  profile: {type: map, items: identifier, default: {}, description: columns by attribute}
  fixed: {type: map, keys: identifier, default: {}, description: values by column}
  text: {type: string, default: "", description: any text}
  column: {type: identifier, default: null, description: may be missing}
  other: {type: identifier, default: name, optional: true, description: may be null}
"""


def load_manifest(folder: Path, text: str | bytes) -> Manifest:
    """The manifest of a store in a folder of templates of its own."""
    file = folder / "mine" / "template.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return Templates(folder, folder).manifest("mine")


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    """The good one."""
    return load_manifest(tmp_path, GOOD)


def test_values_are_given_or_default(manifest: Manifest) -> None:
    values = manifest.values({"table": "app.users", "size": 7, "other": None}, store="postgres")
    assert values["table"] == "app.users"
    assert (values["size"], values["ratio"], values["column"], values["other"]) == (7, 0.5, None, None)
    assert list(values) == list(manifest.variables)


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("table", "a; DROP TABLE", "table or column"),
        ("table", "", "table or column"),
        ("table", None, "must not be empty"),
        ("table", 1, "table or column"),
        ("size", 0, "at least 1"),
        ("size", 10, "at most 9"),
        ("size", "5", "must be a number"),
        ("size", True, "must be a number"),
        ("size", 1.5, "whole number"),
        ("ratio", "x", "must be a number"),
        ("ratio", float("nan"), "must be a number"),
        ("tls", "yes", "true or false"),
        ("tls", 1, "true or false"),
        ("format", "c", "one of a, b"),
        ("format", ["a"], "one of a, b"),
        ("formats", ["c"], "a, b only"),
        ("formats", "a", "must be a list"),
        ("names", ["a'b"], "table or column"),
        ("names", ["a"] * 201, "more than 200"),
        ("profile", {"name": "a'b"}, "'name' a value"),
        ("profile", ["a"], "must be a mapping"),
        ("profile", {1: "a"}, "no plain text"),
        ("fixed", {"a'b": "x"}, "a key that must be the name"),
        ("text", 1, "must be text"),
        ("text", "x" * 2001, "longer than 2,000"),
        ("column", 3, "table or column"),
    ],
)
def test_wrong_values_are_refused(manifest: Manifest, name: str, value: Any, what: str) -> None:
    with pytest.raises(VariablesError, match=what) as caught:
        manifest.values({"table": "users", name: value}, store="postgres")
    assert set(caught.value.problems) == {name}
    assert "variables of store 'postgres'" in str(caught.value)


def test_all_that_is_wrong_is_said_at_once(manifest: Manifest) -> None:
    with pytest.raises(VariablesError) as caught:
        manifest.values({"tabel": "users", "size": 0}, store="postgres")
    text = str(caught.value)
    assert "unknown variable 'tabel'" in text
    assert "did you mean 'table'?" in text
    assert "'size' must be at least 1" in text
    assert "'table' is missing (the table)" in text
    assert list(caught.value.problems) == ["tabel", "size", "table"]


def test_a_wrong_value_is_not_repeated(manifest: Manifest) -> None:
    with pytest.raises(VariablesError) as caught:
        manifest.values({"table": "users", "size": "hunter2-secret", "tls": "hunter2-secret"}, store="postgres")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "what", "line"),
    [
        (("type: boolean", "type: bool"), "variables.tls.type", 11),
        (("default: 5", "default: 50"), "`default` must be at most 9", 9),
        (("choices: [a, b], default: a,", "default: a,"), "needs it", 12),
        (("scripts: [login, get_user]", "scripts: [login, getuser]"), "did you mean 'get_user'", 4),
        (("scripts: [login, get_user]", "scripts: [login, login]"), "twice", 4),
        (("scripts: [login, get_user]", "scripts: []"), "scripts", 4),
        (("pg: 8.16.3", "pg: ^8.16.3"), "exact version", 5),
        (("pg: 8.16.3", "pg: 8.16"), "exact version", 5),
        (("pg: 8.16.3", '"pg;rm": 8.16.3'), "is not a name", 5),
        (("PG_URL", "PG-URL"), "is not a name", 6),
        (("table: {", "Table: {"), "is not a name", 7),
        (("table: {", "connection: {"), "use for something else", 7),
        (("description: A store", "descripton: A store"), "did you mean 'description'", 1),
        (("minimum: 1", "minimun: 1"), "did you mean 'minimum'", 9),
        ((", description: how many", ""), "'variables.size.description' is missing", 9),
        (("usernames: true", "usernames: maybe"), "usernames", 2),
    ],
)
def test_mistakes_have_their_place(tmp_path: Path, change: tuple[str, str], what: str, line: int) -> None:
    assert change[0] in GOOD
    with pytest.raises(ConfigError) as caught:
        load_manifest(tmp_path, GOOD.replace(*change, 1))
    assert what in str(caught.value)
    assert f"template.yaml:{line}:" in str(caught.value)


def test_a_manifest_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(DeployerError, match="not UTF-8 at byte 0"):
        load_manifest(tmp_path, b"\xff\xff")
    with pytest.raises(DeployerError, match=r"templates/mine/template.yaml: the file is larger than 100,000 bytes"):
        load_manifest(tmp_path, GOOD + "# " + "x" * 100_000)


def test_a_manifest_outside_of_the_folder_is_not_read(tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text(GOOD)
    folder = tmp_path / "templates"
    (folder / "mine").mkdir(parents=True)
    (folder / "mine" / "template.yaml").symlink_to(outside)
    with pytest.raises(DeployerError, match="a link that leads out"):
        Templates(folder, folder).manifest("mine")


@pytest.mark.parametrize("text", ["", "[]", "a: !!python/object:os.system {}", "a: 1\na: 2", "{{{"])
def test_what_is_no_manifest_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(DeployerError):
        load_manifest(tmp_path, text)
