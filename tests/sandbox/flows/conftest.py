"""A store over HTTP that remembers what it was asked, scripts that ask it, and a tenant with a door for each flow."""

import json
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler
from typing import Any

import httpx
import pytest

from deployer.errors import DeployerError
from deployer.runtime.node import find_node
from deployer.sandbox import ages
from deployer.sandbox.server import LocalTenant
from tests.support.flows import NUMBERS, REALM, SCRIPTS, Site, Store
from tests.support.serving import serving_handler


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

    with serving_handler(Handler) as made.url:
        yield made


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
                "name": f"store-{next(NUMBERS)}",
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
                body = {"name": f"a{next(NUMBERS)}", "code": code, "supported_triggers": [{"id": trigger}]}
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
            answer = api.post("/rules", json={"name": f"Rule {next(NUMBERS)}", "script": script, "enabled": enabled})
            assert answer.status_code == 201, answer.text
            rules.append(answer.json()["id"])

        yield make
        for id in rules:
            api.delete(f"/rules/{id}")


@pytest.fixture
def add_api(tenant: LocalTenant) -> Callable[..., str]:
    """`add_api(**settings)`: a new API with the scopes read:users and write:users; its identifier."""

    def make(**settings: Any) -> str:
        identifier = f"https://store-{next(NUMBERS)}.example/"
        scopes = [{"value": "read:users"}, {"value": "write:users"}]
        answer = httpx.post(
            f"{tenant.base_url}/api/v2/resource-servers",
            headers={"Authorization": f"Bearer {tenant.state.issue_token()}"},
            json={"identifier": identifier, "name": identifier, "scopes": scopes, **settings},
        )
        assert answer.status_code == 201, answer.text
        return identifier

    return make
