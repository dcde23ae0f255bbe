"""Clients (applications): /api/v2/clients.

https://auth0.com/docs/api/management/v2/clients
"""

import json
from typing import Any

from deployer.sandbox.calls import Answer, Call, Endpoint
from deployer.sandbox.errors import ApiError
from deployer.sandbox.keys import random_id
from deployer.sandbox.paging import choose_fields, stored_page
from deployer.sandbox.schema import Anything, Array, Boolean, Nullable, Object, String
from deployer.sandbox.tenant import Tenant

_FIELDS = {
    "name": String(min=1, pattern=r"^[^<>]+$"),
    "description": String(max=140),
    "client_secret": String(min=1),
    "callbacks": Nullable(Array(String())),
    "grant_types": Nullable(Array(String())),
    "is_first_party": Boolean(),
    "oidc_conformant": Boolean(),
    "client_metadata": Nullable(Object(extra=Nullable(String(max=255)), max=10)),
}
CREATE = Object(_FIELDS, required=("name",), extra=Anything())
UPDATE = Object(_FIELDS, extra=Anything())
_SECRETS = ("client_secret", "signing_keys", "encryption_key")


def new_client(tenant: Tenant, sent: dict[str, Any]) -> dict[str, Any]:
    """Store a new client: what was sent, and what Auth0 adds."""
    body: dict[str, Any] = {
        "name": sent["name"],
        "client_id": random_id(length=32),
        "client_secret": random_id(length=64),
        "is_first_party": True,
        "is_token_endpoint_ip_header_trusted": False,
        "oidc_conformant": False,
        "jwt_configuration": {"secret_encoded": False, "lifetime_in_seconds": 36_000},
        "signing_keys": [{"cert": tenant.signing_key.certificate}],
        "sso_disabled": False,
        "cross_origin_authentication": False,
        "grant_types": ["authorization_code", "implicit", "refresh_token", "client_credentials"],
        "custom_login_page_on": True,
        "refresh_token": {
            "rotation_type": "non-rotating",
            "expiration_type": "non-expiring",
            "leeway": 0,
            "token_lifetime": 2_592_000,
            "infinite_token_lifetime": True,
            "infinite_idle_token_lifetime": True,
            "idle_token_lifetime": 1_296_000,
        },
        **sent,
    }
    tenant.storage.insert("client", body["client_id"], body)
    return body


def create(call: Call) -> Answer:
    """POST /clients: 201."""
    return Answer(201, new_client(call.tenant, dict(call.payload(CREATE))))


def _find(call: Call) -> dict[str, Any]:
    client = call.tenant.storage.get("client", call.params["id"])
    if client is None:
        raise ApiError(404, "The client does not exist", "inexistent_client")
    return client


def read(call: Call) -> Answer:
    """GET /clients/{id}."""
    client = _find(call)
    keep = choose_fields(call)
    return Answer(body=keep(client) if keep else client)


def listed(call: Call) -> Answer:
    """GET /clients."""
    keep = choose_fields(call)
    show = (lambda text: json.dumps(keep(json.loads(text)))) if keep else None
    return stored_page(call, "client", "clients", checkpoint=True, show=show)


def update(call: Call) -> Answer:
    """PATCH /clients/{id}."""
    client = _find(call)
    sent = call.payload(UPDATE)
    client = {key: value for key, value in {**client, **sent}.items() if value is not None}
    call.tenant.storage.update("client", client["client_id"], client)
    return Answer(body=client)


def delete(call: Call) -> Answer:
    """DELETE /clients/{id}: 204, also when there was none."""
    id = call.params["id"]
    storage = call.tenant.storage
    if storage.delete("client", id):
        for connection_id in storage.linked("enabled_client", right=id):
            connection = storage.get("connection", connection_id)
            if connection is not None:
                connection["enabled_clients"] = [other for other in connection["enabled_clients"] if other != id]
                storage.update("connection", connection_id, connection)
        storage.unlink("enabled_client", right=id)
        for grant in storage.all("client_grant"):
            if grant["client_id"] == id:
                storage.delete("client_grant", grant["id"])
    return Answer(204)


ENDPOINTS = [
    Endpoint("GET", "/api/v2/clients", ("read:clients",), listed),
    Endpoint("POST", "/api/v2/clients", ("create:clients",), create),
    Endpoint("GET", "/api/v2/clients/{id}", ("read:clients",), read),
    Endpoint("PATCH", "/api/v2/clients/{id}", ("update:clients",), update),
    Endpoint("DELETE", "/api/v2/clients/{id}", ("delete:clients",), delete),
]
