"""How the Management API merges, completes and shows what is sent: applications, grants, APIs, rules, over HTTP."""

from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from deployer.sandbox.server import LocalTenant


def make(api: httpx.Client, path: str, **body: Any) -> Any:
    answer = api.post(path, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def patch(api: httpx.Client, path: str, **body: Any) -> Any:
    answer = api.patch(path, json=body)
    assert answer.status_code == 200, answer.text
    assert api.get(path).json() == answer.json()
    return answer.json()


def public_key() -> dict[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return {"credential_type": "public_key", "pem": pem.decode()}


@pytest.mark.parametrize(
    ("before", "sent", "after"),
    [
        (
            {"jwt_configuration": {"lifetime_in_seconds": 300, "scopes": {"a": "b"}}},
            {"jwt_configuration": {"alg": "RS256"}},
            {
                "jwt_configuration": {
                    "lifetime_in_seconds": 300,
                    "scopes": {"a": "b"},
                    "secret_encoded": False,
                    "alg": "RS256",
                }
            },
        ),
        (
            {"mobile": {"ios": {"team_id": "T"}, "android": {"app_package_name": "a", "sha256_cert_fingerprints": []}}},
            {"mobile": {"android": {"app_package_name": "b"}}},
            {"mobile": {"ios": {"team_id": "T"}, "android": {"app_package_name": "b"}}},
        ),
        (
            {"addons": {"aws": {"role": "r"}, "box": {}}},
            {"addons": {"aws": None, "slack": {"team": "t"}}},
            {"addons": {"box": {}, "slack": {"team": "t"}}},
        ),
        ({"addons": {"aws": {}}, "description": "d"}, {"addons": None, "description": None}, {}),
        (
            {"client_metadata": {"a": "1", "b": "2"}},
            {"client_metadata": {"a": None, "c": "3"}},
            {"client_metadata": {"b": "2", "c": "3"}},
        ),
        (
            {"callbacks": ["https://a.example"]},
            {"callbacks": ["https://b.example"]},
            {"callbacks": ["https://b.example"]},
        ),
    ],
)
def test_a_patch_merges_one_level_of_a_clients_objects(
    api: httpx.Client, before: dict[str, Any], sent: dict[str, Any], after: dict[str, Any]
) -> None:
    made = make(api, "/clients", name="Merged", **before)
    found = patch(api, f"/clients/{made['client_id']}", **sent)
    assert {name: found[name] for name in before if name in found} == after


def test_the_lifetime_of_tokens_is_a_default_only_where_no_jwt_configuration_was_sent(api: httpx.Client) -> None:
    assert make(api, "/clients", name="None sent")["jwt_configuration"] == {
        "secret_encoded": False,
        "lifetime_in_seconds": 36_000,
    }
    sent = make(api, "/clients", name="Sent", jwt_configuration={"alg": "RS256"})
    assert sent["jwt_configuration"] == {"secret_encoded": False, "alg": "RS256"}


def test_session_transfer_is_filled_where_it_was_sent_and_goes_with_null(api: httpx.Client) -> None:
    assert "session_transfer" not in make(api, "/clients", name="Without", app_type="native")
    made = make(api, "/clients", name="With", app_type="native", session_transfer={"allow_refresh_token": True})
    filled = {
        "can_create_session_transfer_token": False,
        "enforce_cascade_revocation": True,
        "allowed_authentication_methods": [],
        "enforce_device_binding": "ip",
        "allow_refresh_token": True,
        "enforce_online_refresh_tokens": True,
    }
    assert made["session_transfer"] == filled
    path = f"/clients/{made['client_id']}"
    delegation = {"allow_delegated_access": True}
    assert patch(api, path, session_transfer={"delegation": delegation})["session_transfer"] == {
        **filled,
        "delegation": delegation,
    }
    assert patch(api, path, session_transfer={"delegation": None})["session_transfer"] == filled
    assert "session_transfer" not in patch(api, path, session_transfer=None)


def test_the_older_name_of_backchannel_logout_removes_the_newer_one_too(api: httpx.Client) -> None:
    logout = {"backchannel_logout_urls": ["https://app.example/logout"]}
    path = f"/clients/{make(api, '/clients', name='Out', oidc_logout=logout)['client_id']}"
    both = patch(api, path, oidc_backchannel_logout=None, oidc_logout=logout)
    assert both["oidc_logout"] == logout
    assert "oidc_logout" not in patch(api, path, oidc_backchannel_logout=None)


def test_a_client_that_signs_shows_no_secret_until_it_has_one_again(api: httpx.Client) -> None:
    made = make(api, "/clients", name="Signer", app_type="express_configuration")
    path, secret = f"/clients/{made['client_id']}", made["client_secret"]
    key = make(api, f"{path}/credentials", **public_key())
    signed = {"private_key_jwt": {"credentials": [{"id": key["id"]}]}}
    assert "client_secret" not in patch(api, path, client_authentication_methods=signed)
    listed = {client["client_id"]: client for client in api.get("/clients?per_page=100").json()}
    assert "client_secret" not in listed[made["client_id"]]
    patch(api, path, client_authentication_methods={"private_key_jwt": {"credentials": []}})
    back = patch(api, path, client_authentication_methods=None, token_endpoint_auth_method="client_secret_post")
    assert back["client_secret"] == secret


def test_signed_request_objects_name_credentials_of_the_client(api: httpx.Client) -> None:
    made = make(api, "/clients", name="JAR", signed_request_object={"required": False, "credentials": [public_key()]})
    path = f"/clients/{made['client_id']}"
    credentials = [{"id": entry["id"]} for entry in api.get(f"{path}/credentials").json()]
    assert made["signed_request_object"] == {"required": False, "credentials": credentials}
    after = patch(api, path, signed_request_object={"required": True})
    assert after["signed_request_object"] == {"required": True, "credentials": credentials}
    other = {"signed_request_object": {"credentials": [{"id": "cred_of_nobody"}]}}
    assert api.patch(path, json=other).status_code == 400


def test_there_is_one_global_client(api: httpx.Client) -> None:
    found = api.get("/clients", params={"is_global": "true", "include_totals": "true"}).json()
    assert [(client["name"], client["global"]) for client in found["clients"]] == [("All Applications", True)]
    path = f"/clients/{found['clients'][0]['client_id']}"
    assert patch(api, path, custom_login_page="<html></html>")["custom_login_page"] == "<html></html>"
    others = api.get("/clients", params={"is_global": "false"}).json()
    assert others
    assert not any(client["global"] for client in others)


def test_a_default_grant_serves_the_third_party_clients_that_have_none_of_their_own(
    own: LocalTenant, connect: Any
) -> None:
    with connect(own) as api:
        audience = "https://shop.example/"
        make(api, "/resource-servers", identifier=audience, scopes=[{"value": "read:x"}, {"value": "write:x"}])
        default = make(api, "/client-grants", audience=audience, scope=["read:x"], default_for="third_party_clients")
        assert "client_id" not in default
        assert (default["default_for"], default["subject_type"]) == ("third_party_clients", "client")
        again = {"audience": audience, "default_for": "third_party_clients"}
        assert api.post("/client-grants", json=again).status_code == 409
        assert api.post("/client-grants", json={"audience": audience}).status_code == 400
        found = api.get("/client-grants", params={"default_for": "third_party_clients"}).json()
        assert [grant["id"] for grant in found] == [default["id"]]
        first = make(api, "/clients", name="Ours", grant_types=["client_credentials"])
        third = make(api, "/clients", name="Theirs", grant_types=["client_credentials"], is_first_party=False)
        assert api.post("/client-grants", json={**again, "client_id": first["client_id"]}).status_code == 400

        def token(client: dict[str, Any]) -> httpx.Response:
            body = {name: client[name] for name in ("client_id", "client_secret")}
            body |= {"grant_type": "client_credentials", "audience": audience}
            return httpx.post(f"{own.base_url}/oauth/token", json=body)

        assert token(first).status_code == 403
        assert token(third).json()["scope"] == "read:x"
        make(api, "/client-grants", client_id=third["client_id"], audience=audience, scope=["write:x"])
        assert token(third).json()["scope"] == "write:x", "its own grant takes precedence"
        api.delete(f"/clients/{third['client_id']}")
        assert api.get(f"/client-grants/{default['id']}").status_code == 200


def test_a_rule_is_created_for_a_stage_that_no_patch_changes(api: httpx.Client) -> None:
    script = "function (user, context, callback) { callback(null, user, context); }"
    rule = make(api, "/rules", name="staged", script=script, stage="login_success")
    assert rule["stage"] == "login_success"
    assert api.post("/rules", json={"name": "other", "script": script, "stage": "lunch"}).status_code == 400
    assert api.patch(f"/rules/{rule['id']}", json={"stage": "login_failure"}).status_code == 400


def test_an_attribute_that_profiles_need_is_asked_for_at_sign_up(api: httpx.Client) -> None:
    phone = {"identifier": {"active": True}, "profile_required": True, "signup": {"status": "inactive"}}
    body = {"name": "phones", "strategy": "auth0", "options": {"attributes": {"phone_number": phone}}}
    refused = api.post("/connections", json=body)
    assert refused.status_code == 400
    assert refused.json()["message"] == "attribute phone_number must also be required on signup"
    phone["signup"] = {"status": "required"}
    assert api.post("/connections", json=body).status_code == 201


def test_the_management_api_lists_its_own_scopes(tenant: LocalTenant, api: httpx.Client) -> None:
    path = f"/resource-servers/{tenant.state.audience.replace('/', '%252F')}"
    scopes = {scope["value"]: scope["description"] for scope in api.get(path).json()["scopes"]}
    assert scopes["read:users"] == "Read Users"
    assert {"read:organization_members", "blacklist:tokens", "read:flows_executions"} <= set(scopes)
