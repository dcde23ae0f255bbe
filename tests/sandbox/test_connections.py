"""Connections on a local tenant: what Auth0 keeps, adds, refuses and forgets."""

import itertools
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from deployer.sandbox.server import LocalTenant

SCRIPT = "function login(email, password, callback) { callback(null); }"
EMAIL = {"identifier": {"active": True}, "profile_required": True, "signup": {"status": "required"}}
_numbers = itertools.count()


def make(api: httpx.Client, options: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    body = {"name": f"users-{next(_numbers)}", "strategy": "auth0", **more}
    answer = api.post("/connections", json=body if options is None else {**body, "options": options})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def refused(answer: httpx.Response, status: int = 400) -> str:
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert body["statusCode"] == status
    return str(body["message"])


def test_a_patch_replaces_the_options_but_for_what_the_server_keeps(api: httpx.Client) -> None:
    sent = {"configuration": {"URL": "secret"}, "customScripts": {"login": SCRIPT}, "import_mode": False}
    made = make(api, sent)
    assert made["options"]["mfa"]
    after = api.patch(f"/connections/{made['id']}", json={"options": {"import_mode": True}}).json()
    assert set(after["options"]) == {
        "import_mode",
        "authentication_methods",
        "passkey_options",
        "brute_force_protection",
    }


def test_a_ciphertext_differs_at_every_write_and_stays_between_writes(tenant: LocalTenant, api: httpx.Client) -> None:
    options = {"configuration": {"URL": "secret"}}
    made = make(api, options)
    first = made["options"]["configuration"]["URL"]
    assert "secret" not in first
    path = f"/connections/{made['id']}"
    assert api.get(path).json()["options"]["configuration"]["URL"] == first
    second = api.patch(path, json={"options": options}).json()["options"]["configuration"]["URL"]
    assert second != first
    api.patch(path, json={"display_name": "other"})
    assert api.get(path).json()["options"]["configuration"]["URL"] == second
    assert tenant.state.vault.decrypt(second) == "secret"


def test_a_ciphertext_that_is_sent_back_is_a_value_like_any_other(tenant: LocalTenant, api: httpx.Client) -> None:
    made = make(api, {"configuration": {"URL": "secret"}})
    first = made["options"]["configuration"]["URL"]
    path = f"/connections/{made['id']}"
    api.patch(path, json={"options": {"configuration": {"URL": first}}})
    second = api.get(path).json()["options"]["configuration"]["URL"]
    assert tenant.state.vault.decrypt(second) == first


@pytest.mark.parametrize("field", ["name", "strategy", "id", "realm"])
def test_what_cannot_be_changed(api: httpx.Client, field: str) -> None:
    message = refused(api.patch(f"/connections/{make(api)['id']}", json={field: "other"}))
    assert message == f"Payload validation error: 'Additional properties not allowed: {field}'."


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ({"strategy": "auth0"}, "Missing required property: name"),
        ({"name": "bad name", "strategy": "auth0"}, "String does not match pattern"),
        ({"name": "bad\n", "strategy": "auth0"}, "String does not match pattern"),
        ({"name": "-bad", "strategy": "auth0"}, "String does not match pattern"),
        ({"name": "x" * 129, "strategy": "auth0"}, "String is too long (129 chars), maximum 128"),
        ({"name": "fine", "strategy": "saml"}, "No enum match"),
        ({"name": "fine", "strategy": "auth0", "options": []}, "Expected type object but found type array"),
        ({"name": "fine", "strategy": "auth0", "metadata": {str(n): "x" for n in range(11)}}, "Too many properties"),
        ({"name": "fine", "strategy": "auth0", "metadata": {"a": "x" * 256}}, "String is too long (256 chars)"),
        ({"name": "fine", "strategy": "auth0", "metadata": {"a": 1}}, "Expected type string but found type integer"),
    ],
)
def test_payloads_that_are_refused(api: httpx.Client, body: dict[str, Any], part: str) -> None:
    assert part in refused(api.post("/connections", json=body))


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (
            {"attributes": {"email": EMAIL}, "validation": {"username": {"min": 1, "max": 5}}},
            "attributes and options.v",
        ),
        ({"attributes": {"email": EMAIL}, "requires_username": True}, "attributes and options.requires_username"),
        ({"attributes": {"email": {**EMAIL, "identifier": {"active": False}}}}, "must contain one active identifier"),
        ({"password_options": {}, "passwordPolicy": "good"}, "password_options and options.passwordPolicy"),
        ({"password_options": {}, "password_history": {"enable": True}}, "password_options and options.password_h"),
        ({"passwordPolicy": "strict"}, "No enum match"),
        ({"customScripts": {"log_in": SCRIPT}}, "Additional properties not allowed: log_in"),
        ({"customScripts": {"login": "x" * 100_001}}, "String is too long"),
        ({"configuration": {"A": 1}}, "Expected type string but found type integer"),
        ({"validation": {"username": {"min": 9, "max": 3}}}, "must not be greater"),
    ],
)
def test_options_that_are_refused(api: httpx.Client, options: dict[str, Any], part: str) -> None:
    made = make(api)
    body = {"name": "refused", "strategy": "auth0", "options": options}
    assert part in refused(api.post("/connections", json=body))
    assert part in refused(api.patch(f"/connections/{made['id']}", json={"options": options}))
    assert api.get(f"/connections/{made['id']}").json() == made


