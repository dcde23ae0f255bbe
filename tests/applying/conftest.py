"""An arena: a project, a local tenant and a saved plan that are put back in milliseconds, for many applies in a row."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from deployer.management.gateway import Gateway
from deployer.management.http import Timeouts
from deployer.operations.context import Context
from deployer.sandbox.server import LocalTenant
from deployer.sandbox.tenant import Behaviour
from tests.support.applying.arena import QUICK, Arena, forget_tokens, make_arena, prepare
from tests.support.applying.definitions import AFTER, BEFORE, EVERY_AFTER, EVERY_BEFORE, EVERY_CHANGE, write_tiny_store
from tests.support.applying.forks import Forks
from tests.support.applying.somebody import Somebody, others
from tests.support.applying.tally import Tally
from tests.support.s3 import reach_s3


@pytest.fixture
def answer_within() -> float:
    """After how many seconds a request is given up; longer than a busy machine takes to answer one."""
    return 20.0


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, answer_within: float) -> None:
    """A gateway that gives up soon: what is tested is what happens after that."""

    def gateway(access: Any) -> Gateway:
        return Gateway(access, None, timeouts=Timeouts(total=answer_within), retry_policy=QUICK)

    monkeypatch.setattr(Context, "gateway", lambda _, access: gateway(access))
    monkeypatch.setenv("KEY_BEFORE", "key of yesterday")
    monkeypatch.setenv("KEY_AFTER", "key of today")


@pytest.fixture
def arena(project: Any, local_tenant: LocalTenant, reach: Callable[[LocalTenant], None], quick: None) -> Arena:
    """The arena with connections alone."""
    return prepare(project, local_tenant, reach, BEFORE, AFTER)


@pytest.fixture
def every_kind(
    project: Any,
    reach: Callable[[LocalTenant], None],
    quick: None,
) -> Iterator[Arena]:
    """The arena with every kind of resource that there is, some made and some changed by the plan."""
    with LocalTenant(behaviour=Behaviour(build_seconds=0.02)) as tenant:
        yield prepare(project, tenant, reach, EVERY_BEFORE, EVERY_AFTER)


@pytest.fixture
def every_change() -> dict[str, tuple[str, str]]:
    """Of each kind, what the plan of `every_kind` makes and what it changes, as the state calls them."""
    return EVERY_CHANGE


@pytest.fixture
def part_of_every_kind(
    project: Any, reach: Callable[[LocalTenant], None], quick: None, request: pytest.FixtureRequest
) -> Iterator[Arena]:
    """The arena with a plan for the one resource that the test's parameter names, and for all that it depends on."""
    with LocalTenant(behaviour=Behaviour(build_seconds=0.02)) as tenant:
        reach(tenant)
        write_tiny_store(project)
        others(tenant)
        yield make_arena(project, tenant, EVERY_BEFORE, EVERY_AFTER, request.param)


@pytest.fixture
def somebody() -> Callable[[LocalTenant], Somebody]:
    """A function that makes somebody else who works in a tenant."""
    return Somebody


@pytest.fixture
def destructible(project: Any, reach: Callable[[LocalTenant], None], quick: None) -> Iterator[Arena]:
    """The arena of `destroy`: one of every kind of ours, among what others have. Its command is the test's to say."""
    with LocalTenant(behaviour=Behaviour(build_seconds=0.02)) as tenant:
        reach(tenant)
        write_tiny_store(project)
        others(tenant)
        project.tenant(EVERY_BEFORE)
        ran = project.run("apply", "local", "--auto-approve", "--no-lint")
        assert ran.code == 0, ran.all
        somebody = Somebody(tenant)
        web_app, users = somebody.named("client", "Web App"), somebody.named("connection", "first")
        assert web_app is not None
        assert users is not None
        grant = {"client_id": web_app["client_id"], "audience": "https://one.example/", "scope": ["read:users"]}
        somebody("POST", "client-grants", grant)
        somebody("POST", "rules", {"name": "Theirs", "script": "function theirs() {}", "order": 9})
        client = somebody.named("client", "Scripts")
        assert client is not None
        somebody("PATCH", f"clients/{client['client_id']}", {"description": "theirs"})
        server = next(one["id"] for one in tenant.state.storage.all("resource_server") if "one." in one["identifier"])
        somebody("PATCH", f"resource-servers/{server}", {"skip_consent_for_verifiable_first_party_clients": True})
        action = somebody.makes_action("theirs")
        somebody.binds(lambda bound: [*bound, action])
        tenant.state.storage.insert("user", "auth0|1", {"user_id": "auth0|1"}, tag=users["id"])
        store, kept = project.root / ".deployer", project.root / "kept"
        shutil.copytree(store, kept)
        arena = Arena(project, tenant, project.root, tenant.state.storage.dump(), store, kept, ())
        arena.before = arena.state()
        forget_tokens()
        yield arena


@pytest.fixture
def tally(capsys: pytest.CaptureFixture[str]) -> Tally:
    """The counts of one matrix."""
    return Tally(capsys)


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    """Real processes for this test process."""
    server = Forks()
    yield server
    server.close()


@pytest.fixture(scope="session")
def forks_pair(forks: Forks) -> Iterator[tuple[Forks, Forks]]:
    """Two of them, for two processes at once."""
    second = Forks()
    yield forks, second
    second.close()


@pytest.fixture
def tiny_store() -> Callable[[Any], None]:
    """A function that writes the templates of the small store into a project."""
    return write_tiny_store


@pytest.fixture
def s3(s3_server: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> str:
    """A fresh bucket, and the environment that reaches it."""
    return reach_s3(s3_server, monkeypatch)


@pytest.fixture
def kill() -> Callable[[int], None]:
    """End a process as `kill -9` does."""
    return lambda pid: os.kill(pid, signal.SIGKILL)
