"""The PostgreSQL that contract tests start: seeded, confined, gone afterwards."""

import asyncio
import ssl
import struct
from pathlib import Path

import pytest

from deployer.errors import DeployerError
from deployer.runtime.stores.embedded import EmbeddedPostgres

pytestmark = pytest.mark.postgres


async def startup(socket, *, tls, trusted=None, gss=False):
    """What PostgreSQL answers to a client that begins, with TLS or without: its first byte, `R` for "who are you?"."""
    reader, writer = await asyncio.open_unix_connection(str(socket))
    try:
        if gss:
            writer.write(struct.pack("!ii", 8, 80877104))
            assert await reader.readexactly(1) == b"N"
        if tls:
            writer.write(struct.pack("!ii", 8, 80877103))
            assert await reader.readexactly(1) == b"S"
            context = ssl.create_default_context(cafile=trusted)
            await writer.start_tls(context, server_hostname="127.0.0.1")
        words = b"user\0store\0database\0store\0\0"
        writer.write(struct.pack("!ii", 8 + len(words), 196608) + words)
        return await reader.readexactly(1)
    finally:
        writer.transport.abort()


def test_tls_and_plain_connections():
    async def run():
        async with EmbeddedPostgres() as store:
            folder = store.certificate.parent
            assert sorted(file.name for file in folder.glob("store*")) == ["store.pem"], "the key is left in no file"
            for gss in (False, True):
                assert await startup(store.socket, tls=False, gss=gss) == b"R"
                assert await startup(store.socket, tls=True, trusted=store.certificate, gss=gss) == b"R"
            with pytest.raises(ssl.SSLCertVerificationError):
                await startup(store.socket, tls=True)
            # A refused handshake is the client's own trouble: the next one is served.
            assert await startup(store.socket, tls=True, trusted=store.certificate) == b"R"

    asyncio.run(run())


def test_seed_and_end():
    async def run():
        async with EmbeddedPostgres(seed_sql="CREATE TABLE t (a int); INSERT INTO t VALUES (7);") as store:
            assert store.socket.exists()
            assert store.run_sql("SELECT a FROM t;").strip() == "7"
            folder = store._folder
            # The role of seed and scripts owns its database and nothing else.
            for sql in (
                "COPY t TO PROGRAM 'id';",
                "COPY t FROM '/etc/passwd';",
                "SELECT pg_read_file('/etc/passwd');",
                "CREATE ROLE other SUPERUSER;",
                r"\! id",
                r"\copy t from program 'id'",
            ):
                with pytest.raises(DeployerError):
                    store.run_sql(sql)
            with pytest.raises(DeployerError, match="password authentication failed"):
                store._psql("SELECT 1;", "postgres", "postgres", "a guess")
        return folder

    folder = asyncio.run(run())
    assert isinstance(folder, Path)
    assert not folder.exists()
