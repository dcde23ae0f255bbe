"""An arena: a project, a local tenant and a saved plan that are put back in milliseconds, for many applies in a row."""

import asyncio
import json
import os
import re
import selectors
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from deployer.cli import common
from deployer.management.gateway import Gateway
from deployer.management.http import Timeouts
from deployer.management.retrying import Patience
from deployer.management.tokens import TokenSource
from deployer.sandbox.server import LocalTenant
from deployer.sandbox.weather import Passing
from deployer.store.store import Store

QUICK = Patience(attempts=3, connects=2, first_pause=0.005, longest_pause=0.01, throttled=30.0)
TIMEOUT = 0.6

LOGIN = """\
function login(email, password, callback) {
  callback(null, { user_id: "tiny|" + email, email: email });
}
"""
GET_USER = """\
function getUser(email, callback) {
  callback(null, { user_id: "tiny|" + email, email: email });
}
"""
TEMPLATE = """\
description: A store for tests
configuration: {PG_URL: "where the users are"}
scripts: [login, get_user]
"""

BEFORE = """\
connections:
  first:
    store: tiny
    configuration: {PG_URL: !env PG_URL}
    options: {passwordPolicy: low}
    clients: [Web App]
  same:
    store: tiny
    configuration: {PG_URL: !env PG_URL}
"""
AFTER = """\
connections:
  first:
    store: tiny
    migration: trickle
    configuration: {PG_URL: !env PG_URL}
    options: {passwordPolicy: good}
    clients: [Mobile]
    metadata: {team: identity}
  same:
    store: tiny
    configuration: {PG_URL: !env PG_URL}
  second:
    store: tiny
    configuration: {PG_URL: !env PG_URL}
    clients: [Web App, Mobile]
"""


