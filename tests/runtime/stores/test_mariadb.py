"""The mysql templates on a real MariaDB: Debian's mariadb-server, started on a free port in a folder of its own."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = [pytest.mark.node, pytest.mark.npm, pytest.mark.mariadb]

SEED = """
CREATE DATABASE store;
CREATE USER 'store'@'%%' IDENTIFIED BY 'store-password';
GRANT ALL ON store.* TO 'store'@'%%';
USE store;
CREATE TABLE users (
  id int AUTO_INCREMENT PRIMARY KEY,
  email varchar(255) NOT NULL UNIQUE,
  password_hash varchar(255) NOT NULL,
  email_verified boolean NOT NULL DEFAULT false
);
INSERT INTO users (email, password_hash, email_verified) VALUES ('ada@example.com', '%s', true);
"""


def free_port() -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def mariadb(tmp_path_factory: pytest.TempPathFactory, password_hash: str) -> Iterator[str]:
    """The URL of a seeded MariaDB."""
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
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    port = free_port()
    process = subprocess.Popen(
        [server, "--no-defaults", f"--datadir={data}", f"--socket={sock}", f"--port={port}", f"--pid-file={folder}/pid",
         "--bind-address=127.0.0.1", "--innodb-flush-log-at-trx-commit=0", "--skip-name-resolve", *user],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        client = ["mariadb", "--no-defaults", f"--socket={sock}", "--user=root"]
        deadline = time.monotonic() + 30
        while subprocess.run([*client, "-e", "SELECT 1"], capture_output=True).returncode != 0:
            assert process.poll() is None, "mariadbd ended"
            assert time.monotonic() < deadline, "mariadbd does not answer"
            time.sleep(0.1)
        subprocess.run(client, input=SEED % password_hash, text=True, check=True, capture_output=True, timeout=30)
        yield f"mysql://store:store-password@127.0.0.1:{port}/store"
    finally:
        process.terminate()
        process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def test_the_contract_is_kept(contract_report, assert_passed, mariadb):
    report = contract_report(
        {
            "store": "mysql",
            "variables": {"tls": False, "timeout_ms": 1500, "bcrypt_cost": 10},
            "configuration": {"MYSQL_URL": "mysql://nobody@store.example.com/users"},
            "modules": {"mysql2": "3.15.3", "bcrypt": "6.0.0"},
        },
        {"store": mariadb},
    )
    assert_passed(report)
