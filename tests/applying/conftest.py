"""An arena: a project, a local tenant and a saved plan that are put back in milliseconds, for many applies in a row."""

import copy
import functools
import json
import operator
import os
import re
import selectors
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest

from deployer.management.gateway import Gateway
from deployer.management.http import Timeouts
from deployer.management.retry_policy import RetryPolicy
from deployer.management.tokens import TokenSource
from deployer.operations.context import Context
from deployer.resources.code_marker import unsigned
from deployer.sandbox import resources
from deployer.sandbox.calls import Call
from deployer.sandbox.resources import action_state
from deployer.sandbox.server import LocalTenant
from deployer.sandbox.tenant import Behaviour
from deployer.sandbox.weather import Passing
from deployer.state.state_store import StateStore

QUICK = RetryPolicy(attempts=3, connects=2, first_pause=0.005, longest_pause=0.01, throttled=30.0)

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
configuration: {PG_URL: "the users", API_CLIENT_ID: "id", API_CLIENT_SECRET: "secret", API_AUDIENCE: "audience"}
scripts: [login, get_user]
variables: {word: {type: string, default: first, description: a word}}
"""
RULE = """\
function restrictAudience(user, context, callback) {
  const asked = (context.request.query || {}).audience;
  const known = configuration[{{ ('deployer_' ~ connection.name ~ '_API_AUDIENCE') | js }}];
  if (asked === known) return callback(new Error("no"));
  callback(null, user, { ...context, word: {{ variables.word | js }} });
}
"""

NOTIFY = """\
exports.onExecutePostLogin = async (event, api) => {
  api.user.setAppMetadata("seen", {{ text | js }});
};
"""
BEFORE = """\
connections:
  first:
    store: tiny
    configuration: {PG_URL: !env PG_URL}
    options: {non_persistent_attrs: [low]}
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
    options: {non_persistent_attrs: [good]}
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
EVERY_BEFORE = """\
actions:
  notify: {code: templates/actions/notify.js.j2, variables: {text: one}, secrets: {KEY: !env KEY_BEFORE}}
connections:
  first:
    store: tiny
    configuration: {PG_URL: !env PG_URL}
    options: {non_persistent_attrs: [low]}
    clients: [Web App]
    api: {identifier: "https://one.example/", scopes: {"read:users": read}, token_lifetime: 3600, client: Scripts}
  ruled:
    store: tiny
    configuration: {PG_URL: !env PG_URL, API_CLIENT_ID: abc, API_AUDIENCE: "https://old.example/"}
    guards: [restrict-audience]
    guard_type: rule
"""
EVERY_AFTER = """\
actions:
  notify: {code: templates/actions/notify.js.j2, variables: {text: two}, secrets: {KEY: !env KEY_AFTER}}
  welcome:
    code: templates/actions/notify.js.j2
    variables: {text: new}
    trigger: pre-user-registration
  again: {code: templates/actions/notify.js.j2, variables: {text: again}, position: first}
connections:
  first:
    store: tiny
    migration: trickle
    configuration: {PG_URL: !env PG_URL}
    options: {non_persistent_attrs: [good]}
    clients: [Mobile]
    metadata: {team: identity}
    api:
      identifier: "https://one.example/"
      scopes: {"read:users": read, "write:users": write}
      token_lifetime: 7200
      client: Machine
  ruled:
    store: tiny
    variables: {word: second}
    configuration: {PG_URL: !env PG_URL, API_CLIENT_ID: abc, API_AUDIENCE: "https://new.example/"}
    guards: [restrict-audience]
    guard_type: rule
  second:
    store: tiny
    configuration: {PG_URL: !env PG_URL}
    clients: [Web App, Mobile]
    api: {identifier: "https://two.example/", scopes: {"read:users": read}}
    guards: [restrict-audience]
    guard_type: rule
"""
# Every kind is both made and changed by that plan; a flow is always there, and an empty one counts as none.
EVERY_CHANGE = {
    "connection": ("connection/second", "connection/first"),
    "action": ("action/welcome", "action/notify"),
    "binding": ("bindings/pre-user-registration", "bindings/post-login"),
    "rule": ("rule/second-restrict-audience", "rule/ruled-restrict-audience"),
    "rule-config": ("rules_config/deployer_second_API_AUDIENCE", "rules_config/deployer_ruled_API_AUDIENCE"),
    "resource-server": ("resource_server/https://two.example/", "resource_server/https://one.example/"),
    "client": ("client/second", "client/first"),
    "client-grant": (
        "client_grant/https://two.example/ of client/second",
        "client_grant/https://one.example/ of client/first",
    ),
}


