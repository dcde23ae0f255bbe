"""Serves clients (applications): /api/v2/clients.

https://auth0.com/docs/api/management/v2/clients
"""

import json
from collections.abc import Callable
from typing import Any

from deployer.sandbox.calls import Call, Endpoint, Response
from deployer.sandbox.client_records import credential_holders, credentials_of
from deployer.sandbox.errors import ApiError, invalid_body
from deployer.sandbox.keys import random_id
from deployer.sandbox.merging import CLIENT
from deployer.sandbox.paging import choose_fields, listed_page, stored_page
from deployer.sandbox.resources import connection_clients
from deployer.sandbox.resources.client_schema import CREATE, UPDATE
from deployer.sandbox.storage import Document

_SECRETS = ("client_secret", "signing_keys", "encryption_key")
_KEYS_SCOPES = frozenset({"read:client_keys", "update:client_keys", "create:client_keys"})


def _refuse(sent: dict[str, Any], client: Document) -> None:
    if sent.get("client_authentication_methods") and sent.get("token_endpoint_auth_method"):
        raise invalid_body("Cannot set both client_authentication_methods and token_endpoint_auth_method")
    merged = {**client, **sent}
    if merged.get("token_endpoint_auth_method") == "none" and "client_credentials" in (sent.get("grant_types") or []):
        raise invalid_body("The grant type client_credentials is not allowed for a client without authentication")


def create(call: Call) -> Response:
    """Answer `POST /clients`: 201."""
    sent = call.payload(CREATE)
    _refuse(sent, {})
    client = call.tenant.add_client(sent)
    connection_clients.enable_new(call.tenant, client["client_id"])
    return Response(201, CLIENT.show(client))


def _find(call: Call) -> Document:
    client = call.tenant.storage.get("client", call.params["id"])
    if client is None:
        raise ApiError(404, "The client does not exist", "inexistent_client")
    return client


def _view(call: Call) -> Callable[[Document], Document]:
    """Build the function that leaves out of a client what query and scopes hide: secrets take a scope for keys."""
    keep = choose_fields(call)
    secrets = () if not call.scopes.isdisjoint(_KEYS_SCOPES) else _SECRETS

    def shown(body: Document) -> Document:
        body = {key: value for key, value in CLIENT.show(body).items() if key not in secrets}
        return keep(body) if keep else body

    return shown


def read(call: Call) -> Response:
    """Answer `GET /clients/{id}`."""
    return Response(body=_view(call)(_find(call)))


def list_clients(call: Call) -> Response:
    """Answer `GET /clients`, by `is_global`, `is_first_party` and `app_type` (any of several, with commas)."""
    show = _view(call)
    app_types = {name for value in call.query.get("app_type", []) for name in value.split(",") if name}
    is_global, is_first_party = call.flag("is_global"), call.flag("is_first_party")
    if not app_types and is_global is None and is_first_party is None:
        whole = call.first("fields") is None and not call.scopes.isdisjoint(_KEYS_SCOPES)

        def show_text(text: str) -> str:
            as_it_is = whole and not any(f'"{cause}"' in text for cause in CLIENT.hides)
            return text if as_it_is else json.dumps(show(json.loads(text)))

        return stored_page(call, "client", "clients", checkpoint=True, show=show_text)
    clients = [
        show(client)
        for client in call.tenant.storage.all("client")
        if (not app_types or client.get("app_type") in app_types)
        and (is_global is None or client["global"] == is_global)
        and (is_first_party is None or client["is_first_party"] == is_first_party)
    ]
    return listed_page(call, "clients", clients, checkpoint=True)


def update(call: Call) -> Response:
    """Answer `PATCH /clients/{id}`: objects merge by their members, and what is null is removed."""
    client = _find(call)
    sent = call.payload(UPDATE)
    _refuse(sent, client)
    if holders := credential_holders(sent):
        own = {credential["id"] for credential in credentials_of(call.tenant.storage, client["client_id"])}
        if any(each["id"] not in own for holder in holders for each in holder["credentials"]):
            raise invalid_body("One or more of the credentials do not exist")
    client = CLIENT.update(client, sent)
    call.tenant.storage.update("client", client["client_id"], client)
    if "client_secret" in sent and client["client_id"] == call.tenant.client_id:
        call.tenant.remember_secret(client["client_secret"])
    return Response(body=_view(call)(client))


def delete(call: Call) -> Response:
    """Answer `DELETE /clients/{id}`: 204, also when there was none; its grants and its place on connections go, too."""
    id = call.params["id"]
    storage = call.tenant.storage
    if not storage.delete("client", id):
        return Response(204)
    for connection_id in storage.linked("enabled_client", right=id):
        connection = storage.get("connection", connection_id)
        if connection is not None:
            connection["enabled_clients"] = [other for other in connection["enabled_clients"] if other != id]
            storage.update("connection", connection_id, connection)
    storage.unlink("enabled_client", right=id)
    storage.delete_tagged("client_credential", id)
    for grant in storage.all("client_grant"):
        if grant.get("client_id") == id:
            storage.delete("client_grant", grant["id"])
    return Response(204)


def rotate_secret(call: Call) -> Response:
    """Answer `POST /clients/{id}/rotate-secret`: the client with its new secret."""
    client = _find(call)
    client["client_secret"] = random_id(length=64)
    call.tenant.storage.update("client", client["client_id"], client)
    if client["client_id"] == call.tenant.client_id:
        call.tenant.remember_secret(client["client_secret"])
    return Response(body=client)


ENDPOINTS = [
    Endpoint("GET", "/api/v2/clients", ("read:clients", "read:client_keys"), list_clients),
    Endpoint("POST", "/api/v2/clients", ("create:clients",), create),
    Endpoint("GET", "/api/v2/clients/{id}", ("read:clients", "read:client_keys"), read),
    Endpoint("PATCH", "/api/v2/clients/{id}", ("update:clients", "update:client_keys"), update),
    Endpoint("DELETE", "/api/v2/clients/{id}", ("delete:clients",), delete),
    Endpoint("POST", "/api/v2/clients/{id}/rotate-secret", ("update:client_keys",), rotate_secret),
]