def test_some_things_cannot_be_undone(api: httpx.Client) -> None:
    made = make(api, {"enable_script_context": True, "attributes": {"email": EMAIL}})
    assert made["options"]["attributes"]["email"]["unique"] is True
    path = f"/connections/{made['id']}"
    assert "enable_script_context" in refused(api.patch(path, json={"options": {"enable_script_context": False}}))
    changed = {"attributes": {"email": {**EMAIL, "unique": False}}}
    assert "cannot patch unique property" in refused(api.patch(path, json={"options": changed}))
    assert api.patch(path, json={"options": {}}).json()["options"]["enable_script_context"] is True


def test_names_are_unique(api: httpx.Client) -> None:
    made = make(api)
    answer = api.post("/connections", json={"name": made["name"], "strategy": "auth0"})
    assert refused(answer, 409) == "A connection with the same name already exists"
    assert answer.json()["errorCode"] == "connection_conflict"


@pytest.fixture(scope="module")
def many() -> Iterator[tuple[LocalTenant, list[str]]]:
    with LocalTenant() as running:
        headers = {"Authorization": f"Bearer {running.state.issue_token()}"}
        with httpx.Client(base_url=f"{running.base_url}/api/v2", headers=headers) as api:
            names = [make(api, {}, name=f"page-{number}")["name"] for number in range(120)]
        yield running, names


def test_both_kinds_of_paging(many: tuple[LocalTenant, list[str]], connect: Any) -> None:
    running, names = many
    with connect(running) as api:
        assert [entry["name"] for entry in api.get("/connections").json()] == names[:50]
        page = api.get("/connections", params={"page": 1, "per_page": 100, "include_totals": True}).json()
        assert [entry["name"] for entry in page["connections"]] == names[100:]
        assert (page["total"], page["start"], page["limit"]) == (120, 100, 100)
        seen: list[str] = []
        query: dict[str, Any] = {"take": 50, "fields": "name", "strategy": ["auth0", "samlp"]}
        while True:
            part = api.get("/connections", params=query).json()
            seen += [entry["name"] for entry in part["connections"]]
            if "next" not in part:
                break
            query["from"] = part["next"]
        assert seen == names
        assert api.get("/connections", params={"strategy": "samlp"}).json() == []


@pytest.mark.parametrize(
    "bad", [{"per_page": 101}, {"take": 0}, {"page": "x"}, {"from": "x"}, {"include_totals": "maybe"}]
)
def test_bad_paging_is_refused(api: httpx.Client, bad: dict[str, Any]) -> None:
    assert api.get("/connections", params=bad).json()["errorCode"] == "invalid_query_string"


def test_fields_are_chosen_or_left_out(api: httpx.Client) -> None:
    made = make(api, {})
    path = f"/connections/{made['id']}"
    chosen = api.get(path, params={"fields": "name", "include_fields": "true"}).json()
    assert set(chosen) == {"id", "name", "is_domain_connection", "authentication", "connected_accounts"}
    left = api.get(path, params={"fields": "options", "include_fields": "false"}).json()
    assert left == {key: value for key, value in made.items() if key != "options"}


def test_the_clients_of_a_connection(api: httpx.Client) -> None:
    made = make(api)
    ids = [api.post("/clients", json={"name": f"App {number}"}).json()["client_id"] for number in range(3)]
    path = f"/connections/{made['id']}/clients"
    assert api.patch(path, json=[{"client_id": id, "status": True} for id in ids]).status_code == 204
    first = api.get(path, params={"take": 2}).json()
    assert [entry["client_id"] for entry in first["clients"]] == ids[:2]
    rest = api.get(path, params={"take": 2, "from": first["next"]}).json()
    assert rest == {"clients": [{"client_id": ids[2]}]}
    refused(api.patch(path, json=[{"client_id": ids[0], "status": True}] * 51))
    refused(api.patch(path, json=[{"client_id": ids[0], "status": False}, {"client_id": "nobody", "status": True}]))
    assert api.get(f"/connections/{made['id']}").json()["enabled_clients"] == ids
    api.delete(f"/clients/{ids[1]}")
    assert api.get(f"/connections/{made['id']}").json()["enabled_clients"] == [ids[0], ids[2]]


def test_deleting_takes_the_users_along(tenant: LocalTenant, api: httpx.Client) -> None:
    made = make(api)
    tenant.state.storage.insert("user", "auth0|1", {"user_id": "auth0|1"}, tag=made["id"])
    answer = api.delete(f"/connections/{made['id']}")
    assert answer.status_code == 202
    assert set(answer.json()) == {"deleted_at"}
    assert refused(api.get(f"/connections/{made['id']}"), 404) == "The connection does not exist"
    assert tenant.state.storage.get("user", "auth0|1") is None
