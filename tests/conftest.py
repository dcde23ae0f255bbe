"""Doors that every test goes through: the command line, a project in a folder of its own, and a local tenant."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, settings

from deployer.cli import entry
from deployer.sandbox.server import LocalTenant
from deployer.sandbox.tenant import Behaviour

# A shell without job control starts what runs in the background deaf to Ctrl-C, and children inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A busy machine makes examples slowly; that says nothing about what they test.
settings.register_profile("deployer", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("deployer")

CANARY = "canary-Pg-passw0rd-do-not-show"

DEFINITION = """\
domain: !env AUTH0_DOMAIN
base_url: !env AUTH0_BASE_URL
credentials: {client_id: !env AUTH0_CLIENT_ID, client_secret: !env AUTH0_CLIENT_SECRET}
"""

LEGACY_USERS = """\
connections:
  legacy-users:
    store: postgres
    migration: trickle
    variables: {table: users}
    configuration: {PG_URL: !env PG_URL}
    options: {non_persistent_attrs: [good], brute_force_protection: true}
"""


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Results are kept for the tests alone, and nothing that a user's cache holds is taken for one of theirs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DEPLOYER_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@dataclass(frozen=True)
class Ran:
    """What a command line did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def all(self) -> str:
        return self.out + self.err


class Project:
    """A project's folder, and the command line in it."""

    def __init__(self, root: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._capture = capture
        (root / "tenants").mkdir()

    def write(self, path: str, text: str) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def tenant(self, body: str = LEGACY_USERS, name: str = "local") -> Path:
        """A tenant file that reaches the local tenant, with this body."""
        return self.write(f"tenants/{name}.yaml", DEFINITION + body)

    def run(self, *arguments: str) -> Ran:
        """Run `deployer ARGUMENTS` in this folder."""
        self._capture.readouterr()
        code = entry.execute(["--chdir", str(self.root), "--no-token-cache", *arguments])
        captured = self._capture.readouterr()
        return Ran(code, captured.out, captured.err)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--exhaustive", action="store_true", help="run every case of the large matrices, for minutes")


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
        monkeypatch.setenv("AUTH0_DOMAIN", tenant.domain)
        monkeypatch.setenv("AUTH0_BASE_URL", tenant.base_url)
        monkeypatch.setenv("AUTH0_CLIENT_ID", tenant.client_id)
        monkeypatch.setenv("AUTH0_CLIENT_SECRET", tenant.client_secret)
        monkeypatch.setenv("PG_URL", f"postgres://scripts:{CANARY}@db.example.com/users")

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


def live(tenant: LocalTenant, name: str = "legacy-users") -> dict[str, Any]:
    """A connection as the tenant has it."""
    document = tenant.state.storage.named("connection", name)
    assert document is not None
    return document


@pytest.fixture
def live_connection(local_tenant: LocalTenant) -> Callable[..., dict[str, Any]]:
    """A function that reads a connection as the tenant has it."""
    return lambda name="legacy-users": live(local_tenant, name)


class Api:
    """The Management API of a local tenant as a person with a token sees it."""

    def __init__(self, tenant: LocalTenant, scope: str | None = None) -> None:
        self._client = httpx.Client(base_url=tenant.base_url, timeout=10, trust_env=False)
        request = {
            "grant_type": "client_credentials",
            "client_id": tenant.client_id,
            "client_secret": tenant.client_secret,
            "audience": f"{tenant.base_url}/api/v2/",
        }
        answer = self._client.post("/oauth/token", json=request | ({"scope": scope} if scope else {}))
        self.token = str(answer.json()["access_token"])
        self._client.headers["Authorization"] = f"Bearer {self.token}"

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._client.request(method, f"/api/v2/{path}", json=body)
        assert answer.status_code < 400, answer.text
        return answer.json() if answer.content else None


@pytest.fixture
def api(local_tenant: LocalTenant) -> Api:
    """Call the tenant directly: `api("POST", "clients", {...})`."""
    return Api(local_tenant)


@pytest.fixture
def canary() -> str:
    """The secret that must not be seen anywhere."""
    return CANARY