def write_tiny_store(project: Any) -> None:
    """The templates of a store whose scripts are a few lines long."""
    project.write("templates/tiny/template.yaml", TEMPLATE)
    project.write("templates/tiny/login.js.j2", LOGIN)
    project.write("templates/tiny/get_user.js.j2", GET_USER)
    project.write("templates/actions/notify.js.j2", NOTIFY)
    project.write("templates/guards/restrict-audience.rule.js.j2", RULE)


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


# Fields in which two tenants that are the same may differ: times.
_FLEETING = ("created_at", "updated_at")
# The tenant completes these maps by itself at a write, and keeps what it has added.
_COMPLETED = ("authentication_methods", "passkey_options", "mfa")


def everything(tenant: LocalTenant, names: dict[str, str]) -> dict[str, Any]:
    """The whole tenant, field by field, secrets by value; without what differs from write to write.

    `names` are what ids and secrets are called; it is added to, so that what was deleted keeps its name.
    """
    dump = tenant.state.storage.dump()
    for entry in dump["documents"]:
        body = entry["body"]
        names[entry["id"]] = f"{entry['kind']}/{_name(entry)}"
        if secret := body.get("client_secret"):
            names[secret] = f"secret of {names[entry['id']]}"
    found: dict[str, Any] = {}
    for entry in dump["documents"]:
        empty_flow = entry["kind"] == "bindings" and not entry["body"]["bindings"]
        if entry["kind"] != "action_version" and not empty_flow:
            name = names[entry["id"]]
            if entry["kind"] == "client_grant":
                name += f" of {names[entry['body']['client_id']]}"
            assert name not in found, f"there are two of {name}"
            found[name] = _renamed(_plain(tenant, entry["kind"], entry["body"]), names)
    found["links"] = sorted([kind, *(names.get(one, one) for one in ends)] for kind, *ends in dump["links"])
    return found


def _name(entry: dict[str, Any]) -> str:
    """What a document is called whatever its id is: a client of ours by the connection that it belongs to."""
    body = entry["body"]
    ours = body.get("client_metadata", {}).get("deployer_connection")
    return str(ours or entry["name"] or body.get("name") or body.get("audience", entry["id"]))


def _plain(tenant: LocalTenant, kind: str, body: dict[str, Any]) -> Any:
    """A document without this tool's notes, its secrets decrypted."""
    decrypt = tenant.state.vault.decrypt
    match kind:
        case "connection":
            options = {key: value for key, value in body["options"].items() if key not in _COMPLETED}
            options["configuration"] = {k: decrypt(v) for k, v in options.get("configuration", {}).items()}
            return {**body, "options": options, "metadata": _unnoted(body.get("metadata", {}))}
        case "client":
            return {**body, "client_metadata": _unnoted(body.get("client_metadata", {}))}
        case "action":
            running = action_state.deployed_version(tenant.state, body)
            secrets = {name: decrypt(value) for name, value in body["$secrets"].items()}
            return {
                "supported_triggers": body["supported_triggers"],
                "draft": {**_code(body), "secrets": secrets},
                "running": running and {**_code(running), "secrets": [secret["name"] for secret in running["secrets"]]},
            }
        case "rule":
            return {**body, "script": unsigned(body["script"])[0]}
        case "rules_config":
            return {**body, "value": decrypt(body["value"])}
        case "bindings":
            return [[entry["display_name"], entry["$action"]] for entry in body["bindings"]]
    return body


def _code(body: dict[str, Any]) -> dict[str, Any]:
    return {"code": unsigned(body["code"])[0], "dependencies": body["dependencies"], "runtime": body["runtime"]}


def _unnoted(metadata: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in metadata.items() if not key.startswith("deployer")}


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {names.get(k, k): _renamed(v, names) for k, v in value.items() if k not in _FLEETING}
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value


