"""Pinned npm modules: only exact pins, installed once, found again without npm."""

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from deployer.errors import DeployerError
from deployer.runtime import modules as subject
from deployer.runtime import node as nodes
from deployer.runtime.calls import ScriptCall
from deployer.runtime.modules import install_modules
from deployer.runtime.node import Node, find_node
from deployer.runtime.runtime import Runtime

PIN = {"is-odd": "3.0.1"}


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("pg", "^8.0.0"),
        ("pg", "latest"),
        ("pg", "*"),
        ("pg", "file:../x"),
        ("pg", "https://example.com/x.tgz"),
        ("pg", "git+ssh://git@example.com/x.git"),
        ("pg", "8.16"),
        ("pg", ""),
        ("../pg", "8.16.3"),
        ("pg/../../x", "8.16.3"),
        ("--global", "8.16.3"),
        ("PG", "8.16.3"),
        ("", "8.16.3"),
    ],
)
def test_only_exact_pins(tmp_path, name, version):
    with pytest.raises(DeployerError):
        install_modules({name: version}, find_node(), cache=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_no_modules_need_no_npm(tmp_path):
    assert install_modules({}, find_node(), cache=tmp_path) is None


def test_without_npm(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda *_args, **_more: None)
    monkeypatch.setattr(nodes, "_from_wheel", lambda: None)
    with pytest.raises(DeployerError, match="no npm on this machine"):
        install_modules(PIN, Node(Path("/nowhere/bin/node"), (20, 0, 0)), cache=tmp_path)


@pytest.mark.npm
def test_installed_once_and_private(tmp_path, monkeypatch):
    monkeypatch.setenv("CANARY_OF_THE_PARENT", "sings")
    node = find_node()
    first = install_modules(PIN, node, cache=tmp_path)
    assert first is not None
    assert (first.names, first.addons) == (("is-odd",), False)
    assert stat.S_IMODE(first.folder.stat().st_mode) == 0o700
    monkeypatch.setattr(subject, "_run_npm", lambda *_: pytest.fail("npm ran again"))
    assert install_modules(PIN, node, cache=tmp_path) == first


@pytest.mark.npm
def test_a_script_requires_only_what_is_pinned(tmp_path, call_script):
    """is-odd brings is-number along: that is its own affair."""
    source = "function login(u, p, callback) { callback(null, [require('is-odd')(3), require('is-odd@3.0.1')(2)]); }"
    assert call_script(source, modules=PIN, cache=tmp_path).value == [True, False]
    result = call_script("function login() { require('is-number'); }", modules=PIN, cache=tmp_path)
    assert result.error.code == "MODULE_NOT_FOUND"
    assert "(is-odd)" in result.error.message


@pytest.mark.npm
def test_processes_share_one_installation(tmp_path):
    code = (
        "import sys, pathlib\n"
        "from deployer.runtime.modules import install_modules\n"
        "from deployer.runtime.node import find_node\n"
        "print(install_modules({'is-odd': '3.0.1'}, find_node(), cache=pathlib.Path(sys.argv[1])).folder)\n"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    folders = {process.communicate(timeout=120)[0].strip() for process in started}
    assert len(folders) == 1
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == [os.path.basename(folders.pop())]  # noqa: PTH119


@pytest.mark.npm
def test_a_version_that_does_not_exist(tmp_path):
    with pytest.raises(DeployerError, match="npm could not install"):
        install_modules({"is-odd": "99.99.99"}, find_node(), cache=tmp_path)
    assert not [path for path in tmp_path.iterdir() if (path / "installed.json").exists()]


@pytest.mark.node
def test_modules_run_in_the_scripts_realm(tmp_path):
    """A pinned module has the scripts' globals, not Node's; modules that are denied only pretend."""
    import asyncio

    from deployer.digests import digest

    pins = {"probe": "1.0.0"}
    package = tmp_path / digest(pins).removeprefix("sha256:")[:32] / "node_modules" / "probe"
    package.mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"name": "probe", "version": "1.0.0"}))
    (package / "index.js").write_text(
        "const { spawn } = require('child_process'); const { isMainThread } = require('worker_threads');\n"
        "exports.seen = [process.env, isMainThread, [] instanceof Array, new Error('x') instanceof Error];\n"
        "exports.spawn = () => spawn('id'); exports.exists = require('fs').existsSync('/etc/passwd');\n"
        "exports.dynamic = () => import('node:path').then((m) => m.basename('/a/b'));\n"
        "exports.outside = () => require('../../../other.js');\n"
    )
    (package.parent.parent / "installed.json").write_text(json.dumps({"modules": pins, "addons": False}))

    async def run(body: str):
        async with Runtime(containers=1, modules=pins, cache=tmp_path) as runtime:
            source = f"function login(u, p, callback) {{ const probe = require('probe'); {body} }}"
            return await runtime.call(ScriptCall(source, "login", ("a", "b")))

    assert asyncio.run(run("callback(null, probe.seen);")).value == [{}, True, True, True]
    assert asyncio.run(run("callback(null, probe.exists);")).value is False
    assert asyncio.run(run("probe.dynamic().then((v) => callback(null, v), callback);")).value == "b"
    assert asyncio.run(run("probe.spawn();")).error.code == "ERR_ACCESS_DENIED"
    assert asyncio.run(run("probe.outside();")).outcome == "error"
