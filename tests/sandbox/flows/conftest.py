"""A store over HTTP that remembers what it was asked, scripts that ask it, and a tenant with a door for each flow."""

import itertools
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import jwt
import pytest

from deployer.errors import DeployerError
from deployer.runtime.node import find_node
from deployer.sandbox import ages
from deployer.sandbox.server import LocalTenant

REALM = "http://auth0.com/oauth/grant-type/password-realm"
PASSWORD = "Correct-Horse-1"
_NUMBERS = itertools.count(1)
_ASK = """
  fetch(configuration.STORE_URL + '/' + %(kind)s, {
    method: 'POST', body: JSON.stringify([%(arguments)s]), headers: {'content-type': 'application/json'},
  }).then((answer) => answer.json()).then((said) => {
    const error = said.error;
    if (!error) return callback(null, said.value);
    if (error.type === 'wrong') return callback(new WrongUsernameOrPasswordError(error.user, error.message));
    if (error.type === 'validation') return callback(new ValidationError(error.code, error.message));
    if (error.type === 'unauthorized') return callback(new UnauthorizedError(error.message));
    callback(new Error(error.message));
  }, callback);
"""
_ARGUMENTS = {
    "login": "email, password",
    "get_user": "email",
    "create": "user",
    "verify": "email",
    "change_password": "email, newPassword",
    "delete": "id",
    "change_email": "email, newEmail, verified",
    "change_username": "username, newUsername",
}
SCRIPTS = {
    kind: f"function script({arguments}, callback) {{{_ASK % {'kind': json.dumps(kind), 'arguments': arguments}}}}"
    for kind, arguments in _ARGUMENTS.items()
}


@cache
def _missing(marker: str) -> str | None:
    """Why tests with this marker cannot run here."""
    if marker == "npm":
        return None if shutil.which("npm") else "npm is not installed"
    try:
        find_node()
    except DeployerError as error:
        return str(error)
    return None


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in ("node", "npm"):
        if item.get_closest_marker(marker) and (reason := _missing(marker)):
            pytest.skip(reason)


class Store:
    """Users by e-mail address, and every call in `calls` as `(kind, arguments)`."""

    def __init__(self) -> None:
        self.users: dict[str, dict[str, Any]] = {}
        self.calls: list[tuple[str, list[Any]]] = []
        self.url = ""

    def add(self, email: str, password: str = PASSWORD, **profile: Any) -> str:
        user_id = profile.pop("user_id", f"legacy|{next(_NUMBERS)}")
        self.users[email] = {"password": password, "profile": {"user_id": user_id, "email": email, **profile}}
        return str(user_id)

    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.calls]

    def answer(self, kind: str, arguments: list[Any]) -> Any:
        self.calls.append((kind, arguments))
        return getattr(self, f"_{kind}")(*arguments)

    def _login(self, email: str, password: str) -> Any:
        user = self.users.get(email)
        if user is None or user["password"] != password:
            return {"error": {"type": "wrong", "user": email, "message": "no"}}
        return {"value": user["profile"]}

    def _get_user(self, email: str) -> Any:
        return {"value": self.users[email]["profile"]} if email in self.users else {}

    def _create(self, user: dict[str, Any]) -> Any:
        if user["email"] in self.users:
            return {"error": {"type": "validation", "code": "user_exists", "message": "there"}}
        self.add(user["email"], user["password"])
        return {}

    def _verify(self, email: str) -> Any:
        self.users[email]["profile"]["email_verified"] = True
        return {"value": True}

    def _change_password(self, email: str, password: str) -> Any:
        if email not in self.users:
            return {"value": False}
        self.users[email]["password"] = password
        return {"value": True}

    def _delete(self, id: str) -> Any:
        self.users = {email: user for email, user in self.users.items() if user["profile"]["user_id"] != id}
        return {}

    def _change_email(self, email: str, new: str, verified: bool) -> Any:
        user = self.users[new] = self.users.pop(email)
        user["profile"] |= {"email": new, "email_verified": verified}
        return {"value": True}


@pytest.fixture
def store() -> Iterator[Store]:
    """An empty store."""
    made = Store()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            arguments = json.loads(self.rfile.read(int(self.headers["content-length"])))
            body = json.dumps(made.answer(self.path[1:], arguments)).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=lambda: server.serve_forever(0.02), daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join(5)


class Site:
    """A connection and an application of a tenant, and what people and administrators do there."""

    def __init__(self, tenant: LocalTenant, connection: dict[str, Any], client: dict[str, Any]) -> None:
        self.tenant = tenant
        self.connection = connection
        self.client = client
        self.api = httpx.Client(base_url=f"{tenant.base_url}/api/v2", timeout=30)
        self.api.headers["Authorization"] = f"Bearer {tenant.state.issue_token()}"
        self.web = httpx.Client(base_url=tenant.base_url, timeout=30)

    def login(self, username: str, password: str = PASSWORD, /, **more: Any) -> httpx.Response:
        body = {
            "grant_type": REALM,
            "realm": self.connection["name"],
            "client_id": self.client["client_id"],
            "client_secret": self.client["client_secret"],
            "username": username,
            "password": password,
            **more,
        }
        return self.web.post("/oauth/token", json={key: value for key, value in body.items() if value is not None})

    def self_service(self, path: str, **body: Any) -> httpx.Response:
        known = {"client_id": self.client["client_id"], "connection": self.connection["name"]}
        return self.web.post(f"/dbconnections/{path}", json={**known, **body})

    def user(self, email: str) -> dict[str, Any] | None:
        found = self.api.get("/users-by-email", params={"email": email}).json()
        mine = [user for user in found if user["identities"][0]["connection"] == self.connection["name"]]
        return mine[0] if mine else None

    def mails(self, to: str) -> list[dict[str, Any]]:
        headers = dict(self.api.headers)
        return list(self.web.get("/__sandbox__/outbox", params={"to": to}, headers=headers).json())

    def claims(self, token: str) -> dict[str, Any]:
        """The claims of a token, its signature checked by the tenant's published keys."""
        keys = jwt.PyJWKSet.from_dict(self.web.get("/.well-known/jwks.json").json())
        key = keys[jwt.get_unverified_header(token)["kid"]]
        return dict(jwt.decode(token, key, algorithms=["RS256"], options={"verify_aud": False}))

    def error(self, answer: httpx.Response) -> tuple[int, str, str]:
        said = answer.json()
        return answer.status_code, said["error"], said["error_description"]


