"""Every group of calls against a local tenant, with the SDK in between."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from deployer.management.errors import BuildFailed, Conflict, InvalidRequest, MissingScope, NotFound, OutcomeUnknown
from deployer.management.gateway import Gateway
from deployer.sandbox.server import LocalTenant
from deployer.sandbox.weather import RateLimit
from tests.support.gateways import to, to_tenant
from tests.support.misbehaving import Request, Server, answer

SCRIPTS = {
    name: f"function {name}(a, callback) {{ callback(null); }}" for name in ("login", "get_user", "create", "delete")
}


def call(tenant: LocalTenant, story: Callable[[Gateway], Awaitable[Any]], **more: Any) -> Any:
    async def main() -> Any:
        async with to_tenant(tenant, **more) as gateway:
            return await story(gateway)

    return asyncio.run(main())


def test_connections(shared_tenant: LocalTenant) -> None:
    async def story(gateway: Gateway) -> None:
        options = {"enabledDatabaseCustomization": True, "customScripts": SCRIPTS, "configuration": {"URL": "secret"}}
        made = await gateway.create_connection({"name": "legacy-users", "strategy": "auth0", "options": options})
        id = made["id"]
        live = await gateway.connection(id)
        assert live is not None
        assert live["options"]["customScripts"] == SCRIPTS
        assert live["options"]["configuration"]["URL"] != "secret"
        assert live in await gateway.connections()
        with pytest.raises(Conflict):
            await gateway.create_connection({"name": "legacy-users", "strategy": "auth0"})
        changed = await gateway.update_connection(id, {"options": {**options, "import_mode": True}})
        assert changed["options"]["import_mode"] is True
        with pytest.raises(InvalidRequest, match="400"):
            await gateway.update_connection(id, {"options": 5})
        await gateway.delete_connection(id)
        assert await gateway.connection(id) is None
        with pytest.raises(NotFound):
            await gateway.update_connection(id, {"display_name": "x"})

    call(shared_tenant, story)


def test_120_clients_of_a_connection(shared_tenant: LocalTenant) -> None:
    async def story(gateway: Gateway) -> None:
        made = await asyncio.gather(*(gateway.create_client({"name": f"App {i}"}) for i in range(120)))
        ids = [client["client_id"] for client in made]
        connection = await gateway.create_connection({"name": "many-clients", "strategy": "auth0"})
        before = gateway.requests
        await gateway.set_connection_clients(connection["id"], enable=ids)
        assert gateway.requests - before == 3
        assert sorted(await gateway.connection_clients(connection["id"])) == sorted(ids)
        await gateway.set_connection_clients(connection["id"], enable=ids[:1], disable=ids[1:])
        assert await gateway.connection_clients(connection["id"]) == ids[:1]
        listed = {client["client_id"]: client for client in await gateway.clients()}
        assert set(ids) <= set(listed)
        assert not any("client_secret" in client for client in listed.values())
        await gateway.update_client(ids[0], {"description": "changed"})
        one = await gateway.client(ids[0])
        assert one is not None
        assert one["description"] == "changed"
        await gateway.delete_client(ids[0])
        assert await gateway.client(ids[0]) is None

    call(shared_tenant, story)


def test_actions(shared_tenant: LocalTenant) -> None:
    async def story(gateway: Gateway) -> None:
        trigger = {"id": "post-login", "version": "v3"}
        code = "exports.onExecutePostLogin = async (event, api) => {};"
        made = await gateway.create_action({"name": "guard", "supported_triggers": [trigger], "code": code})
        id = made["id"]
        built = await gateway.wait_for_build(id)
        assert built["status"] == "built"
        version = await gateway.deploy_action(id)
        assert version["number"] == 1
        await gateway.update_action(id, {"code": code + "\n// changed"})
        await gateway.wait_for_build(id)
        await gateway.deploy_action(id)
        versions = await gateway.action_versions(id)
        assert [entry["number"] for entry in sorted(versions, key=lambda entry: entry["number"])] == [1, 2]
        old = next(entry for entry in versions if entry["number"] == 1)
        assert old["code"] == code
        assert (await gateway.deploy_action_version(id, old["id"]))["code"] == code
        bound = await gateway.set_trigger_bindings(
            "post-login", [{"ref": {"type": "action_id", "value": id}, "display_name": "guard"}]
        )
        assert [binding["action"]["id"] for binding in bound] == [id]
        assert [binding["id"] for binding in await gateway.trigger_bindings("post-login")] == [bound[0]["id"]]
        assert [action["id"] for action in await gateway.actions(trigger="post-login")] == [id]
        assert await gateway.set_trigger_bindings("post-login", []) == []
        await gateway.delete_action(id)
        assert await gateway.action(id) is None
        assert await gateway.actions() == []

    call(shared_tenant, story)


def test_rules(shared_tenant: LocalTenant) -> None:
    async def story(gateway: Gateway) -> None:
        script = "function (user, context, callback) { callback(null, user, context); }"
        rule = await gateway.create_rule({"name": "a-rule", "script": script})
        await gateway.update_rule(rule["id"], {"enabled": False})
        assert (await gateway.rule(rule["id"]) or {})["enabled"] is False
        assert [entry["id"] for entry in await gateway.rules()] == [rule["id"]]
        await gateway.delete_rule(rule["id"])
        assert await gateway.rule(rule["id"]) is None
        await gateway.set_rule_config("A_KEY", "a value")
        assert await gateway.rule_configs() == ["A_KEY"]
        await gateway.delete_rule_config("A_KEY")
        assert await gateway.rule_configs() == []

    call(shared_tenant, story)


def test_resource_servers_and_grants(shared_tenant: LocalTenant) -> None:
    async def story(gateway: Gateway) -> None:
        identifier = "https://users.example.com/api?x=1"
        scopes = [{"value": "read:users", "description": "Read users"}]
        made = await gateway.create_resource_server({"identifier": identifier, "name": "Users", "scopes": scopes})
        assert await gateway.resource_server(identifier) == await gateway.resource_server(made["id"])
        await gateway.update_resource_server(identifier, {"name": "All users"})
        names = [entry["name"] for entry in await gateway.resource_servers()]
        assert "All users" in names
        client = await gateway.create_client({"name": "Machine", "app_type": "non_interactive"})
        grant = await gateway.create_client_grant(
            {"client_id": client["client_id"], "audience": identifier, "scope": ["read:users"]}
        )
        assert await gateway.client_grants(audience=identifier) == [grant]
        assert grant in await gateway.client_grants()
        assert await gateway.client_grants(client_id="nobody") == []
        await gateway.update_client_grant(grant["id"], {"scope": []})
        assert (await gateway.client_grants(audience=identifier))[0]["scope"] == []
        await gateway.delete_client_grant(grant["id"])
        await gateway.delete_resource_server(made["id"])
        assert await gateway.resource_server(identifier) is None

    call(shared_tenant, story)


def test_a_build_that_fails_or_never_ends() -> None:
    async def build(url: str, **more: Any) -> Any:
        async with to(url) as gateway:
            return await gateway.wait_for_build("a", **more)

    broken = {"id": "a", "name": "guard", "status": "failed", "errors": [{"id": "x", "msg": "no such module\x1b[0m"}]}
    with Server([answer({**broken, "status": "building"}), answer(broken)]) as server:
        with pytest.raises(BuildFailed, match=r"guard: no such module\\x1b"):
            asyncio.run(build(server.url))
        assert len(server.api) == 2
    pending = answer({"id": "a", "name": "guard", "status": "pending"})
    late = pytest.raises(BuildFailed, match=r"not built the action guard after 0\.5 seconds")
    with Server([pending]) as server, late:
        asyncio.run(build(server.url, timeout=0.5))


def test_faults_of_a_local_tenant(tenant: LocalTenant) -> None:
    """The write took place and its answer was lost: told as such, not repeated."""

    async def story(gateway: Gateway) -> None:
        for kind in ("drop_after", "truncate"):
            tenant.weather.add_fault(kind, method="POST", path="/api/v2/connections")
            with pytest.raises(OutcomeUnknown):
                await gateway.create_connection({"name": f"made-{kind.replace('_', '-')}", "strategy": "auth0"})
            tenant.weather.clear()
        tenant.weather.add_fault("drop_before", method="POST", path="/api/v2/connections")
        with pytest.raises(OutcomeUnknown):
            await gateway.create_connection({"name": "not-made", "strategy": "auth0"})
        tenant.weather.clear()
        tenant.weather.add_fault("drop_before", method="GET", path="/api/v2/connections*", times=2)
        names = sorted(connection["name"] for connection in await gateway.connections())
        assert names == ["made-drop-after", "made-truncate"]

    call(tenant, story)


def test_writes_under_a_limit_are_paced_and_never_refused(tenant: LocalTenant) -> None:
    async def story(gateway: Gateway) -> None:
        connection = await gateway.create_connection({"name": "paced", "strategy": "auth0"})
        id = connection["id"]
        tenant.weather.rate_limit = RateLimit(16, 50)
        before = tenant.weather.requests
        names = [f"Name {number}" for number in range(75)]
        await asyncio.gather(*(gateway.update_connection(id, {"display_name": name}) for name in names))
        assert 75 <= tenant.weather.requests - before <= 77

    call(tenant, story)


def test_a_missing_scope_is_named(tenant: LocalTenant) -> None:
    async def restricted(gateway: Gateway) -> dict[str, Any]:
        client = await gateway.create_client({"name": "Reader", "app_type": "non_interactive"})
        audience = f"{tenant.base_url}/api/v2/"
        await gateway.create_connection({"name": "users", "strategy": "auth0", "options": {"customScripts": SCRIPTS}})
        grants = await gateway.client_grants()
        system = next(grant["audience"] for grant in grants if grant["client_id"] == tenant.client_id)
        await gateway.create_client_grant(
            {"client_id": client["client_id"], "audience": system or audience, "scope": ["read:connections"]}
        )
        return client

    client = call(tenant, restricted)

    async def story(gateway: Gateway) -> None:
        with pytest.raises(MissingScope) as caught:
            await gateway.connections()
        assert caught.value.scopes == ("read:connections_options",)
        with pytest.raises(MissingScope) as caught:
            await gateway.clients()
        assert "read:clients" in caught.value.scopes
        with pytest.raises(MissingScope) as caught:
            await gateway.create_connection({"name": "x", "strategy": "auth0"})
        assert "create:connections" in caught.value.scopes

    from deployer.management.access import Credentials

    async def main() -> None:
        credentials = Credentials(client["client_id"], client["client_secret"])
        async with to(tenant.base_url, domain=tenant.domain, credentials=credentials) as gateway:
            await story(gateway)

    asyncio.run(main())


def test_secrets_of_applications_are_not_asked_for() -> None:
    async def main(url: str) -> None:
        async with to(url) as gateway:
            await gateway.clients()

    seen: list[Request] = []
    with Server(lambda request: (seen.append(request), answer({"clients": [], "total": 0}))[1]) as server:
        asyncio.run(main(server.url))
    assert seen[0].query["include_fields"] == "false"
    assert "client_secret" in seen[0].query["fields"].split(",")
