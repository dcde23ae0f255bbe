"""Pipelines of a project with three tenants, and a way to run their shell steps as the hosts do."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deployer.pipelines.generate import Host, Options, generate, write_files
from deployer.pipelines.pipeline import read_pipeline
from deployer.project import Project
from tests.support import fake_gh
from tests.support.pipelines import BASE, STORE, TENANT, Finished, load


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """dev, then staging, then prod, and a sandbox that no pipeline can reach."""
    root = tmp_path / "repository"
    (root / "tenants").mkdir(parents=True)
    (root / "tenants/base.yaml").write_text(BASE)
    for name, before in (("prod", "staging"), ("staging", "dev"), ("dev", None)):
        more = f"promote_from: {before}" if before else ""
        text = TENANT.format(name=name, upper=name.upper(), more=more)
        (root / f"tenants/{name}.yaml").write_text(text)
    local = TENANT.format(name="local", upper="LOCAL", more="base_url: !env AUTH0_BASE_URL")
    (root / "tenants/local.yaml").write_text(local)
    return root


@pytest.fixture
def write(repository: Path) -> Callable[..., Path]:
    """Write a host's pipelines into the repository; its folder."""

    def run(host: Host, tenants: list[str] | None = None, **options: Any) -> Path:
        pipeline = read_pipeline(Project(repository), tenants, STORE)
        write_files(repository, generate(host, pipeline, Options(**options)))
        return repository

    return run


@pytest.fixture
def workflow(write: Callable[..., Path]) -> Callable[[str], dict[str, Any]]:
    """One of GitHub's workflows, read."""

    def read(name: str) -> dict[str, Any]:
        return load(write("github") / f".github/workflows/deployer-{name}.yml")

    return read


@pytest.fixture
def shell(tmp_path: Path) -> Callable[..., Finished]:
    """Run a step's script as GitHub does (`bash -e`), with stubs first in PATH, in a folder of its own."""
    stubs = tmp_path / "stubs"
    stubs.mkdir()
    deployer = stubs / "deployer"
    deployer.write_text(
        f"#!{sys.executable}\nimport sys\nfrom deployer.cli.entry import execute\nsys.exit(execute(sys.argv[1:]))\n"
    )
    deployer.chmod(0o755)
    gh = stubs / "gh"
    gh.write_text(f'#!/bin/sh\nexec {sys.executable} {fake_gh.__file__} "$@"\n')
    gh.chmod(0o755)

    def run(script: str, folder: Path, **environment: str) -> Finished:
        assert "${{" not in script, "an expression in a shell is text that others can write"
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "CI_"))}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-c", script],
            cwd=folder,
            env=clean
            | {
                "PATH": f"{stubs}:{Path(sys.executable).parent}:{os.environ['PATH']}",
                "FAKE_GH": str(tmp_path / "gh.json"),
            }
            | environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        return Finished(done.returncode, done.stdout + done.stderr)

    return run
