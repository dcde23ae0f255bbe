"""What the scripts do: against a real HTTP service, and with what they keep in `global`."""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

pytestmark = pytest.mark.node

SECRET = "s3cret-canary"

# Runs scripts one after the other in one container: they share `global`. Answers are what the callbacks got.
HOST = """
class WrongUsernameOrPasswordError extends Error {
  constructor(email, message) { super(message); this.name = 'WrongUsernameOrPasswordError'; this.email = email; }
}
class ValidationError extends Error {
  constructor(code, message) { super(message); this.name = 'ValidationError'; this.code = code; }
}
const plain = (value) => {
  if (!(value instanceof Error)) return value === undefined ? 'undefined' : value;
  return { error: value.name, code: value.code, email: value.email, message: value.message };
};
const container = {};
const start = Date.now();
let offset = 0;
Date.now = () => start + offset;
const log = [];
const modules = (input.modules ? new Function('log', input.modules)(log) : {});
const load = (name) => modules[name.replace(/@.*/, '')] || require(name);
const names = ['require', 'global', 'configuration', 'WrongUsernameOrPasswordError', 'ValidationError'];
(async () => {
  const answers = [];
  for (const { source, args, later } of input.calls) {
    offset += later || 0;
    const script = new Function(...names, 'return (' + source + ');')(
      load, container, Object.freeze(input.configuration), WrongUsernameOrPasswordError, ValidationError);
    const calls = [];
    await new Promise((resolve) => script(...args, (...given) => {
      calls.push(given.map(plain));
      setTimeout(resolve, 5);
    }));
    answers.push(calls.length === 1 ? calls[0] : ['called ' + calls.length + ' times']);
  }
  const text = (key, value) => (typeof value === 'object' ? value : String(value));
  output({ answers, log, kept: JSON.stringify(container, text) });
})();
"""


