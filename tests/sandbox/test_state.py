"""What a tenant's file survives, fixtures, the Dashboard, and many tenants at once."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from deployer.errors import DeployerError
from deployer.sandbox import dashboard
from deployer.sandbox.server import LocalTenant, LocalTenants
from deployer.sandbox.snapshot import FORMAT, load, read_snapshot, snapshot, write_snapshot

SCRIPTS = {"login": "function login() {}", "change_email": "function changeEmail() {}"}
OPTIONS = {"customScripts": SCRIPTS, "configuration": {"URL": "very-secret", "KEY": "other-secret"}}


def make(api: httpx.Client, name: str) -> dict[str, Any]:
    answer = api.post("/connections", json={"name": name, "strategy": "auth0", "options": OPTIONS})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def start(file: Path) -> tuple[subprocess.Popen[str], dict[str, str]]:
    code = "from deployer.cli.main import app; app()"
    command = [sys.executable, "-c", code, "sandbox", "--json", "--data", str(file)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())


def reach(known: dict[str, str]) -> httpx.Client:
    body = {
        "grant_type": "client_credentials",
        "client_id": known["client_id"],
        "client_secret": known["client_secret"],
        "audience": known["base_url"] + "/api/v2/",
    }
    token = httpx.post(known["base_url"] + "/oauth/token", json=body).json()["access_token"]
    return httpx.Client(base_url=known["base_url"] + "/api/v2", headers={"Authorization": f"Bearer {token}"})


def test_a_killed_tenant_has_every_write_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "tenant.db"
    process, known = start(file)
    acknowledged: list[str] = []

    def write() -> None:
        with reach(known) as api:
            for number in range(10_000):
                try:
                    acknowledged.append(make(api, f"users-{number}")["name"])
                except httpx.HTTPError:
                    return

    writers = threading.Thread(target=write)
    writers.start()
    end = time.monotonic() + 20
    while len(acknowledged) < 25 and time.monotonic() < end:
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
    writers.join(10)

    again, after = start(file)
    try:
        assert (after["client_id"], after["client_secret"]) == (known["client_id"], known["client_secret"])
        with reach(after) as api:
            found = []
            cursor = None
            while True:
                page = api.get("/connections", params={"take": 100, **({"from": cursor} if cursor else {})}).json()
                found += page["connections"]
                if (cursor := page.get("next")) is None:
                    break
            names = [entry["name"] for entry in found]
            assert names[: len(acknowledged)] == acknowledged
            assert len(names) <= len(acknowledged) + 1, "at most the write that was not answered any more"
            assert all(entry["options"]["customScripts"] == SCRIPTS for entry in found)
            make(api, "after-the-crash")
    finally:
        again.terminate()
        assert again.wait(10) == 0


def test_a_file_that_is_no_tenant_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.txt"
    file.write_text("not a database, but long enough to be taken for one" * 100)
    with pytest.raises(DeployerError, match="cannot use this file"), LocalTenant(data=file):
        pass
    assert file.read_text().startswith("not a database")


def test_a_taken_port_is_refused(tenant: LocalTenant) -> None:
    port = int(tenant.domain.rpartition(":")[2])
    with pytest.raises(DeployerError, match="cannot listen"), LocalTenant(port=port):
        pass


def test_a_snapshot_brings_everything_back_but_secrets(own: LocalTenant, tmp_path: Path, connect: Any) -> None:
    file = tmp_path / "fixture.json"
    with connect(own) as api:
        made = make(api, "legacy-users")
    write_snapshot(own.state, file)
    text = file.read_text()
    for secret in (own.client_secret, "very-secret", own.state.signing_key.pem, "PRIVATE KEY"):
        assert secret not in text
    with LocalTenant() as other:
        read_snapshot(other.state, file)
        with connect(other) as api:
            read = api.get(f"/connections/{made['id']}").json()
            assert api.get(f"/resource-servers/{other.state.audience}").json()["is_system"]
        before, after = made["options"].pop("configuration"), read["options"].pop("configuration")
        assert read == made
        assert before.keys() == after.keys()


def test_a_fixture_written_by_hand_holds_plain_values(own: LocalTenant, connect: Any) -> None:
    body = {"id": "con_1", "name": "one", "strategy": "auth0", "options": OPTIONS, "enabled_clients": []}
    document = {"kind": "connection", "id": "con_1", "name": "one", "tag": "auth0", "body": body}
    load(own.state, {"format": FORMAT, "documents": [document], "links": [], "settings": {}})
    with connect(own) as api:
        value = api.get("/connections/con_1").json()["options"]["configuration"]["URL"]
    assert own.state.vault.decrypt(value) == "very-secret"


@pytest.mark.parametrize("data", [None, {}, {"format": FORMAT}, {"format": FORMAT, "documents": [{"kind": "rule"}]}])
def test_what_is_no_snapshot_changes_nothing(tenant: LocalTenant, data: Any) -> None:
    before = snapshot(tenant.state)
    with pytest.raises(DeployerError, match="not a snapshot"):
        load(tenant.state, data)
    assert snapshot(tenant.state) == before


def test_the_dashboard_forgets_change_email(tenant: LocalTenant, api: httpx.Client) -> None:
    made = make(api, "dashboard-users")
    path = f"/connections/{made['id']}"
    dashboard.save_scripts(tenant.state, "dashboard-users", {"create": "function create() {}"})
    saved = api.get(path).json()["options"]
    assert set(saved["customScripts"]) == {"login", "create"}
    assert saved["configuration"] == made["options"]["configuration"]
    dashboard.change_secret(tenant.state, "dashboard-users", "URL", "new-secret")
    changed = api.get(path).json()["options"]["configuration"]
    assert changed["URL"] != saved["configuration"]["URL"]
    assert changed["KEY"] == saved["configuration"]["KEY"]
    assert tenant.state.vault.decrypt(changed["URL"]) == "new-secret"
    dashboard.edit_option(tenant.state, "dashboard-users", "mfa.active", False)
    assert api.get(path).json()["options"]["mfa"]["active"] is False
    url = f"{tenant.base_url}/__sandbox__/dashboard"
    assert api.post(url, json={"action": "delete_connection", "connection": "dashboard-users"}).status_code == 204
    assert api.get(path).status_code == 404
    with pytest.raises(DeployerError):
        dashboard.save_scripts(tenant.state, "dashboard-users")


def test_two_hundred_tenants_in_one_process(connect: Any) -> None:
    begin = time.perf_counter()
    threads = set(threading.enumerate())
    with LocalTenants(200) as running:
        assert len(set(threading.enumerate()) - threads) == 1
        assert len({tenant.base_url for tenant in running.tenants}) == 200
        for number in (0, 99, 199):
            with connect(running.tenants[number]) as api:
                make(api, f"users-{number}")
        with connect(running.tenants[99]) as api:
            assert [entry["name"] for entry in api.get("/connections").json()] == ["users-99"]
    assert time.perf_counter() - begin < 60
