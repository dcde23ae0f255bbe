"""auth0-python, as it is, over HTTPS: every resource, with its synchronous and its asynchronous client."""

import asyncio
from typing import Any

import pytest
from auth0.authentication import GetToken
from auth0.management import AsyncManagementClient, ManagementClient
from auth0.management.core.api_error import ApiError
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from deployer.sandbox.server import LocalTenant

SCRIPTS = {"login": "function login(e, p, callback) {}", "get_user": "function getUser(e, callback) {}"}
OPTIONS = {"enabledDatabaseCustomization": True, "import_mode": True, "customScripts": SCRIPTS}
CODE = "exports.onExecutePostLogin = async (event, api) => {};"
TRIGGERS: list[Any] = [{"id": "post-login", "version": "v3"}]
AUDIENCE = "https://api.example.com/"


@pytest.fixture
def trusted(secure: LocalTenant, monkeypatch: pytest.MonkeyPatch) -> LocalTenant:
    """The tenant, whose certificate authority the client trusts by the environment alone."""
    monkeypatch.setenv("SSL_CERT_FILE", str(secure.ca_file))
    return secure


@pytest.fixture
def client(trusted: LocalTenant) -> ManagementClient:
    return ManagementClient(domain=trusted.domain, client_id=trusted.client_id, client_secret=trusted.client_secret)


def test_connections_and_their_clients(client: ManagementClient) -> None:
    made = client.connections.create(name="sync-users", strategy="auth0", options=OPTIONS)
    application = client.clients.create(name="Web App", app_type="regular_web")
    assert made.id
    assert application.client_id
    client.connections.clients.update(made.id, request=[{"client_id": application.client_id, "status": True}])
    assert [entry.client_id for entry in client.connections.clients.get(made.id)] == [application.client_id]
    client.connections.update(made.id, options={**OPTIONS, "import_mode": False})
    read = client.connections.get(made.id)
    assert read.options is not None
    assert read.options["import_mode"] is False
    assert read.options["customScripts"] == SCRIPTS
    assert "sync-users" in [entry.name for entry in client.connections.list(strategy=["auth0"], take=1)]
    client.connections.delete(made.id)
    with pytest.raises(ApiError) as error:
        client.connections.get(made.id)
    assert error.value.status_code == 404
    client.clients.update(application.client_id, description="changed")
    assert client.clients.get(application.client_id).description == "changed"
    rotated = client.clients.rotate_secret(application.client_id)
    assert rotated.client_secret != application.client_secret
    client.clients.delete(application.client_id)
    assert application.client_id not in [entry.client_id for entry in client.clients.list(per_page=1)]


def test_the_connections_of_a_client(client: ManagementClient) -> None:
    made = [client.connections.create(name=f"of-client-{name}", strategy="auth0", options=OPTIONS) for name in "abc"]
    application = client.clients.create(name="Enabled", app_type="regular_web")
    assert application.client_id
    assert list(client.clients.connections.get(application.client_id)) == []
    for connection in made[:2]:
        request: Any = [{"client_id": application.client_id, "status": True}]
        client.connections.clients.update(connection.id or "", request=request)
    enabled = list(client.clients.connections.get(application.client_id, strategy=["auth0"], take=1))
    assert [(entry.name, entry.strategy) for entry in enabled] == [("of-client-a", "auth0"), ("of-client-b", "auth0")]
    assert (enabled[0].options or {})["customScripts"] == SCRIPTS
    named = client.clients.connections.get(application.client_id, fields="name", include_fields=True)
    assert [entry.id for entry in named] == [None, None]
    assert list(client.clients.connections.get(application.client_id, strategy=["ad"])) == []
    with pytest.raises(ApiError) as error:
        list(client.clients.connections.get("nobody"))
    assert (error.value.status_code, error.value.body["errorCode"]) == (404, "inexistent_client")
    for connection in made:
        client.connections.delete(connection.id or "")
    client.clients.delete(application.client_id)


