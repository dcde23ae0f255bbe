"""Actions on a local tenant: builds take time, some fail, and only what is deployed can be bound."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from deployer.sandbox.resources import action_state
from deployer.sandbox.server import LocalTenant
from deployer.sandbox.tenant import Behaviour

TRIGGERS = [{"id": "post-login", "version": "v3"}]
BINDINGS = "/actions/triggers/post-login/bindings"


@pytest.fixture
def slow(connect: Any) -> Iterator[httpx.Client]:
    with LocalTenant(behaviour=Behaviour(build_seconds=0.6)) as running, connect(running) as api:
        yield api


def make(api: httpx.Client, **more: Any) -> str:
    answer = api.post("/actions/actions", json={"name": "guard", "supported_triggers": TRIGGERS, "code": "", **more})
    assert answer.status_code == 201, answer.text
    assert answer.json()["status"] == "pending"
    return str(answer.json()["id"])


def wait(api: httpx.Client, id: str, status: str) -> list[str]:
    seen: list[str] = []
    end = time.monotonic() + 20
    while time.monotonic() < end:
        now = api.get(f"/actions/actions/{id}").json()["status"]
        if not seen or seen[-1] != now:
            seen.append(now)
        if now == status:
            return seen
        time.sleep(0.01)
    raise AssertionError(seen)


def bind(api: httpx.Client, id: str) -> httpx.Response:
    return api.patch(BINDINGS, json={"bindings": [{"ref": {"type": "action_id", "value": id}}]})


def test_an_action_is_built_then_deployed_then_bound(slow: httpx.Client) -> None:
    id = make(slow)
    early = slow.post(f"/actions/actions/{id}/deploy")
    assert early.status_code == 400
    assert early.json()["message"] == "A draft must be in the 'built' state before it can be deployed."
    assert wait(slow, id, "built") == ["pending", "building", "built"]
    assert slow.post(f"/actions/actions/{id}/deploy").status_code == 200
    assert bind(slow, id).status_code == 400, "the version is not built yet"
    end = time.monotonic() + 10
    while "deployed_version" not in slow.get(f"/actions/actions/{id}").json() and time.monotonic() < end:
        time.sleep(0.02)
    assert bind(slow, id).status_code == 200
    assert slow.get(f"/actions/actions/{id}").json()["all_changes_deployed"] is True


def test_a_module_that_is_not_to_be_had_fails_the_build(api: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(action_state, "RETRY_SECONDS", 0.1)
    id = make(api, dependencies=[{"name": "crypto", "version": "17.7.1"}])
    assert wait(api, id, "failed")[-1] == "failed"
    assert api.post(f"/actions/actions/{id}/deploy").status_code == 400


def test_secrets_keep_their_value_and_are_never_shown(tenant: LocalTenant, api: httpx.Client) -> None:
    id = make(api, secrets=[{"name": "A", "value": "first-secret"}, {"name": "B", "value": "x"}])
    api.patch(f"/actions/actions/{id}", json={"secrets": [{"name": "C", "value": "y"}, {"name": "A"}]})
    answer = api.get(f"/actions/actions/{id}")
    assert "first-secret" not in answer.text
    assert [secret["name"] for secret in answer.json()["secrets"]] == ["A", "C"]
    stored = tenant.state.storage.get("action", id)
    assert stored is not None
    assert tenant.state.vault.decrypt(stored["$secrets"]["A"]) == "first-secret"


def test_what_cannot_be_bound(api: httpx.Client) -> None:
    id = make(api)
    assert "not been deployed" in bind(api, id).json()["message"]
    assert bind(api, "nobody").status_code == 404
    assert api.get("/actions/triggers/event-stream/bindings").json() == {"bindings": [], "per_page": 50}
    answer = api.patch("/actions/triggers/event-stream/bindings", json={"bindings": []})
    assert "entity-bound" in answer.json()["message"]
    api.post(f"/actions/actions/{id}/deploy")
    assert bind(api, id).status_code == 200
    twice = [{"ref": {"type": "action_id", "value": id}}] * 2
    assert api.patch(BINDINGS, json={"bindings": twice}).status_code == 400
    assert len(api.get(BINDINGS).json()["bindings"]) == 1
    assert api.delete(f"/actions/actions/{id}").status_code == 409
    assert api.delete(f"/actions/actions/{id}", params={"force": True}).status_code == 204
    assert api.get(BINDINGS).json() == {"bindings": [], "per_page": 50}


def test_a_failing_write_leaves_nothing_of_itself(tenant: LocalTenant, api: httpx.Client) -> None:
    before = tenant.state.storage.dump()
    answer = api.post(
        "/clients",
        json={
            "name": "x",
            "client_authentication_methods": {
                "private_key_jwt": {
                    "credentials": [
                        {"credential_type": "public_key", "pem": tenant.state.signing_key.certificate},
                        {"credential_type": "public_key", "pem": "broken"},
                    ]
                }
            },
        },
    )
    assert answer.status_code == 400
    assert tenant.state.storage.dump() == before