def write_tiny_store(project: Any) -> None:
    """The templates of a store whose scripts are a few lines long."""
    project.write("templates/tiny/template.yaml", TEMPLATE)
    project.write("templates/tiny/login.js.j2", LOGIN)
    project.write("templates/tiny/get_user.js.j2", GET_USER)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway that gives up soon: what is tested is what happens after that."""

    def gateway(access: Any) -> Gateway:
        return Gateway(access, None, timeouts=Timeouts(total=TIMEOUT), patience=QUICK)

    monkeypatch.setattr(common, "gateway", gateway)


# Fields in which two tenants that are the same may differ: times, and what counts or names versions.
_FLEETING = re.compile(r"^(created_at|updated_at|built_at|\$touched|\$updated_at|\$built_at|\$revision|\$ready)$")
_UNSEEN = ("action_version",)
# The tenant completes these maps by itself at a write, and keeps what it has added.
_COMPLETED = ("authentication_methods", "passkey_options", "mfa")


def everything(tenant: LocalTenant) -> dict[str, Any]:
    """The whole tenant, field by field, secrets by value; without what differs from write to write."""
    dump = tenant.state.storage.dump()
    names = {entry["id"]: f"{entry['kind']}/{entry['name'] or entry['id']}" for entry in dump["documents"]}
    names |= {
        entry["id"]: f"{entry['kind']}/{entry['body'].get('name', entry['body'].get('audience', entry['id']))}"
        for entry in dump["documents"]
        if not entry["name"]
    }
    found: dict[str, Any] = {}
    for entry in dump["documents"]:
        if entry["kind"] not in _UNSEEN:
            found[names[entry["id"]]] = _plain(tenant, entry["kind"], entry["body"], names)
    found["links"] = sorted([kind, *(names.get(one, one) for one in ends)] for kind, *ends in dump["links"])
    return found


def _plain(tenant: LocalTenant, kind: str, body: dict[str, Any], names: dict[str, str]) -> Any:
    vault = tenant.state.vault
    if kind == "connection":
        options = {key: value for key, value in body["options"].items() if key not in _COMPLETED}
        options["configuration"] = {k: vault.decrypt(v) for k, v in options.get("configuration", {}).items()}
        metadata = {k: v for k, v in body.get("metadata", {}).items() if not k.startswith("deployer")}
        body = {**body, "options": options, "metadata": metadata}
    if kind == "action":
        body = {**body, "$secrets": {k: vault.decrypt(v) for k, v in body.get("$secrets", {}).items()}}
    return _renamed(body, names)


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {names.get(k, k): _renamed(v, names) for k, v in value.items() if not _FLEETING.match(k)}
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value


def without_ids(state: dict[str, Any]) -> dict[str, Any]:
    """The same state as text, for comparing."""
    return json.loads(json.dumps(state, sort_keys=True))


@dataclass
class Arena:
    """What a fault matrix plays in. `before` and `after` are the tenant without and with the plan."""

    project: Any
    tenant: LocalTenant
    planfile: Path
    dump: dict[str, Any]
    store: Path
    kept: Path
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    def reset(self) -> None:
        """The tenant and the store as they were before the apply; fair weather; no token in memory."""
        self.tenant.weather.clear()
        self.tenant.state.storage.restore(self.dump)
        shutil.rmtree(self.store)
        shutil.copytree(self.kept, self.store)
        forget_tokens()

    def apply(self) -> Any:
        return self.project.run("apply", "local", str(self.planfile))

    def recover(self, *arguments: str) -> Any:
        self.tenant.weather.clear()
        return self.project.run("recover", "local", *arguments)

    def state(self) -> dict[str, Any]:
        return everything(self.tenant)

    def unfinished(self) -> bool:
        """Whether a journal is open or the lock is held."""
        store = Store.open(None, self.project.root)
        return bool(store.journals.open_journals("local")) or store.locks.holder("local") is not None


def forget_tokens() -> None:
    TokenSource._kept.clear()  # noqa: SLF001  each apply of the matrix is a process of its own


def make_arena(project: Any, tenant: LocalTenant, before: str, after: str) -> Arena:
    """Apply `before`, save the plan for `after`, and play it once without a fault."""
    project.tenant(before)
    ran = project.run("apply", "local", "--auto-approve", "--no-lint")
    assert ran.code == 0, ran.all
    project.tenant(after)
    planfile = project.root / "saved.plan"
    ran = project.run("plan", "local", "--out", str(planfile), "--no-lint")
    assert ran.code == 0, ran.all
    store, kept = project.root / ".deployer", project.root / "kept"
    shutil.copytree(store, kept)
    arena = Arena(project, tenant, planfile, tenant.state.storage.dump(), store, kept)
    arena.before = arena.state()
    forget_tokens()

    def note(passing: Passing) -> None:
        if passing.phase == "before":
            arena.requests.append(f"{passing.method} {passing.path}")

    tenant.weather.on_request = note
    ran = arena.apply()
    assert ran.code == 0, ran.all
    arena.after = arena.state()
    assert arena.after != arena.before
    arena.reset()
    assert arena.state() == arena.before
    return arena


@pytest.fixture
def arena(project: Any, local_tenant: LocalTenant, reach: Callable[[LocalTenant], None], api: Any, quick: None) -> Arena:  # noqa: ARG001
    """The arena with every kind of resource that there is."""
    reach(local_tenant)
    write_tiny_store(project)
    for name in ("Web App", "Mobile"):
        api("POST", "clients", {"name": name})
    return make_arena(project, local_tenant, BEFORE, AFTER)


class Forks:
    """Runs the command line in real processes that start in milliseconds: children of one that has all in memory."""

    def __init__(self) -> None:
        script = Path(__file__).with_name("fork_server.py")
        self._server = subprocess.Popen(
            [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        assert self._line() == "ready"

    def start(self, arguments: list[str], output: Path, **settings: Any) -> int:
        """The process id of `deployer ARGUMENTS`, whose output goes to a file."""
        request = {"arguments": arguments, "output": str(output), "env": dict(os.environ), **settings}
        assert self._server.stdin is not None
        self._server.stdin.write(json.dumps(request) + "\n")
        return int(self._line())

    def wait(self) -> int:
        """The exit code of the process that was started last, negative for a signal."""
        return int(self._line())

    def _line(self) -> str:
        assert self._server.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._server.stdout, selectors.EVENT_READ)
            assert selector.select(timeout=60), "the process does not answer"
        return self._server.stdout.readline().strip()

    def close(self) -> None:
        assert self._server.stdin is not None
        self._server.stdin.close()
        self._server.wait(30)


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    """Real processes for this test process."""
    server = Forks()
    yield server
    server.close()


@pytest.fixture
def kill() -> Callable[[int], None]:
    """End a process as `kill -9` does."""
    return lambda pid: os.kill(pid, signal.SIGKILL)


def wait_until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for a condition, not for a time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to be"
        time.sleep(0.005)


def run_async(awaitable: Any) -> Any:
    return asyncio.run(awaitable)
