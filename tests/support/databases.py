"""Runs MariaDB and a server of MongoDB's protocol on loopback ports."""

import socket
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a server to end, and make it end where it does not: some wait for connections that nobody closes."""
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class SqlServer:
    """A database that listens on a loopback port."""

    url: str
    run_sql: Callable[[str], object]


@dataclass(frozen=True)
class MongoServer:
    """A server of MongoDB's wire protocol on a loopback port, and its collections for the tests."""

    url: str
    collection: Callable[[str], Any]
