"""How people sign in besides with a client secret: a private key, a ready token, a company's authorities."""

import json
import time
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from deployer.management.http import _ssl_context
from deployer.sandbox.server import LocalTenant
from tests.support.tenants import Api

BODY = """\
connections:
  legacy-users: {store: postgres, variables: {table: users}, configuration: {PG_URL: !env PG_URL}}
"""


def tenant_file(project: Any, credentials: str, more: str = "secrets_key: !env KEY\n") -> None:
    where = "domain: !env AUTH0_DOMAIN\nbase_url: !env AUTH0_BASE_URL\n"
    project.write("tenants/local.yaml", f"{where}credentials: {{{credentials}}}\n{more}{BODY}")


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "the-key-of-the-digests")


def test_a_ready_token(project: Any, local_tenant: LocalTenant, reach: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    reach(local_tenant)
    token = Api(local_tenant).token
    monkeypatch.setenv("TOKEN", token + "\n")
    tenant_file(project, "token: !env TOKEN")
    done = project.run("apply", "local", "--auto-approve", "--no-lint")
    assert done.code == 0, done.all
    again = project.run("plan", "local", "--no-lint", "--detailed-exitcode")
    assert again.code == 0, again.all
    assert token not in done.all + again.all


def test_a_token_that_has_expired_is_said_before_anything_is_asked(
    project: Any, local_tenant: LocalTenant, reach: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    reach(local_tenant)
    monkeypatch.setenv("TOKEN", jwt.encode({"exp": int(time.time()) - 10}, "k" * 32, algorithm="HS256"))
    tenant_file(project, "token: !env TOKEN")
    done = project.run("plan", "local", "--no-lint")
    assert done.code == 1
    assert "the token has expired" in done.err
    monkeypatch.setenv("TOKEN", "two words")
    assert "is no access token" in project.run("plan", "local", "--no-lint").err


def test_a_token_needs_a_key_of_its_own(project: Any) -> None:
    tenant_file(project, "token: !env TOKEN", "")
    assert "needs a `secrets_key`" in project.run("validate", "local").all
    tenant_file(project, "token: !env TOKEN, client_id: abc")
    assert "goes without `client_id`" in project.run("validate", "local").all
    tenant_file(project, "client_id: abc, client_secret: !env A, token: !env B")
    assert "one of `client_secret`, `private_key` and `token`" in project.run("validate", "local").all


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "PS256"])
def test_a_private_key_from_a_file(project: Any, local_tenant: LocalTenant, reach: Any, algorithm: str) -> None:
    reach(local_tenant)
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    credential = {"credential_type": "public_key", "pem": public.decode(), "alg": algorithm}
    with httpx.Client(
        base_url=f"{local_tenant.base_url}/api/v2", headers={"Authorization": f"Bearer {Api(local_tenant).token}"}
    ) as api:
        methods = {"private_key_jwt": {"credentials": [credential]}}
        made = api.post("/clients", json={"name": "Signer", "client_authentication_methods": methods})
        assert made.status_code == 201, made.text
        scope = ["read:connections", "read:connections_options", "create:connections", "update:connections"]
        scope += ["update:connections_options"]
        grant = {"client_id": made.json()["client_id"], "audience": f"{local_tenant.base_url}/api/v2/"}
        assert api.post("/client-grants", json=grant | {"scope": scope}).status_code == 201
    project.write("key.pem", pem.decode())
    signs = f", algorithm: {algorithm}" if algorithm != "RS256" else ""
    # The expected audience of an assertion is the tenant's own address: what this tenant calls itself.
    tenant_file(project, f"client_id: {made.json()['client_id']}, private_key: !file key.pem{signs}")
    done = project.run("apply", "local", "--auto-approve", "--no-lint")
    assert done.code == 0, done.all
    assert "PRIVATE KEY" not in json.dumps(done.all)


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_companys_authorities_by_the_usual_variables(
    project: Any, reach: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for each in ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(each, raising=False)
    with LocalTenant(tls=True) as tenant:
        reach(tenant)
        project.tenant(BODY)
        refused = project.run("plan", "local", "--no-lint")
        assert refused.code == 1
        assert "is not trusted" in refused.err
        monkeypatch.setenv(name, str(tenant.ca_file))
        assert project.run("plan", "local", "--no-lint").code == 0
        monkeypatch.setenv(name, str(project.root / "nowhere.pem"))
        missing = project.run("plan", "local", "--no-lint")
        assert missing.code == 1
        assert "certificate authorities cannot be read" in missing.err
        assert name in missing.err
        project.write("empty.pem", "nothing")
        monkeypatch.setenv(name, str(project.root / "empty.pem"))
        assert "it holds no certificate" in project.run("plan", "local", "--no-lint").err
    _ssl_context.cache_clear()