def test_a_user_is_deleted_by_email(client: ManagementClient) -> None:
    connections = [client.connections.create(name=f"by-email-{number}", strategy="auth0") for number in (1, 2)]
    for connection in connections:
        for email in ("ada@example.com", "bob@example.com"):
            client.users.create(connection=connection.name or "", email=email, password="Correct-Horse-1")
    one, other = (connection.id or "" for connection in connections)
    client.connections.users.delete_by_email(one, email="ADA@example.com")
    client.connections.users.delete_by_email(one, email="nobody@example.com")
    left = [
        [identity.connection for identity in user.identities or []]
        for user in client.users.list_users_by_email(email="ada@example.com")
    ]
    assert left == [["by-email-2"]]
    assert len(client.users.list_users_by_email(email="bob@example.com")) == 2
    with pytest.raises(ApiError) as error:
        client.connections.users.delete_by_email(other, email="")
    assert error.value.status_code == 400
    with pytest.raises(ApiError) as error:
        client.connections.users.delete_by_email("con_nothing", email="ada@example.com")
    assert error.value.status_code == 404
    assert len(client.users.list_users_by_email(email="ada@example.com")) == 1
    for id in (one, other):
        client.connections.delete(id)


def test_actions_versions_and_bindings(client: ManagementClient) -> None:
    made = client.actions.create(name="guard", supported_triggers=TRIGGERS, code=CODE)
    assert made.id
    version = client.actions.deploy(made.id)
    assert version.number == 1
    client.actions.update(made.id, code=CODE + "\n", secrets=[{"name": "KEY", "value": "secret"}])
    changed = client.actions.get(made.id)
    assert changed.all_changes_deployed is False
    assert [secret.name for secret in changed.secrets or []] == ["KEY"]
    client.actions.deploy(made.id)
    assert [entry.number for entry in client.actions.versions.list(made.id)] == [2, 1]
    assert client.actions.versions.get(made.id, version.id or "").code == CODE
    client.actions.versions.deploy(made.id, version.id or "")
    deployed = client.actions.get(made.id).deployed_version
    assert deployed is not None
    assert (deployed.number, deployed.code) == (3, CODE)
    binding: Any = {"ref": {"type": "action_id", "value": made.id}, "display_name": "Guard"}
    client.actions.triggers.bindings.update_many("post-login", bindings=[binding])
    assert [entry.display_name for entry in client.actions.triggers.bindings.list("post-login")] == ["Guard"]
    with pytest.raises(ApiError) as error:
        client.actions.delete(made.id)
    assert error.value.status_code == 409
    client.actions.delete(made.id, force=True)
    assert list(client.actions.triggers.bindings.list("post-login")) == []
    assert made.id not in [entry.id for entry in client.actions.list()]
    assert "post-login" in [trigger.id for trigger in client.actions.triggers.list().triggers or []]


def test_resource_servers_and_grants(client: ManagementClient) -> None:
    server = client.resource_servers.create(identifier=AUDIENCE, name="API", scopes=[{"value": "read:users"}])
    application = client.clients.create(name="Machine", app_type="non_interactive")
    assert server.id
    assert application.client_id
    assert client.resource_servers.get(AUDIENCE).id == server.id
    client.resource_servers.update(AUDIENCE, token_lifetime=7200)
    assert client.resource_servers.get(server.id).token_lifetime == 7200
    assert AUDIENCE in [entry.identifier for entry in client.resource_servers.list()]
    grant = client.client_grants.create(client_id=application.client_id, audience=AUDIENCE, scope=["read:users"])
    assert grant.id
    client.client_grants.update(grant.id, scope=[])
    assert client.client_grants.get(grant.id).scope == []
    assert [entry.id for entry in client.client_grants.list(audience=AUDIENCE)] == [grant.id]
    client.client_grants.delete(grant.id)
    client.resource_servers.delete(server.id)
    assert AUDIENCE not in [entry.identifier for entry in client.resource_servers.list()]


