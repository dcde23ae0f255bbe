"""Gives every test its doors: the command line, a project in a folder of its own, and a local tenant."""

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from deployer.sandbox.server import LocalTenant
from deployer.sandbox.tenant import Behaviour
from tests.support.command_line import Project
from tests.support.compiled_templates import compiled_once
from tests.support.definitions import CANARY, SCRIPTS_URL
from tests.support.examples import set_exhaustive
from tests.support.s3 import serving_s3
from tests.support.tenants import Api, environment, live

# A shell without job control starts what runs in the background deaf to Ctrl-C, and children inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A busy machine makes examples slowly; that says nothing about what they test.
settings.register_profile("deployer", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("deployer")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Results are kept for the tests alone, and nothing that a user's cache holds is taken for one of theirs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DEPLOYER_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session", autouse=True)
def templates_compiled_once() -> Iterator[None]:
    """The shipped templates take a command a fifth of a second, and thousands of commands run in one process."""
    with compiled_once():
        yield


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--exhaustive", action="store_true", help="run every case of the large matrices, for minutes")


def pytest_configure(config: pytest.Config) -> None:
    set_exhaustive(config.getoption("--exhaustive"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--exhaustive"):
        for item in items:
            if item.get_closest_marker("exhaustive"):
                item.add_marker(pytest.mark.timeout(3600))
        return
    skip = pytest.mark.skip(reason="exhaustive: a sample of its cases has run; all of them with --exhaustive")
    for item in items:
        if item.get_closest_marker("exhaustive"):
            item.add_marker(skip)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Let workers that have nothing left to do take tests from those that have: some tests take a minute."""
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log) if config.getoption("dist") == "load" else None


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No setting of the machine that the tests run on reaches them."""
    for name in list(os.environ):
        if name.startswith(("AUTH0_", "DEPLOYER_", "FORCE_COLOR", "NO_COLOR")) and name != "DEPLOYER_CACHE":
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Project:
    """An empty project."""
    root = tmp_path / "project"
    root.mkdir()
    return Project(root, capsys)


@pytest.fixture
def as_of() -> str | None:
    """The month whose Management API the local tenant behaves as, None for the newest; a test may parametrize it."""
    return None


@pytest.fixture
def behaviour() -> Behaviour | None:
    """The settings by which tenants differ, None for those of a new one; a test may parametrize it."""
    return None


@pytest.fixture(scope="session")
def closing() -> Iterator[ThreadPoolExecutor]:
    """Closes what a test no longer needs while the next one runs: a server waits a moment before it ends."""
    with ThreadPoolExecutor(4, thread_name_prefix="closing") as executor:
        yield executor


@pytest.fixture
def local_tenant(as_of: str | None, behaviour: Behaviour | None, closing: ThreadPoolExecutor) -> Iterator[LocalTenant]:
    """A local tenant of this test alone."""
    tenant = LocalTenant(as_of=as_of, behaviour=behaviour).start()
    try:
        yield tenant
    finally:
        closing.submit(tenant.stop)


@pytest.fixture
def reach(monkeypatch: pytest.MonkeyPatch) -> Callable[[LocalTenant], None]:
    """Put the address and the credentials of a tenant into the environment, and a secret for the scripts."""

    def put(tenant: LocalTenant) -> None:
        for name, value in environment(tenant).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("PG_URL", SCRIPTS_URL)

    return put


@pytest.fixture
def deployed(project: Project, local_tenant: LocalTenant, reach: Callable[[LocalTenant], None]) -> Project:
    """A project whose one connection has been applied to the local tenant."""
    reach(local_tenant)
    project.tenant()
    ran = project.run("apply", "local", "--auto-approve")
    assert ran.code == 0, ran.all
    return project


@pytest.fixture
def undeployed(project: Project, local_tenant: LocalTenant, reach: Callable[[LocalTenant], None]) -> Project:
    """The same project before its first apply."""
    reach(local_tenant)
    project.tenant()
    return project


@pytest.fixture
def live_connection(local_tenant: LocalTenant) -> Callable[..., dict[str, Any]]:
    """A function that reads a connection as the tenant has it."""
    return lambda name="legacy-users": live(local_tenant, name)


@pytest.fixture
def api(local_tenant: LocalTenant) -> Api:
    """Call the tenant directly: `api("POST", "clients", {...})`."""
    return Api(local_tenant)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[SimpleNamespace]:
    """A server of S3 for this test process: its `url`, and its `app`, which can be told to lose answers."""
    with serving_s3() as server:
        yield server


@pytest.fixture
def several_tenants(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., dict[str, LocalTenant]]]:
    """A function that starts local tenants by name; `definition_of(name)` is the head of a file that reaches one."""
    with ExitStack() as stack:

        def start(*names: str) -> dict[str, LocalTenant]:
            monkeypatch.setenv("PG_URL", SCRIPTS_URL)
            running = {name: stack.enter_context(LocalTenant()) for name in names}
            for name, tenant in running.items():
                for variable, value in environment(tenant, f"{name}_").items():
                    monkeypatch.setenv(variable, value)
            return running

        yield start


@pytest.fixture
def canary() -> str:
    """The secret that must not be seen anywhere."""
    return CANARY
