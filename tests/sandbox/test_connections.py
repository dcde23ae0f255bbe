"""Connections on a local tenant, over HTTP."""

import httpx

SCRIPT = "function login(email, password, callback) { callback(null); }"


def test_a_patch_replaces_the_options_but_for_what_the_server_keeps(api: httpx.Client) -> None:
    sent = {"configuration": {"URL": "secret"}, "customScripts": {"login": SCRIPT}, "import_mode": False}
    made = api.post("/connections", json={"name": "replaced", "strategy": "auth0", "options": sent}).json()
    assert made["options"]["mfa"]
    after = api.patch(f"/connections/{made['id']}", json={"options": {"import_mode": True}}).json()
    assert set(after["options"]) == {"import_mode", "authentication_methods", "passkey_options"}


def test_a_ciphertext_differs_at_every_write_and_stays_between_writes(api: httpx.Client) -> None:
    options = {"configuration": {"URL": "secret"}}
    made = api.post("/connections", json={"name": "encrypted", "strategy": "auth0", "options": options}).json()
    first = made["options"]["configuration"]["URL"]
    assert "secret" not in first
    path = f"/connections/{made['id']}"
    assert api.get(path).json()["options"]["configuration"]["URL"] == first
    second = api.patch(path, json={"options": options}).json()["options"]["configuration"]["URL"]
    assert second != first
    api.patch(path, json={"display_name": "other"})
    assert api.get(path).json()["options"]["configuration"]["URL"] == second
