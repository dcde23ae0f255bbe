"""Contract tests of the templates that come with deployer: a project with one connection, and its report."""

import asyncio
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deployer.project import Project
from deployer.runtime.contract import ContractReport, run_contract
from deployer.runtime.contract.prepare import contract_subject
from tests.support.databases import MongoServer, SqlServer, end, free_port

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


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[SqlServer]:
    """A MariaDB of this worker, in a folder of its own."""
    server = shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin")
    if server is None:
        pytest.skip("mariadb-server is not installed")
    # Not below pytest's own folder, which another user may not enter; and a socket's path must be short.
    folder = Path(subprocess.check_output(["mktemp", "-d", "/tmp/mariadb-XXXXXX"], text=True).strip())
    user = ["--user=mysql"] if os.geteuid() == 0 else []
    if user:
        shutil.chown(folder, "mysql")
    data, sock = folder / "data", folder / "s"
    subprocess.run(
        ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal",
         "--skip-test-db", *user],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    port = free_port()
    process = subprocess.Popen(
        [server, "--no-defaults", f"--datadir={data}", f"--socket={sock}", f"--port={port}", f"--pid-file={folder}/pid",
         "--bind-address=127.0.0.1", "--innodb-flush-log-at-trx-commit=0", "--skip-name-resolve", *user],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    client = ["mariadb", "--no-defaults", "--default-character-set=utf8mb4", f"--socket={sock}", "--user=root"]

    def run_sql(sql: str, *database: str) -> str:
        done = subprocess.run([*client, *database], input=sql, text=True, capture_output=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    try:
        deadline = time.monotonic() + 60
        while subprocess.run([*client, "-e", "SELECT 1"], capture_output=True, check=False).returncode != 0:
            assert process.poll() is None, "mariadbd ended"
            assert time.monotonic() < deadline, "mariadbd does not answer"
            time.sleep(0.1)
        run_sql(
            "CREATE DATABASE store CHARACTER SET utf8mb4;"
            "CREATE USER 'store'@'%' IDENTIFIED BY 'store-password';"
            "GRANT ALL ON store.* TO 'store'@'%';"
        )
        url = f"mysql://store:store-password@127.0.0.1:{port}/store"
        yield SqlServer(url, lambda sql: run_sql(sql, "store"))
    finally:
        end(process)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def mongodb_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoServer]:
    """An nx-27017 of this worker."""
    if importlib.util.find_spec("nx_27017") is None:
        pytest.skip("the package nx-27017 is not installed")
    import pymongo
    from pymongo.errors import PyMongoError

    port, folder, database = free_port(), tmp_path_factory.mktemp("mongodb"), "users"
    process = subprocess.Popen(
        [sys.executable, "-m", "nx_27017.nx_27017", "--db", "memory", "--port", str(port),
         "--log-file", str(folder / "log"), "--pid-file", str(folder / "pid")],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder,
    )  # fmt: skip
    url = f"mongodb://127.0.0.1:{port}/{database}"
    client: pymongo.MongoClient = pymongo.MongoClient(url, serverSelectionTimeoutMS=500)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                client[database]["ready"].insert_one({})
                break
            except PyMongoError:
                assert process.poll() is None, "the server ended"
                assert time.monotonic() < deadline, "the server does not answer"
                time.sleep(0.1)
        yield MongoServer(url, lambda name: client[database][name])
    finally:
        client.close()
        end(process)