@dataclass
class Service:
    """A user service with one user, and what it was asked."""

    url: str = ""
    asked: list[tuple[str, str, str, Any]] = field(default_factory=list)
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    answer_with: Callable[[str], tuple[int, Any] | None] = lambda _: None

    def handle(self, method: str, path: str, authorization: str, body: Any) -> tuple[int, Any]:
        self.asked.append((method, path, authorization, body))
        if forced := self.answer_with(path):
            return forced
        if path == "/oauth/token":
            if body["client_secret"] != SECRET:
                return 401, {"error": "access_denied"}
            self.tokens.append(f"token-{len(self.tokens)}")
            return 200, {"access_token": self.tokens[-1], "expires_in": 3600}
        kind, _, value = authorization.partition(" ")
        if kind == "Bearer" and (value not in self.tokens or value in self.refused):
            return 401, {"error": "invalid_token"}
        if kind == "Basic" and base64.b64decode(value).decode() != f"svc:{SECRET}":
            return 401, {"error": "unauthorized"}
        return self._operation(method, path, body)

    def _operation(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        no_user = (404, {"error": "user_not_found"})
        if method == "DELETE":
            return (204, None) if path == "/users/7%2F8" else no_user
        identifier = body.get("identifier") or body.get("email") or body.get("username")
        user = self.users.get(identifier)
        if path == "/users":
            if user:
                return 409, {"error": "taken"}
            self.users[body["email"]] = {**body, "id": len(self.users) + 1}
            return 201, None
        if user is None or (path == "/users/authenticate" and user["password"] != body["password"]):
            return no_user
        if path in {"/users/authenticate", "/users/find"}:
            return 200, {**user, "hash": "must not come out"}
        if path == "/users/change-email":
            if body["new_email"] in self.users:
                return 409, {"error": "taken"}
            return 204, None
        return 204, None


@pytest.fixture
def service() -> Iterator[Service]:
    """A service on a free port of this machine."""
    state = Service(
        users={"ada@example.com": {"id": "7/8", "email": "Ada@Example.com", "password": "right", "name": "Ada"}}
    )

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            data = self.rfile.read(int(self.headers.get("content-length") or 0))
            status, body = state.handle(
                self.command, self.path, self.headers.get("authorization", ""), json.loads(data) if data else None
            )
            text = b"" if body is None else json.dumps(body).encode()
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("location", state.url + "/elsewhere")
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_DELETE = answer  # noqa: N815

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


class Shop:
    """Calls scripts of one store against the service."""

    def __init__(self, name: str, service: Service, render: Any, run_node: Any) -> None:
        self.name, self.service, self.render, self.run_node = name, service, render, run_node
        self.configuration = {
            "API_URL": service.url + "/",
            "API_AUDIENCE": "https://users",
            "API_CLIENT_ID": "scripts",
            "API_CLIENT_SECRET": SECRET,
            "AUTH0_DOMAIN": service.url,
            "SERVICE_URL": service.url,
            "SERVICE_USER": "svc",
            "SERVICE_PASSWORD": SECRET,
        }
        self.variables: dict[str, Any] = {"timeout_ms": 1500}
        self.kept = ""

    def call(self, *calls: tuple[Any, ...], later: int = 0) -> list[Any]:
        sources = self.render(self.name, variables=self.variables, options={"requires_username": True}).sources
        given = [{"source": sources[kind], "args": args, "later": later} for kind, *args in calls]
        answer = self.run_node(HOST, {"calls": given, "configuration": self.configuration})
        self.kept = answer["kept"]
        return list(answer["answers"])


@pytest.fixture(params=["api", "basic-auth-service"])
def shop(request: pytest.FixtureRequest, service: Service, render: Any, run_node: Any) -> Shop:
    """Both stores that speak HTTP."""
    return Shop(request.param, service, render, run_node)


PROFILE = {"user_id": "legacy-users|7/8", "email": "ada@example.com", "email_verified": False, "name": "Ada"}
WRONG = {"error": "WrongUsernameOrPasswordError", "message": "Wrong e-mail address or password."}


def test_every_script_against_a_service(shop: Shop) -> None:
    answers = shop.call(
        ("login", "Ada@example.com", "right"),
        ("login", "Ada@example.com", "wrong"),
        ("login", "nobody@example.com", "right"),
        ("get_user", "ADA@EXAMPLE.COM"),
        ("get_user", "nobody@example.com"),
        ("create", {"email": "New@Example.com", "password": "p", "name": "New"}),
        ("create", {"email": "Ada@Example.com", "password": "p"}),
        ("verify", "ada@example.com"),
        ("verify", "nobody@example.com"),
        ("change_password", "ada@example.com", "next"),
        ("change_password", "nobody@example.com", "next"),
        ("change_email", "ada@example.com", "other@example.com", True),
        ("change_email", "ada@example.com", "new@example.com", True),
        ("change_email", "nobody@example.com", "x@example.com", True),
        ("change_username", "nobody", "somebody"),
        ("delete", "legacy-users|7/8"),
        ("delete", "legacy-users|9"),
    )
    wrong = [[{**WRONG, "email": email}] for email in ("Ada@example.com", "nobody@example.com")]
    exists = [{"error": "ValidationError", "code": "user_exists", "message": "The user already exists."}]
    assert answers[:5] == [[None, PROFILE], *wrong, [None, PROFILE], [None]]
    assert answers[5:7] == [[None], exists]
    assert answers[7:11] == [[None, True], [None, False]] * 2
    assert answers[11:15] == [[None, True], exists, [None, False], [None, False]]
    assert answers[15:] == [[None], [None]]
    assert ("POST", "/users/change-email") in {(method, path) for method, path, *_ in shop.service.asked}
    created = shop.service.users["new@example.com"]
    assert (created["password"], created["name"], created["email_verified"]) == ("p", "New", False)


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (500, {"error": "boom"}, "HTTP_500"),
        (429, None, "HTTP_429"),
        (403, {"error": "insufficient_scope"}, "HTTP_403"),
        (200, None, "NO_ID"),
        (200, {"email": "no id"}, "NO_ID"),
        (200, {"id": {"$ne": 1}}, "NO_ID"),
        (302, None, "TypeError"),
    ],
)
def test_what_a_service_must_not_answer_is_an_error(shop: Shop, status: int, body: Any, code: str) -> None:
    shop.service.answer_with = lambda path: (status, body) if path == "/users/find" else None
    ((error,),) = shop.call(("get_user", "ada@example.com"))
    assert error["error"] == "Error"
    assert error["message"] == f"The user service did not answer as expected ({code})."
    assert "/elsewhere" not in {path for _, path, *_ in shop.service.asked}