@pytest.fixture(scope="module")
def tenant() -> Iterator[LocalTenant]:
    """A tenant that the tests of a module share: each has a connection and an application of its own."""
    with LocalTenant() as running:
        yield running


@pytest.fixture
def make_site(tenant: LocalTenant, store: Store) -> Iterator[Callable[..., Site]]:
    """`make_site(import_mode=..., scripts=..., **options)`: a new connection with scripts that ask the store."""
    made: list[Site] = []

    def make(*, scripts: dict[str, str] | None = None, callbacks: list[str] | None = None, **options: Any) -> Site:
        token = tenant.state.issue_token()
        with httpx.Client(
            base_url=f"{tenant.base_url}/api/v2", headers={"Authorization": f"Bearer {token}"}, timeout=30
        ) as api:
            grants = {"grant_types": ["password", REALM, "authorization_code"], "callbacks": callbacks or []}
            client = api.post("/clients", json={"name": "Web", **grants}).json()
            body = {
                "name": f"store-{next(_NUMBERS)}",
                "strategy": "auth0",
                "enabled_clients": [client["client_id"]],
                "options": {
                    "enabledDatabaseCustomization": True,
                    "customScripts": SCRIPTS if scripts is None else scripts,
                    "configuration": {"STORE_URL": store.url},
                    **options,
                },
            }
            answer = api.post("/connections", json={**body, "options": {k: v for k, v in body["options"].items() if v}})
            assert answer.status_code == 201, answer.text
        made.append(Site(tenant, answer.json(), client))
        return made[-1]

    yield make
    for site in made:
        site.api.delete(f"/connections/{site.connection['id']}")
        site.api.close()
        site.web.close()


@pytest.fixture
def bind(tenant: LocalTenant) -> Iterator[Callable[..., dict[str, Any]]]:
    """`bind(code, ..., trigger=..., secrets=...)`: deploy actions and bind them in this order, for one test."""
    headers = {"Authorization": f"Bearer {tenant.state.issue_token()}"}
    bound: set[str] = set()
    with httpx.Client(base_url=f"{tenant.base_url}/api/v2/actions", headers=headers, timeout=30) as api:

        def make(*codes: str, trigger: str = "post-login", secrets: dict[str, str] | None = None) -> None:
            ids = []
            for code in codes:
                named = [{"name": name, "value": value} for name, value in (secrets or {}).items()]
                body = {"name": f"a{next(_NUMBERS)}", "code": code, "supported_triggers": [{"id": trigger}]}
                action = api.post("/actions", json={**body, "secrets": named}).json()
                assert api.post(f"/actions/{action['id']}/deploy").status_code == 200
                ids.append({"ref": {"type": "action_id", "value": action["id"]}})
            assert api.patch(f"/triggers/{trigger}/bindings", json={"bindings": ids}).status_code == 200
            bound.add(trigger)

        yield make
        for trigger in bound:
            api.patch(f"/triggers/{trigger}/bindings", json={"bindings": []})


@pytest.fixture
def add_rule(tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """`add_rule(script, enabled=..., configuration=...)`: a rule after the others, for one test of when Rules ran."""
    monkeypatch.setattr(tenant.state, "age", ages.age("2026-10"))
    headers = {"Authorization": f"Bearer {tenant.state.issue_token()}"}
    rules: list[str] = []
    with httpx.Client(base_url=f"{tenant.base_url}/api/v2", headers=headers, timeout=30) as api:

        def make(script: str, *, enabled: bool = True, configuration: dict[str, str] | None = None) -> None:
            for key, value in (configuration or {}).items():
                api.put(f"/rules-configs/{key}", json={"value": value})
            answer = api.post("/rules", json={"name": f"Rule {next(_NUMBERS)}", "script": script, "enabled": enabled})
            assert answer.status_code == 201, answer.text
            rules.append(answer.json()["id"])

        yield make
        for id in rules:
            api.delete(f"/rules/{id}")


@pytest.fixture
def add_api(tenant: LocalTenant) -> Callable[..., str]:
    """`add_api(**settings)`: a new API with the scopes read:users and write:users; its identifier."""

    def make(**settings: Any) -> str:
        identifier = f"https://store-{next(_NUMBERS)}.example/"
        scopes = [{"value": "read:users"}, {"value": "write:users"}]
        answer = httpx.post(
            f"{tenant.base_url}/api/v2/resource-servers",
            headers={"Authorization": f"Bearer {tenant.state.issue_token()}"},
            json={"identifier": identifier, "name": identifier, "scopes": scopes, **settings},
        )
        assert answer.status_code == 201, answer.text
        return identifier

    return make
