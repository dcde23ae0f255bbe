"""Authentication: tokens, their scopes and their end, and both ways for a client to prove who it is."""

import time
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from deployer.sandbox.server import LocalTenant, LocalTenants
from deployer.sandbox.tenant import Behaviour

Token = Callable[..., str]
Connect = Callable[..., httpx.Client]
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def ask(tenant: LocalTenant, **body: Any) -> httpx.Response:
    audience = f"{tenant.base_url}/api/v2/"
    return httpx.post(
        f"{tenant.base_url}/oauth/token", json={"grant_type": "client_credentials", "audience": audience, **body}
    )


def credentials(tenant: LocalTenant) -> dict[str, str]:
    return {"client_id": tenant.client_id, "client_secret": tenant.client_secret}


def test_the_token_is_signed_by_the_key_of_the_jwks(tenant: LocalTenant, get_token: Token) -> None:
    token = get_token(tenant)
    described = httpx.get(f"{tenant.base_url}/.well-known/openid-configuration").json()
    key = jwt.PyJWKClient(described["jwks_uri"]).get_signing_key_from_jwt(token)
    claims = jwt.decode(token, key, algorithms=["RS256"], audience=f"{tenant.base_url}/api/v2/")
    assert claims["iss"] == described["issuer"]
    assert claims["sub"] == f"{tenant.client_id}@clients"
    assert "read:connections_options" in claims["scope"].split()


def test_a_form_and_basic_authentication_do_as_well(tenant: LocalTenant) -> None:
    body = {"grant_type": "client_credentials", "audience": f"https://{tenant.domain}/api/v2/"}
    url = f"{tenant.base_url}/oauth/token"
    assert httpx.post(url, data={**body, **credentials(tenant)}).status_code == 200
    assert httpx.post(url, data=body, auth=(tenant.client_id, tenant.client_secret)).status_code == 200


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "access_denied"),
        ({"client_id": "nobody"}, 401, "access_denied"),
        ({"audience": "https://elsewhere/"}, 403, "access_denied"),
        ({"grant_type": "magic"}, 403, "unsupported_grant_type"),
        ({"grant_type": "password"}, 403, "unauthorized_client"),
        ({"client_secret": 7}, 401, "access_denied"),
    ],
)
def test_what_the_token_endpoint_refuses(tenant: LocalTenant, change: dict[str, Any], status: int, error: str) -> None:
    answer = ask(tenant, **{**credentials(tenant), **change})
    assert (answer.status_code, answer.json()["error"]) == (status, error)


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer nonsense", "Basic abc", "Bearer a.b.c"])
def test_without_a_token_there_is_a_401(tenant: LocalTenant, header: str | None) -> None:
    headers = {"Authorization": header} if header else {}
    answer = httpx.get(f"{tenant.base_url}/api/v2/connections", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["error"] == "Unauthorized"


def test_a_token_expires(connect: Connect) -> None:
    with LocalTenant(behaviour=Behaviour(token_lifetime=3)) as short, connect(short) as api:
        assert api.get("/connections").status_code == 200
        end = time.monotonic() + 10
        while (answer := api.get("/connections")).status_code == 200 and time.monotonic() < end:
            time.sleep(0.05)
        assert answer.status_code == 401
        assert "Expired token" in answer.json()["message"]


def test_the_token_of_one_tenant_is_worth_nothing_at_another(get_token: Token, connect: Connect) -> None:
    with LocalTenants(2) as running:
        first, second = running.tenants
        with connect(second, get_token(first)) as api:
            assert api.get("/connections").status_code == 401


def test_scopes_are_needed_one_by_one(tenant: LocalTenant, get_token: Token, connect: Connect) -> None:
    client_id, secret = tenant.state.add_application("Reader", ["read:connections"])
    with connect(tenant, get_token(tenant, client_id, secret)) as api:
        refused = api.post("/connections", json={"name": "x", "strategy": "auth0"})
        assert api.get("/connections").status_code == 200
    assert refused.status_code == 403
    assert refused.json() == {
        "statusCode": 403,
        "error": "Forbidden",
        "message": "Insufficient scope, expected any of: create:connections",
        "errorCode": "insufficient_scope",
    }


def test_without_the_options_scopes_options_are_neither_read_nor_written(
    tenant: LocalTenant, api: httpx.Client, get_token: Token, connect: Connect
) -> None:
    made = api.post("/connections", json={"name": "optional", "strategy": "auth0"}).json()
    client_id, secret = tenant.state.add_application("Half", ["read:connections", "update:connections"])
    with connect(tenant, get_token(tenant, client_id, secret)) as half:
        assert "options" not in half.get(f"/connections/{made['id']}").json()
        assert all("options" not in entry for entry in half.get("/connections").json())
        refused = half.patch(f"/connections/{made['id']}", json={"options": {"import_mode": True}})
        assert refused.status_code == 403
        assert "update:connections_options" in refused.json()["message"]
        assert half.patch(f"/connections/{made['id']}", json={"display_name": "fine"}).status_code == 200
    assert api.get(f"/connections/{made['id']}").json()["options"] == made["options"]


def make_assertion(tenant: LocalTenant, key: rsa.RSAPrivateKey, client_id: str, **change: Any) -> dict[str, str]:
    now = int(time.time())
    claims = {"iss": client_id, "sub": client_id, "aud": f"{tenant.base_url}/", "iat": now, "exp": now + 60}
    signed = jwt.encode({**claims, "jti": uuid.uuid4().hex, **change}, key, algorithm="RS256")
    return {"client_id": client_id, "client_assertion": signed, "client_assertion_type": JWT_BEARER}


def test_private_key_jwt(tenant: LocalTenant, api: httpx.Client) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    methods = {"private_key_jwt": {"credentials": [{"credential_type": "public_key", "pem": public.decode()}]}}
    made = api.post("/clients", json={"name": "Signer", "client_authentication_methods": methods}).json()
    client_id = made["client_id"]
    audience = tenant.state.audience
    granted = api.post(
        "/client-grants", json={"client_id": client_id, "audience": audience, "scope": ["read:connections"]}
    )
    assert granted.status_code == 201, granted.text

    good = make_assertion(tenant, key, client_id)
    answer = ask(tenant, **good)
    assert answer.status_code == 200, answer.text
    assert answer.json()["scope"] == "read:connections"
    assert ask(tenant, **good).status_code == 401, "an assertion serves once"
    stored = tenant.state.storage.get("client", client_id)
    assert stored is not None
    assert "client_secret" not in made
    secret = {"client_id": client_id, "client_secret": stored["client_secret"]}
    assert ask(tenant, **secret).status_code == 401, "the secret does not serve any more"
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    now = int(time.time())
    for bad in (
        make_assertion(tenant, other, client_id),
        make_assertion(tenant, key, client_id, aud="https://elsewhere/"),
        make_assertion(tenant, key, client_id, exp=now - 60),
        make_assertion(tenant, key, client_id, exp=now + 3600),
        make_assertion(tenant, key, client_id, iss="somebody"),
    ):
        assert ask(tenant, **bad).status_code == 401


def test_secrets_of_clients_take_a_scope_of_their_own(tenant: LocalTenant, get_token: Token, connect: Connect) -> None:
    client_id, secret = tenant.state.add_application("Lister", ["read:clients"])
    with connect(tenant, get_token(tenant, client_id, secret)) as api:
        assert all("client_secret" not in client for client in api.get("/clients").json())