def test_a_service_that_does_not_answer_ends_in_an_error(shop: Shop) -> None:
    release = threading.Event()

    def wait(path: str) -> tuple[int, Any] | None:
        if path == "/users/find":
            release.wait(20)
        return None

    shop.service.answer_with = wait
    shop.variables["timeout_ms"] = 500
    try:
        ((error,),) = shop.call(("get_user", "ada@example.com"))
    finally:
        release.set()
    assert "did not answer as expected" in error["message"]


def test_plain_http_to_elsewhere_is_refused(shop: Shop) -> None:
    shop.configuration.update(API_URL="http://users.invalid", SERVICE_URL="http://users.invalid")
    ((error,),) = shop.call(("login", "ada@example.com", "right"))
    assert "NOT_HTTPS" in error["message"]


def test_secrets_and_passwords_do_not_come_out(shop: Shop) -> None:
    shop.configuration.update(API_CLIENT_SECRET="another-canary", SERVICE_PASSWORD="another-canary")
    answers = shop.call(("login", "ada@example.com", "pass-canary"))
    assert "canary" not in json.dumps(answers)
    assert "HTTP_401" in json.dumps(answers)


def test_a_wrong_address_is_not_taken_for_an_unknown_user(service: Service, render: Any, run_node: Any) -> None:
    shop = Shop("api", service, render, run_node)
    service.answer_with = lambda path: (404, {"error": "no route"}) if path.startswith("/users") else None
    for answer in shop.call(("get_user", "a@b.c"), ("login", "a@b.c", "x"), ("verify", "a@b.c"), ("delete", "1")):
        assert "HTTP_404" in answer[0]["message"]


def test_one_token_serves_all_scripts_and_is_replaced(service: Service, render: Any, run_node: Any) -> None:
    shop = Shop("api", service, render, run_node)
    shop.call(*[("get_user", "ada@example.com")] * 5, ("login", "ada@example.com", "right"))
    assert service.tokens == ["token-0"]
    assert "legacy-users" in shop.kept
    assert "ada" not in shop.kept.lower()
    shop.call(*[("get_user", "ada@example.com")] * 3, later=8 * 60 * 1000)
    assert len(service.tokens) == 1 + 2  # a new container, and after 16 minutes


def test_a_revoked_token_is_replaced_once(service: Service, render: Any, run_node: Any) -> None:
    shop = Shop("api", service, render, run_node)
    service.refused = {"token-0"}
    assert shop.call(("get_user", "ada@example.com")) == [[None, PROFILE]]
    service.refused = {f"token-{number}" for number in range(99)}
    ((error,),) = shop.call(("get_user", "ada@example.com"))
    assert "HTTP_401" in error["message"]
    assert len(service.tokens) == 4


def test_users_own_credentials(service: Service, render: Any, run_node: Any) -> None:
    """`login_with: user` sends nothing but the user's name and password, and a colon cannot move between them."""
    shop = Shop("basic-auth-service", service, render, run_node)
    shop.variables.update(login_with="user", authenticate_path="/me")
    right = "Basic " + base64.b64encode("ada@example.com:pässword:x".encode()).decode()
    user = {"id": 7, "email": "ada@example.com", "email_verified": True}

    def answer(path: str) -> tuple[int, Any]:
        return (200, user) if service.asked[-1][2] == right else (401, None)

    service.answer_with = answer
    answers = shop.call(
        ("login", "Ada@example.com", "pässword:x"),
        ("login", "ada@example.com", "wrong"),
        ("login", "ada@example.com:pässword", "x"),
    )
    assert answers[0] == [None, {"user_id": "legacy-users|7", "email": "ada@example.com", "email_verified": True}]
    assert [answer[0]["error"] for answer in answers[1:]] == ["WrongUsernameOrPasswordError"] * 2
    assert len(service.asked) == 2


# A driver as far as the cache sees it: pools that are opened, asked and closed.
POOLS = """
let number = 0;
class Pool {
  constructor() { this.number = ++number; log.push('open ' + this.number); }
  on() {}
  async query() { log.push('ask ' + this.number); return { rows: [], rowCount: 0 }; }
  async end() { log.push('end ' + this.number); if (this.number === 1) throw new Error('already gone'); }
}
return { pg: { Pool } };
"""


