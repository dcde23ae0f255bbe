"""Settings by which tenants differ: new applications on every connection, and the end of `enabled_clients`."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from deployer.sandbox.server import LocalTenant
from deployer.sandbox.tenant import Behaviour

CODE = "from deployer.cli.main import app; app()"


def connect(tenant: LocalTenant) -> httpx.Client:
    headers = {"Authorization": f"Bearer {tenant.state.issue_token()}"}
    return httpx.Client(base_url=f"{tenant.base_url}/api/v2", headers=headers, timeout=20, trust_env=False)


@pytest.fixture
def own_api() -> Iterator[httpx.Client]:
    with LocalTenant() as tenant, connect(tenant) as api:
        yield api


def make(api: httpx.Client, name: str, strategy: str = "auth0", **more: Any) -> str:
    answer = api.post("/connections", json={"name": name, "strategy": strategy, **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def clients_of(api: httpx.Client, connection: str) -> list[str]:
    return [one["client_id"] for one in api.get(f"/connections/{connection}/clients").json()["clients"]]


def test_new_applications_are_on_every_connection_where_the_tenant_has_it_so(own_api: httpx.Client) -> None:
    api = own_api
    flag = "enable_client_connections"
    assert api.get("/tenants/settings").json()["flags"][flag] is False
    database, social = make(api, "users"), make(api, "google", "google-oauth2")
    api.post("/clients", json={"name": "Before"})
    assert clients_of(api, database) == []
    settings = api.patch("/tenants/settings", json={"flags": {flag: True}, "friendly_name": "Acme"}).json()
    assert settings == api.get("/tenants/settings").json()
    assert (settings["flags"][flag], settings["friendly_name"]) == (True, "Acme")
    client = api.post("/clients", json={"name": "After"}).json()["client_id"]
    for connection in (database, social):
        assert clients_of(api, connection) == [client]
        assert api.get(f"/connections/{connection}").json()["enabled_clients"] == [client]
    assert clients_of(api, make(api, "later")) == []
    api.patch("/tenants/settings", json={"flags": {flag: None}, "friendly_name": None})
    assert "friendly_name" not in api.get("/tenants/settings").json()
    api.post("/clients", json={"name": "Again"})
    assert clients_of(api, database) == [client]


@pytest.mark.parametrize("body", [{}, {"flags": {"enable_client_connections": "yes"}}, {"friendly_name": 1}, []])
def test_settings_are_checked(api: httpx.Client, body: Any) -> None:
    assert api.patch("/tenants/settings", json=body).status_code == 400


def test_a_tenant_that_has_migrated_neither_shows_enabled_clients_nor_takes_them() -> None:
    with LocalTenant(behaviour=Behaviour(legacy_enabled_clients=False)) as tenant, connect(tenant) as api:
        client = api.post("/clients", json={"name": "App"}).json()["client_id"]
        connection = make(api, "users", enabled_clients=[client])
        path = f"/connections/{connection}"
        answer = api.patch(path, json={"enabled_clients": []})
        assert answer.status_code == 400
        assert answer.json()["message"] == (
            "Payload validation error: 'Additional properties not allowed: enabled_clients'."
        )
        assert clients_of(api, connection) == [client]
        shown = [
            api.get(path).json(),
            api.get("/connections").json()[0],
            api.get("/connections", params={"name": "users"}).json()[0],
            api.get("/connections", params={"take": 5}).json()["connections"][0],
            api.patch(path, json={"display_name": "Users"}).json(),
        ]
        assert all("enabled_clients" not in one and one["options"] for one in shown)
        assert api.patch(f"{path}/clients", json=[{"client_id": client, "status": False}]).status_code == 204
        assert clients_of(api, connection) == []


def test_a_command_line_sets_both_and_the_month(tmp_path: Path) -> None:
    options = ["--as-of", "2025-01", "--enable-client-connections", "--no-legacy-enabled-clients"]
    process = subprocess.Popen(
        [sys.executable, "-c", CODE, "sandbox", "--json", *options], stdout=subprocess.PIPE, text=True, cwd=tmp_path
    )
    try:
        assert process.stdout is not None
        known = json.loads(process.stdout.readline())
        body = {
            "grant_type": "client_credentials",
            "client_id": known["client_id"],
            "client_secret": known["client_secret"],
            "audience": f"{known['base_url']}/api/v2/",
        }
        token = httpx.post(f"{known['base_url']}/oauth/token", json=body, trust_env=False).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=f"{known['base_url']}/api/v2", headers=headers, trust_env=False) as api:
            connection = make(api, "users")
            client = api.post("/clients", json={"name": "App"}).json()["client_id"]
            assert clients_of(api, connection) == [client]
            shown = api.get(f"/connections/{connection}").json()
        assert "enabled_clients" not in shown
        assert "authentication" not in shown
        assert shown["options"]["passwordPolicy"] == "good"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


@pytest.mark.parametrize(
    ("old", "length", "types", "rule", "identical"),
    [
        ({"passwordPolicy": "none"}, 1, 0, "all", "allow"),
        ({"passwordPolicy": "low"}, 6, 0, "all", "allow"),
        ({"passwordPolicy": "fair"}, 8, 3, "all", "allow"),
        ({"passwordPolicy": "good"}, 8, 4, "three_of_four", "allow"),
        ({"passwordPolicy": "excellent"}, 10, 4, "three_of_four", "block"),
        (
            {"passwordPolicy": "good", "password_complexity_options": {"min_length": 12}},
            12,
            4,
            "three_of_four",
            "allow",
        ),
    ],
)
def test_the_dashboards_button_turns_the_old_password_fields_into_the_new_ones(
    old: dict[str, Any], length: int, types: int, rule: str, identical: str
) -> None:
    more = {
        "password_history": {"enable": True, "size": 5},
        "password_dictionary": {"enable": True, "dictionary": ["badPassword"]},
        "password_no_personal_info": {"enable": True},
    }
    with LocalTenant(as_of="2026-06") as tenant, connect(tenant) as api:
        connection = make(api, "users", options={**old, **more, "import_mode": True})
        press = {"action": "activate_flexible_passwords", "connection": "users"}
        assert api.post(f"{tenant.base_url}/__sandbox__/dashboard", json=press).status_code == 204
        options = api.get(f"/connections/{connection}").json()["options"]
        again = api.post(f"{tenant.base_url}/__sandbox__/dashboard", json=press)
    assert {name for name in options if name.startswith("password")} == {"password_options"}
    assert options["import_mode"] is True
    complexity = options["password_options"]["complexity"]
    assert (complexity["min_length"], len(complexity["character_types"])) == (length, types)
    assert (complexity["character_type_rule"], complexity["identical_characters"]) == (rule, identical)
    assert complexity["max_length_exceeded"] == "truncate"
    assert options["password_options"]["history"] == {"active": True, "size": 5}
    assert options["password_options"]["dictionary"] == {"active": True, "default": "en_10k", "custom": ["badPassword"]}
    assert options["password_options"]["profile_data"]["active"] is True
    assert "active already" in again.json()["message"]
