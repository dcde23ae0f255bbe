"""Whatever is sent, no endpoint of a local tenant answers with a 500."""

import json
import string
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deployer.sandbox.resources import (
    actions,
    client_credentials,
    client_grants,
    client_schema,
    connection_clients,
    connections,
    endpoints,
    resource_servers,
    rules,
    triggers,
)
from deployer.sandbox.schema import Array, Boolean, Nullable, Number, Object, Schema, String
from deployer.sandbox.server import LocalTenant
from deployer.sandbox.snapshot import load, snapshot

ENDPOINTS = [endpoint for endpoint in endpoints() if endpoint.path != "/__sandbox__/snapshot"]
_QUERY = (
    "page per_page include_totals from take fields include_fields strategy name identifiers audience client_id "
    "enabled triggerId actionName deployed installed force is_global app_type"
)
QUERY = _QUERY.split()

junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def like(schema: Schema) -> st.SearchStrategy[Any]:
    """Values that mostly fit a schema, so that the fuzz comes past the validation."""
    if isinstance(schema, Nullable):
        return st.none() | like(schema.schema)
    if isinstance(schema, Boolean):
        return st.booleans()
    if isinstance(schema, Number):
        return st.integers(int(schema.min or 0), int(schema.max or 1000))
    if isinstance(schema, String):
        if schema.enum:
            return st.sampled_from(schema.enum)
        return st.sampled_from(["alpha", "beta-1", "read:x", "https://api/", "-----BEGIN PUBLIC KEY-----"]) | st.text(
            string.ascii_letters, min_size=max(3, schema.min), max_size=schema.min + 12
        )
    if isinstance(schema, Array):
        return st.lists(like(schema.item), min_size=schema.min, max_size=schema.min + 2)
    if isinstance(schema, Object):
        fields = {name: st.deferred(lambda inner=inner: like(inner)) for name, inner in schema.fields.items()}
        wanted = {name: fields.pop(name) for name in schema.required if name in fields}
        known = st.fixed_dictionaries(wanted, optional=fields)
        if schema.extra is None:
            return known
        extra = st.dictionaries(st.text(string.ascii_letters, min_size=1, max_size=5), like(schema.extra), max_size=2)
        return st.builds(lambda left, right: {**left, **right}, extra, known)
    return junk


BODIES = {
    "/api/v2/connections": connections.CREATE,
    "/api/v2/connections/{id}": connections.UPDATE,
    "/api/v2/connections/{id}/clients": connection_clients.UPDATE,
    "/api/v2/clients": client_schema.CREATE,
    "/api/v2/clients/{id}": client_schema.UPDATE,
    "/api/v2/clients/{id}/credentials": client_credentials.CREDENTIAL,
    "/api/v2/client-grants": client_grants.CREATE,
    "/api/v2/client-grants/{id}": client_grants.UPDATE,
    "/api/v2/resource-servers": resource_servers.CREATE,
    "/api/v2/resource-servers/{id:path}": resource_servers.UPDATE,
    "/api/v2/actions/actions": actions.CREATE,
    "/api/v2/actions/actions/{id}": actions.UPDATE,
    "/api/v2/actions/triggers/{trigger}/bindings": triggers.UPDATE,
    "/api/v2/rules": rules.CREATE,
    "/api/v2/rules/{id}": rules.UPDATE,
}
FITTING = {path: like(schema) for path, schema in BODIES.items()}


IDS = {
    "/connections/": "connection",
    "/clients/": "client",
    "/client-grants/": "client_grant",
    "/resource-servers/": "resource_server",
    "/rules/": "rule",
    "/actions/actions/": "action",
    "/versions/": "action_version",
    "/credentials/": "client_credential",
}
Start = tuple[dict[str, Any], dict[str, str]]


@pytest.fixture(scope="module")
def start(api: httpx.Client, tenant: LocalTenant) -> Start:
    """A tenant with one of everything, as a snapshot, and the ids of what is in it by kind."""
    client_id, _ = tenant.state.add_application("Fuzzed", [])
    pem = tenant.state.signing_key.certificate
    connection = {"name": "one", "strategy": "auth0", "options": {"configuration": {"A": "b"}}}
    made = {
        "connection": api.post("/connections", json=connection),
        "rule": api.post("/rules", json={"name": "one", "script": "x"}),
        "resource_server": api.post(
            "/resource-servers", json={"identifier": "https://api/", "scopes": [{"value": "read:x"}]}
        ),
        "action": api.post("/actions/actions", json={"name": "one", "supported_triggers": [{"id": "post-login"}]}),
        "client_grant": api.post("/client-grants", json={"client_id": client_id, "audience": "https://api/"}),
        "client_credential": api.post(
            f"/clients/{client_id}/credentials", json={"credential_type": "public_key", "pem": pem}
        ),
    }
    for answer in made.values():
        assert answer.status_code == 201, answer.text
    ids = {kind: answer.json().get("id") or answer.json()[f"{kind}_id"] for kind, answer in made.items()}
    version = api.post(f"/actions/actions/{ids['action']}/deploy").json()["id"]
    return snapshot(tenant.state), {**ids, "client": client_id, "action_version": version}


def draw_path(data: st.DataObject, template: str, ids: dict[str, str]) -> str:
    """A path with ids of the right kind mostly, and now and then with any other text."""
    path = template
    while "{" in path:
        head, rest = path.split("{", 1)
        kind = next((kind for ending, kind in IDS.items() if head.endswith(ending)), "")
        fitting = ids.get(kind, "post-login")
        value = data.draw(st.sampled_from([fitting] * 5 + sorted(ids.values())) | st.text(min_size=1, max_size=8))
        path = head + quote(value, safe="") + rest.split("}", 1)[1]
    return path


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_request_makes_a_500(api: httpx.Client, tenant: LocalTenant, start: Start, data: st.DataObject) -> None:
    fixture, ids = start
    load(tenant.state, fixture)
    for _ in range(4):
        endpoint = data.draw(st.sampled_from(ENDPOINTS), label="endpoint")
        path = draw_path(data, endpoint.path, ids)
        names = st.sampled_from(QUERY)
        values = st.sampled_from(["0", "1", "true", "x", "-1", "100", "101", "name", ""]) | st.text(max_size=8)
        query = data.draw(st.lists(st.tuples(names, values), max_size=3), label="query")
        body = data.draw(FITTING.get(endpoint.path, junk) | junk, label="body")
        sends = endpoint.method in ("POST", "PUT", "PATCH")
        answer = api.request(endpoint.method, f"{tenant.base_url}{path}", params=query, json=body if sends else None)
        tenant.weather.clear()  # the sandbox's own endpoints are fuzzed too
        assert answer.status_code < 500, (endpoint.method, path, body, answer.text)
        if answer.headers.get("content-type", "").startswith("application/json"):
            json.loads(answer.content)


RAW = [
    b"",
    b"{",
    b"[" * 100_000,
    b'"\\ud800"',
    b'{"name": "\\ud800", "strategy": "auth0"}',
    b"\xff\xfe",
    b"NaN",
    b"1" * 5000,
]


@pytest.mark.parametrize("body", RAW, ids=range(len(RAW)))
def test_a_body_that_is_no_json_is_a_400(api: httpx.Client, body: bytes) -> None:
    answer = api.post("/connections", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400, answer.text
    assert answer.json()["statusCode"] == 400