@dataclass
class Arena:
    """What a fault matrix plays in. `before` and `after` are the tenant without and with the plan."""

    project: Any
    tenant: LocalTenant
    planfile: Path
    dump: dict[str, Any]
    store: Path
    kept: Path
    command: tuple[str, ...]
    named: ClassVar[tuple[str, ...]] = (
        "--allow",
        "closes-login:connection.first/clients/Web App",
        "--allow",
        "weakens-password-policy:connection.first",
    )
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    dump_after: dict[str, Any] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)

    def reset(self) -> None:
        """The tenant and the store as they were before the apply; fair weather; no token in memory."""
        self.tenant.weather.clear()
        self.tenant.state.storage.restore(self.dump)
        shutil.rmtree(self.store)
        shutil.copytree(self.kept, self.store)
        forget_tokens()

    def apply(self) -> Any:
        """Run the command of this arena, `apply` unless it is another one."""
        return self.project.run(*self.command)

    def unexplained(self, said: str) -> bool:
        """Whether the command says that something stands that is no value of a secret."""
        return "stands:" in LOST.sub("", said)

    def rehearse(self) -> None:
        """Play the command once without a fault: its requests, and the tenant after it."""
        self.reset()
        self.requests.clear()

        def note(passing: Passing) -> None:
            if passing.phase == "before":
                self.requests.append(f"{passing.method} {passing.path}")

        self.tenant.weather.on_request = note
        ran = self.apply()
        assert ran.code == 0, ran.all
        self.after, self.dump_after = self.state(), self.tenant.state.storage.dump()
        assert self.after != self.before
        self.reset()
        assert self.state() == self.before

    def taken_back(self, said: str) -> dict[str, Any]:
        """The tenant as it was, but for the secrets of which the command has said that their value stands."""
        expected = copy.deepcopy(self.before)
        for address, name, end in LOST.findall(said):
            path = secret_path(address, name)
            if path is None:
                continue
            *parents, last = path
            place, planned = (functools.reduce(operator.getitem, parents, tree) for tree in (expected, self.after))
            if end == "it is gone":
                del place[last]
                continue
            assert place[last] != planned[last], f"{address} {name} is not changed, and is said to be lost"
            place[last] = planned[last]
        return expected

    def recover(self, *arguments: str) -> Any:
        self.tenant.weather.clear()
        named = [
            f"--confirm={address.replace('/', '.', 1)}"
            for address in self.before | self.after
            if "connection/" in address
        ]
        return self.project.run("recover", "local", "--auto-approve", *named, *arguments)

    def state(self) -> dict[str, Any]:
        return everything(self.tenant, self._names)

    def holder(self) -> Any:
        """Who holds the lock, or None."""
        return StateStore.open(None, self.project.root).locks.holder("local")

    def unfinished(self) -> bool:
        """Whether a journal is open or the lock is held."""
        store = StateStore.open(None, self.project.root)
        return bool(store.journals.open_journals("local")) or store.locks.holder("local") is not None


def forget_tokens() -> None:
    TokenSource._kept.clear()


LOST = re.compile(
    r"stands: (\S+): the former value of the secret (\S+) cannot be restored; "
    r"(it is gone|it has the value that its reference gives now)\."
)


def secret_path(address: str, name: str) -> tuple[str, ...] | None:
    """Where a state has the value of a secret; None for one that is kept with another resource."""
    kind, _, resource = address.partition(".")
    match kind:
        case "connection":
            return f"connection/{resource}", "options", "configuration", name
        case "action":
            return f"action/{resource}", "draft", "secrets", name
        case "rule-config":
            return f"rules_config/{name}", "value"
    return None


def make_arena(project: Any, tenant: LocalTenant, before: str, after: str, target: str | None = None) -> Arena:
    """Apply `before`, save the plan for `after` or for one resource of it, and play it once without a fault."""
    project.tenant(before)
    ran = project.run("apply", "local", "--auto-approve", "--no-lint")
    assert ran.code == 0, ran.all
    if target is not None:
        somebody = Somebody(tenant)
        theirs = somebody.makes_action("theirs")
        somebody.binds(lambda bound: [*bound, theirs])
        somebody.makes_action("spare")
    project.tenant(after)
    planfile = project.root / "saved.plan"
    named = [] if target is None else ["--target", target]
    ran = project.run("plan", "local", "--out", str(planfile), "--no-lint", *named)
    assert ran.code == 0, ran.all
    store, kept = project.root / ".deployer", project.root / "kept"
    shutil.copytree(store, kept)
    command = ("apply", "local", str(planfile), *Arena.named)
    arena = Arena(project, tenant, planfile, tenant.state.storage.dump(), store, kept, command)
    arena.before = arena.state()
    arena.rehearse()
    return arena


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


def prepare(project: Any, tenant: LocalTenant, reach: Any, before: str, after: str) -> Arena:
    """Two applications that this tool has not made, and an arena."""
    reach(tenant)
    write_tiny_store(project)
    others(tenant)
    return make_arena(project, tenant, before, after)


def others(tenant: LocalTenant) -> None:
    """Two applications that this tool has not made."""
    somebody = Somebody(tenant)
    for name in ("Web App", "Mobile"):
        somebody("POST", "clients", {"name": name})


