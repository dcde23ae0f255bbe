"""Contract tests of the templates that come with deployer: a project with one connection, and its report."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deployer.rendering.project import Project
from deployer.runtime.contract import ContractReport, run_contract
from deployer.runtime.contract.prepare import contract_subject

# bcrypt of PASSWORD, at a cost that keeps tests short
PASSWORD = "Correct-Horse-1"
PASSWORD_HASH = "$2b$04$YbgL6XVTAx4l1IAm0vl8mugDi3d35zjewvo66lWxyQUKC2Vhw7NDq"

TENANT = """\
domain: test.example.com
credentials: {client_id: !env CLIENT_ID, client_secret: !env CLIENT_SECRET}
connections: %s
"""
USERS = {
    "user": {"email": "ada@example.com", "password": PASSWORD},
    "new_user": {"email": "new@example.com", "password": "Fresh-Password-1"},
    "time_limit": 5,
}


@pytest.fixture
def password_hash() -> str:
    return PASSWORD_HASH


@pytest.fixture
def contract_report(tmp_path: Path, module_cache: Path) -> Callable[..., ContractReport]:
    """A function that tests a connection: its definition, what is in `tests:`, and the names of checks."""

    def run(definition: dict[str, Any], tests: dict[str, Any], *names: str) -> ContractReport:
        connection = {"migration": "trickle", **definition, "tests": {**USERS, **tests}}
        (tmp_path / "tenants").mkdir(exist_ok=True)
        # JSON is YAML.
        (tmp_path / "tenants" / "local.yaml").write_text(TENANT % json.dumps({"legacy-users": connection}))
        project = Project(tmp_path, {})
        subject = contract_subject(project, project.tenant("local"), "legacy-users")
        # All of these stores are the tests' own, so injection strings go into every script.
        subject = replace(subject, disposable=True)
        return asyncio.run(run_contract(subject, cache=module_cache, only=names or None))

    return run


@pytest.fixture
def assert_passed() -> Callable[..., None]:
    """A function that fails with what a report says, unless every check passed but those named as skipped."""

    def check(report: ContractReport, *skipped: str) -> None:
        said = {result.name: result.details or result.reason for result in report.results if result.outcome != "passed"}
        assert set(said) == set(skipped), said

    return check