def test_pools_are_shared_replaced_and_closed(render: Any, run_node: Any) -> None:
    sources = render("postgres").sources
    minute = 60 * 1000
    calls = [
        {"source": sources["get_user"], "args": ["a@b.c"]},
        {"source": sources["verify"], "args": ["a@b.c"], "later": 9 * minute},
        {"source": sources["get_user"], "args": ["a@b.c"], "later": 2 * minute},
        {"source": sources["get_user"], "args": ["a@b.c"], "later": 11 * minute},
    ]
    answer = run_node(HOST, {"calls": calls, "configuration": {"PG_URL": "x"}, "modules": POOLS})
    assert answer["answers"] == [[None], [None, False], [None], [None]]
    assert answer["log"] == ["open 1", "ask 1", "ask 1", "open 2", "end 1", "ask 2", "open 3", "end 2", "ask 3"]


def test_two_connections_in_one_container_have_their_own(render: Any, run_node: Any) -> None:
    source = render("postgres").sources["get_user"]
    other = source.replace("legacy-users", "partners")
    calls = [{"source": text, "args": ["a@b.c"]} for text in (source, other, source, other)]
    answer = run_node(HOST, {"calls": calls, "configuration": {"PG_URL": "x"}, "modules": POOLS})
    assert answer["log"] == ["open 1", "ask 1", "open 2", "ask 2", "ask 1", "ask 2"]
    assert "a@b.c" not in answer["kept"]


# MongoDB's client: one whose first connection failed is closed for good.
MONGO = """
let number = 0;
class MongoClient {
  constructor() { this.number = ++number; }
  async connect() {
    log.push('connect ' + this.number);
    const error = Object.assign(new Error('mongodb://user:canary@host'), { name: 'MongoServerSelectionError' });
    if (this.number === 1) throw error;
  }
  db() { return { collection: () => ({ find: this.find }) }; }
  find(filter) { log.push(filter); return { toArray: async () => [] }; }
}
return { mongodb: { MongoClient } };
"""


def test_a_client_that_could_not_connect_is_replaced(render: Any, run_node: Any) -> None:
    source = render("mongodb").sources["get_user"]
    calls = [{"source": source, "args": [email]} for email in ("a@b.c", "A@b.c", {"$ne": 1})]
    answer = run_node(HOST, {"calls": calls, "configuration": {"MONGODB_URL": "x"}, "modules": MONGO})
    assert "(MongoServerSelectionError)" in answer["answers"][0][0]["message"]
    assert "canary" not in json.dumps(answer)
    assert answer["answers"][1:] == [[None], [None]]
    assert [entry for entry in answer["log"] if isinstance(entry, str)] == ["connect 1", "connect 2", "connect 2"]
    assert answer["log"][2] == {"email": {"$in": ["A@b.c", "a@b.c"]}}
    # Text, never an operator.
    assert answer["log"][-1] == {"email": {"$in": ["[object Object]", "[object object]"]}}


# Drivers that fail as the real ones do.
FAILING = """
class Pool {
  on() {}
  async query(sql, values) {
    const rows = values[0] === 'a@b.c' ? [{ id: 1, name: 'a@b.c' }] : [];
    if (!/^(INSERT|UPDATE)/.test(sql)) return { rows, rowCount: rows.length };
    throw Object.assign(new Error('duplicate key: ada@example.com'), { code: '23505' });
  }
}
const bcrypt = { hash: async () => 'hash', compare: async () => true };
return { pg: { Pool }, bcrypt };
"""


def test_a_duplicate_is_user_exists_and_other_errors_show_no_data(render: Any, run_node: Any) -> None:
    sources = render("postgres").sources
    user = {"email": "ada@example.com", "password": "p"}
    calls = [
        {"source": sources["create"], "args": [user]},
        {"source": sources["change_email"], "args": ["a@b.c", "d@e.f", True]},
        {"source": sources["verify"], "args": ["a@b.c"]},
        {"source": sources["change_password"], "args": ["a@b.c", "x"]},
    ]
    answers = run_node(HOST, {"calls": calls, "configuration": {"PG_URL": "x"}, "modules": FAILING})["answers"]
    assert [answer[0].get("code") for answer in answers] == ["user_exists", "user_exists", None, None]
    assert answers[2][0]["message"] == "The user database did not answer as expected (23505)."
    assert "ada@example.com" not in json.dumps(answers)
