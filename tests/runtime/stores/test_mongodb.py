"""The mongodb templates and the real driver, against a server that speaks MongoDB's wire protocol (nx-27017).

MongoDB itself is in none of the package registries that the tests use. nx-27017 keeps documents in SQLite.
"""

import importlib.util
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = [pytest.mark.node, pytest.mark.npm]

DATABASE = "users"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
def mongodb(tmp_path: Path, password_hash: str) -> Iterator[str]:
    """The URL of a database with one user in it."""
    if importlib.util.find_spec("nx_27017") is None:
        pytest.skip("the package nx-27017 is not installed")
    import pymongo
    from pymongo.errors import PyMongoError

    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "nx_27017.nx_27017", "--db", "memory", "--port", str(port),
         "--log-file", str(tmp_path / "log"), "--pid-file", str(tmp_path / "pid")],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=tmp_path,
    )  # fmt: skip
    url = f"mongodb://127.0.0.1:{port}/{DATABASE}"
    client: pymongo.MongoClient = pymongo.MongoClient(url, serverSelectionTimeoutMS=500)
    try:
        users = client[DATABASE]["users"]
        deadline = time.monotonic() + 30
        while True:
            try:
                users.create_index("email", unique=True)
                break
            except PyMongoError:
                assert process.poll() is None, "the server ended"
                assert time.monotonic() < deadline, "the server does not answer"
                time.sleep(0.1)
        users.insert_one({"email": "ada@example.com", "password_hash": password_hash, "email_verified": True})
        yield url
    finally:
        client.close()
        process.terminate()
        process.wait(30)


def test_the_contract_is_kept(contract_report, assert_passed, mongodb):
    report = contract_report(
        {
            "store": "mongodb",
            "variables": {"tls": False, "timeout_ms": 1500, "bcrypt_cost": 10},
            "configuration": {"MONGODB_URL": "mongodb://store.example.com/users"},
            "modules": {"mongodb": "6.21.0", "bcrypt": "6.0.0"},
        },
        {"store": mongodb},
    )
    assert_passed(report)