def test_rules_and_their_configs(client: ManagementClient) -> None:
    script = "function (user, context, callback) { callback(null, user, context); }"
    rule = client.rules.create(name="first-rule", script=script)
    assert rule.id
    client.rules.update(rule.id, enabled=False)
    assert client.rules.get(rule.id).enabled is False
    assert [entry.name for entry in client.rules.list()] == ["first-rule"]
    client.rules.delete(rule.id)
    client.rules_configs.set("KEY", value="secret")
    assert [entry.key for entry in client.rules_configs.list()] == ["KEY"]
    client.rules_configs.delete("KEY")
    assert client.rules_configs.list() == []


def test_private_key_jwt_over_tls(
    trusted: LocalTenant, client: ManagementClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted.ca_file))
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    credential: Any = {"credential_type": "public_key", "pem": public.decode(), "name": "ci"}
    made = client.clients.create(
        name="Signer", client_authentication_methods={"private_key_jwt": {"credentials": [credential]}}
    )
    assert made.client_id
    assert [entry.name for entry in client.clients.credentials.list(made.client_id)] == ["ci"]
    audience = f"https://{trusted.domain}/api/v2/"
    client.client_grants.create(client_id=made.client_id, audience=audience, scope=["read:connections"])
    signer = GetToken(trusted.domain, made.client_id, client_assertion_signing_key=private.decode())
    token = signer.client_credentials(audience)["access_token"]
    reader = ManagementClient(domain=trusted.domain, token=token)
    assert all(entry.options is None for entry in reader.connections.list())
    client.clients.delete(made.client_id)


def test_the_asynchronous_client(trusted: LocalTenant) -> None:
    async def work() -> None:
        client = AsyncManagementClient(
            domain=trusted.domain, client_id=trusted.client_id, client_secret=trusted.client_secret
        )
        made = await client.connections.create(name="async-users", strategy="auth0", options=OPTIONS)
        assert made.id
        application, action, server, rule = await asyncio.gather(
            client.clients.create(name="Async App", app_type="regular_web"),
            client.actions.create(name="async-guard", supported_triggers=TRIGGERS, code=CODE),
            client.resource_servers.create(identifier="https://async/", scopes=[{"value": "read:x"}]),
            client.rules.create(name="async-rule", script="function (u, c, callback) {}"),
        )
        assert application.client_id
        await client.connections.clients.update(made.id, request=[{"client_id": application.client_id, "status": True}])
        enabled = await client.connections.clients.get(made.id)
        assert [entry.client_id async for entry in enabled] == [application.client_id]
        await client.actions.deploy(action.id or "")
        binding: Any = {"ref": {"type": "action_name", "value": "async-guard"}, "display_name": "Guard"}
        await client.actions.triggers.bindings.update_many("post-login", bindings=[binding])
        bound = await client.actions.triggers.bindings.list("post-login")
        assert [entry.display_name async for entry in bound] == ["Guard"]
        await client.actions.triggers.bindings.update_many("post-login", bindings=[])
        grant = await client.client_grants.create(
            client_id=application.client_id, audience="https://async/", scope=["read:x"]
        )
        assert grant.scope == ["read:x"]
        await client.rules_configs.set("ASYNC", value="secret")
        assert "ASYNC" in [entry.key for entry in await client.rules_configs.list()]
        names = [entry.name async for entry in await client.connections.list(name="async-users")]
        assert names == ["async-users"]
        assert [entry.name async for entry in await client.rules.list()] == ["async-rule"]
        for gone in (
            client.connections.delete(made.id),
            client.clients.delete(application.client_id),
            client.actions.delete(action.id or ""),
            client.resource_servers.delete(server.id or ""),
            client.rules.delete(rule.id or ""),
            client.rules_configs.delete("ASYNC"),
        ):
            await gone

    asyncio.run(work())
