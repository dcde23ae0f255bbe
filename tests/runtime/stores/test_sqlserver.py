"""The sqlserver templates on a stand-in driver: there is no SQL Server here. Their statements run on SQLite.

What this cannot show: TLS to SQL Server, and what its own parser and its collations make of the statements.
"""

import base64
import hashlib
import json
import sqlite3
import struct
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from deployer.digests import digest

pytestmark = [pytest.mark.node]

MODULES = {"mssql": "11.0.1"}
SCHEMA = """
CREATE TABLE AspNetUsers (
  Id TEXT PRIMARY KEY, Email TEXT NOT NULL, NormalizedEmail TEXT NOT NULL UNIQUE, UserName TEXT,
  NormalizedUserName TEXT UNIQUE, PasswordHash TEXT, EmailConfirmed INTEGER NOT NULL, SecurityStamp TEXT,
  PhoneNumberConfirmed INTEGER, TwoFactorEnabled INTEGER, LockoutEnabled INTEGER, AccessFailedCount INTEGER
);
"""


def identity_hash(password: str) -> str:
    """A hash as ASP.NET Core Identity 3 writes it, of few rounds."""
    salt, rounds = b"0123456789abcdef", 1000
    key = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, rounds, 32)
    return base64.b64encode(b"\x01" + struct.pack(">III", 2, rounds, len(salt)) + salt + key).decode()


class Statements(BaseHTTPRequestHandler):
    """Runs one statement per request on the server's database."""

    def do_POST(self) -> None:
        wanted = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server = self.server
        assert isinstance(server, Database)
        with server.lock:
            try:
                cursor = server.database.execute(wanted["sql"], wanted["parameters"])
                names = [column[0] for column in cursor.description or []]
                rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
                answer = {"rows": rows, "count": max(cursor.rowcount, 0)}
                server.database.commit()
            except sqlite3.IntegrityError as error:
                answer = {"error": str(error), "number": 2627}
            except sqlite3.Error as error:
                answer = {"error": str(error), "number": 102}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class Database(ThreadingHTTPServer):
    """SQLite behind HTTP on a loopback port."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Statements)
        self.lock = threading.Lock()
        self.database = sqlite3.connect(":memory:", check_same_thread=False)
        self.database.executescript(SCHEMA)


@pytest.fixture
def sqlserver() -> Iterator[str]:
    """A connection string for the stand-in."""
    with Database() as server:
        values = ("7b2c", "ada@example.com", "ADA@EXAMPLE.COM", "ada@example.com", "ADA@EXAMPLE.COM")
        server.database.execute(
            "INSERT INTO AspNetUsers"
            " (Id, Email, NormalizedEmail, UserName, NormalizedUserName, PasswordHash, EmailConfirmed)"
            " VALUES (?, ?, ?, ?, ?, ?, 1)",
            (*values, identity_hash("Correct-Horse-1")),
        )
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"Server=127.0.0.1,{server.server_address[1]};Database=users;User Id=u;Password=p;Encrypt=false"
        server.shutdown()


@pytest.fixture
def module_cache(tmp_path: Path) -> Path:
    """A module cache in which the pinned mssql is the stand-in."""
    folder = tmp_path / "modules" / digest(MODULES).removeprefix("sha256:")[:32]
    package = folder / "node_modules" / "mssql"
    package.mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"name": "mssql", "version": "11.0.1", "main": "index.js"}))
    (package / "index.js").write_text((Path(__file__).parent / "mssql_stand_in.js").read_text())
    (folder / "installed.json").write_text(json.dumps({"modules": MODULES, "addons": False}))
    return tmp_path / "modules"


def test_the_contract_is_kept(contract_report, assert_passed, sqlserver):
    report = contract_report(
        {
            "store": "sqlserver",
            "variables": {"tls": False, "timeout_ms": 1500},
            "configuration": {"MSSQL_URL": "Server=store.example.com,1433"},
            "modules": MODULES,
        },
        {"store": sqlserver},
    )
    assert_passed(report, "inactive")
