"""Clients (applications): /api/v2/clients.

https://auth0.com/docs/api/management/v2/clients
"""

import json
from collections.abc import Callable
from typing import Any

from deployer.sandbox.calls import Answer, Call, Endpoint
from deployer.sandbox.errors import ApiError, invalid_body
from deployer.sandbox.keys import random_id
from deployer.sandbox.paging import choose_fields, listed_page, stored_page
from deployer.sandbox.resources import client_credentials, connection_clients
from deployer.sandbox.resources.client_schema import CREATE, UPDATE
from deployer.sandbox.storage import Document
from deployer.sandbox.tenant import Tenant

_SECRETS = ("client_secret", "signing_keys", "encryption_key")
_KEYS_SCOPES = frozenset({"read:client_keys", "update:client_keys", "create:client_keys"})


def _refresh_token(app_type: str | None) -> dict[str, Any]:
    """Auth0's default, which lasts longer where the kind of application is known."""
    return {
        "rotation_type": "non-rotating",
        "expiration_type": "non-expiring",
        "leeway": 0,
        "token_lifetime": 31_557_600 if app_type else 2_592_000,
        "infinite_token_lifetime": True,
        "infinite_idle_token_lifetime": True,
        "idle_token_lifetime": 2_592_000 if app_type else 1_296_000,
    }


def new_client(tenant: Tenant, sent: dict[str, Any]) -> Document:
    """Store a new client: what was sent, and what Auth0 adds."""
    client_id = random_id(length=32)
    defaults: Document = {
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
        "refresh_token": _refresh_token(sent.get("app_type")),
    }
    given = {key: value for key, value in sent.items() if value is not None}
    for part in ("jwt_configuration", "refresh_token"):
        if part in given:
            given[part] = {**defaults[part], **given[part]}
    body = {
        "tenant": tenant.domain.partition(":")[0],
        "global": False,
        "name": sent["name"],
        "client_id": client_id,
        **defaults,
        **given,
    }
    methods = given.get("client_authentication_methods")
    if methods and "private_key_jwt" in methods:
        made = [client_credentials.add(tenant, client_id, each) for each in methods["private_key_jwt"]["credentials"]]
        body["client_authentication_methods"] = {
            "private_key_jwt": {"credentials": [{"id": each["id"]} for each in made]}
        }
    tenant.storage.insert("client", client_id, body)
    return body


def _refuse(sent: dict[str, Any], client: Document) -> None:
    if sent.get("client_authentication_methods") and sent.get("token_endpoint_auth_method"):
        raise invalid_body("Cannot set both client_authentication_methods and token_endpoint_auth_method")
    merged = {**client, **sent}
    if merged.get("token_endpoint_auth_method") == "none" and "client_credentials" in (sent.get("grant_types") or []):
        raise invalid_body("The grant type client_credentials is not allowed for a client without authentication")


def create(call: Call) -> Answer:
    """POST /clients: 201."""
    sent = call.payload(CREATE)
    _refuse(sent, {})
    client = new_client(call.tenant, sent)
    connection_clients.enable_new(call.tenant, client["client_id"])
    return Answer(201, client)


def _find(call: Call) -> Document:
    client = call.tenant.storage.get("client", call.params["id"])
    if client is None:
        raise ApiError(404, "The client does not exist", "inexistent_client")
    return client


def _shown(call: Call) -> Callable[[Document], Document] | None:
    """What the query and the scopes leave of a client: secrets take one of the scopes for client keys."""
    keep = choose_fields(call)
    if not call.scopes.isdisjoint(_KEYS_SCOPES):
        return keep

    def shown(body: Document) -> Document:
        body = {key: value for key, value in body.items() if key not in _SECRETS}
        return keep(body) if keep else body

    return shown


def read(call: Call) -> Answer:
    """GET /clients/{id}."""
    client, show = _find(call), _shown(call)
    return Answer(body=show(client) if show else client)


def listed(call: Call) -> Answer:
    """GET /clients, by `is_global`, `is_first_party` and `app_type` (any of several, with commas)."""
    show = _shown(call)
    app_types = {name for value in call.query.get("app_type", []) for name in value.split(",") if name}
    is_global, is_first_party = call.flag("is_global"), call.flag("is_first_party")
    if not app_types and is_global is None and is_first_party is None:
        text = (lambda text: json.dumps(show(json.loads(text)))) if show else None
        return stored_page(call, "client", "clients", checkpoint=True, show=text)
    clients = [
        show(client) if show else client
        for client in call.tenant.storage.all("client")
        if (not app_types or client.get("app_type") in app_types)
        and (is_global is None or client["global"] == is_global)
        and (is_first_party is None or client["is_first_party"] == is_first_party)
    ]
    return listed_page(call, "clients", clients, checkpoint=True)


def update(call: Call) -> Answer:
    """PATCH /clients/{id}: what is null is removed."""
    client = _find(call)
    sent = call.payload(UPDATE)
    _refuse(sent, client)
    methods = sent.get("client_authentication_methods")
    if methods and "private_key_jwt" in methods:
        own = {credential["id"] for credential in client_credentials.of_client(call.tenant, client["client_id"])}
        if any(each["id"] not in own for each in methods["private_key_jwt"]["credentials"]):
            raise invalid_body("One or more of the credentials do not exist")
    if sent.get("client_metadata") is not None:
        merged = {**client.get("client_metadata", {}), **sent["client_metadata"]}
        sent = {**sent, "client_metadata": {key: value for key, value in merged.items() if value is not None}}
    client = {key: value for key, value in {**client, **sent}.items() if value is not None}
    call.tenant.storage.update("client", client["client_id"], client)
    if "client_secret" in sent and client["client_id"] == call.tenant.client_id:
        call.tenant.remember_secret(client["client_secret"])
    show = _shown(call)
    return Answer(body=show(client) if show else client)


def delete(call: Call) -> Answer:
    """DELETE /clients/{id}: 204, also when there was none; its grants and its place on connections go with it."""
    id = call.params["id"]
    storage = call.tenant.storage
    if not storage.delete("client", id):
        return Answer(204)
    for connection_id in storage.linked("enabled_client", right=id):
        connection = storage.get("connection", connection_id)
        if connection is not None:
            connection["enabled_clients"] = [other for other in connection["enabled_clients"] if other != id]
            storage.update("connection", connection_id, connection)
    storage.unlink("enabled_client", right=id)
    storage.delete_tagged("client_credential", id)
    for grant in storage.all("client_grant"):
        if grant["client_id"] == id:
            storage.delete("client_grant", grant["id"])
    return Answer(204)


def rotate_secret(call: Call) -> Answer:
    """POST /clients/{id}/rotate-secret: the client with its new secret."""
    client = _find(call)
    client["client_secret"] = random_id(length=64)
    call.tenant.storage.update("client", client["client_id"], client)
    if client["client_id"] == call.tenant.client_id:
        call.tenant.remember_secret(client["client_secret"])
    return Answer(body=client)


ENDPOINTS = [
    Endpoint("GET", "/api/v2/clients", ("read:clients", "read:client_keys"), listed),
    Endpoint("POST", "/api/v2/clients", ("create:clients",), create),
    Endpoint("GET", "/api/v2/clients/{id}", ("read:clients", "read:client_keys"), read),
    Endpoint("PATCH", "/api/v2/clients/{id}", ("update:clients", "update:client_keys"), update),
    Endpoint("DELETE", "/api/v2/clients/{id}", ("delete:clients",), delete),
    Endpoint("POST", "/api/v2/clients/{id}/rotate-secret", ("update:client_keys",), rotate_secret),
]