class Somebody:
    """Somebody else with a token: calls the Management API from within the tenant, past its weather."""

    def __init__(self, tenant: LocalTenant) -> None:
        self._state = tenant.state
        self._endpoints = [
            (each.method, re.compile(re.sub(r"{(\w+)(:path)?}", r"(?P<\1>[^/]+)", each.path)), each.handler)
            for each in resources.endpoints()
        ]

    def __call__(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        """The body of the answer. Raises ApiError."""
        for its_method, pattern, handler in self._endpoints:
            if its_method == method and (found := pattern.fullmatch(f"/api/v2/{path}")):
                scopes = frozenset({"read:connections_options", "update:connections_options", "read:client_keys"})
                asked = {name: [value] for name, value in query.items()}
                with self._state.storage.transaction():
                    return handler(Call(self._state, found.groupdict(), asked, body, scopes)).body
        raise AssertionError(f"the tenant has no {method} {path}")

    def named(self, kind: str, name: str) -> dict[str, Any] | None:
        """A document by its name, as the tenant keeps it."""
        found = [one for one in self._state.storage.all(kind) if name in (one.get("name"), one.get("audience"))]
        return found[0] if found else None

    def makes_action(self, name: str, trigger: str = "post-login") -> str:
        """An Action, built and deployed; its id."""
        triggers = [{"id": trigger, "version": "v3"}]
        made = self("POST", "actions/actions", {"name": name, "supported_triggers": triggers, "code": "exports.x = 1;"})
        document = self._state.storage.get("action", made["id"])
        document["$touched"] -= 60
        self._state.storage.update("action", made["id"], document)
        self("POST", f"actions/actions/{made['id']}/deploy")
        while action_state.deployed_version(self._state, self._state.storage.get("action", made["id"])) is None:
            time.sleep(0.005)
        return str(made["id"])

    def binds(self, order: Callable[[list[str]], list[str]], trigger: str = "post-login") -> None:
        """The Actions of a trigger, by their ids, as `order` makes them of what they are."""
        bound = self._state.storage.get("bindings", trigger) or {"bindings": []}
        entries = {entry["$action"]: entry["id"] for entry in bound["bindings"]}
        body = [
            {"ref": {"type": "binding_id", "value": entries[one]}}
            if one in entries
            else {"ref": {"type": "action_id", "value": one}}
            for one in order(list(entries))
        ]
        self("PATCH", f"actions/triggers/{trigger}/bindings", {"bindings": body})


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


class Tally:
    """Counts the cases of a matrix and those that end well; the others are all played, too, and shown at the end."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.cases = 0
        self.failures: list[str] = []
        self.notes: Counter[str] = Counter()

    def play(self, case: Any, function: Callable[..., Any], *arguments: Any) -> bool:
        """Play a case by a function that says whether it was one, or how it ended, and fails where it did not."""
        try:
            ended = function(*arguments)
        except (AssertionError, pytest.fail.Exception) as failure:
            self.cases += 1
            self.failures.append(f"{case}: {failure}"[:4000])
            assert len(self.failures) < 20, "\n\n".join(self.failures)
            return True
        self.cases += bool(ended)
        if isinstance(ended, str) and ended:
            self.notes[ended] += 1
        return bool(ended)

    def report(self, what: str, least: int) -> None:
        """Print the counts; fail where one case did, or where there were fewer cases than there must be."""
        more = f" {dict(sorted(self.notes.items()))}" if self.notes else ""
        with self._capsys.disabled():
            print(f"\n{what}: {self.cases} cases, {self.cases - len(self.failures)} survive{more}")
        if self.failures:
            shown = "\n\n".join(self.failures[:5])
            pytest.fail(f"{len(self.failures)} of {self.cases} cases fail:\n{shown}", pytrace=False)
        assert self.cases >= least, f"{self.cases} cases, and there must be {least}"


@pytest.fixture
def tally(capsys: pytest.CaptureFixture[str]) -> Tally:
    """The counts of one matrix."""
    return Tally(capsys)


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
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket of moto's S3 server, one request at a time: moto checks conditions and writes in two moments."""
    pytest.importorskip("moto", reason="moto[server] is not installed")
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Silent(WSGIRequestHandler):
        def log(self, *_: Any) -> None:
            pass

    guard, application = threading.Lock(), DomainDispatcherApplication(create_backend_app)

    def one_at_a_time(environ: Any, start_response: Any) -> list[bytes]:
        with guard:
            return list(application(environ, start_response))

    server = make_server("127.0.0.1", 0, one_at_a_time, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.port}"
    for name, value in {
        "AWS_ENDPOINT_URL": url,
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    bucket = f"bucket-{uuid.uuid4().hex}"
    assert httpx.put(f"{url}/{bucket}", trust_env=False).status_code == 200
    yield f"s3://{bucket}/store"
    server.shutdown()
    thread.join(10)


@pytest.fixture
def kill() -> Callable[[int], None]:
    """End a process as `kill -9` does."""
    return lambda pid: os.kill(pid, signal.SIGKILL)
