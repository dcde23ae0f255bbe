"""The PostgreSQL that contract tests start: seeded, confined, gone afterwards."""

import asyncio
from pathlib import Path

import pytest

from deployer.errors import DeployerError
from deployer.runtime.stores.embedded import EmbeddedPostgres

pytestmark = pytest.mark.postgres


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
