"""Serves connections: /api/v2/connections.

https://auth0.com/docs/api/management/v2/connections
"""

import copy
import json
from collections.abc import Callable
from typing import Any

from deployer.sandbox.calls import Call, Endpoint, Response
from deployer.sandbox.clock import milliseconds
from deployer.sandbox.errors import ApiError
from deployer.sandbox.keys import random_id
from deployer.sandbox.paging import choose_fields, listed_page, stored_page
from deployer.sandbox.resources import connection_options
from deployer.sandbox.schema import Anything, Array, Boolean, Nullable, Object, Schema, String
from deployer.sandbox.storage import NameTakenError
from deployer.sandbox.tenant import Tenant

NAME = String(min=1, max=128, pattern=r"^[a-zA-Z0-9](-[a-zA-Z0-9]|[a-zA-Z0-9])*$")
METADATA = Object(extra=Nullable(String(max=255)), max=10, names=String(max=255))
_PURPOSE = Object({"active": Boolean()}, required=("active",))
DATABASE = "auth0"
"""The strategy of a database connection."""
_OTHERS = (
    "ad adfs amazon apple auth0-oidc baidu bitbucket bitly box custom daccount dropbox dwolla email evernote "
    "evernote-sandbox exact facebook fitbit github google-apps google-oauth2 instagram ip line linkedin oauth1 oauth2 "
    "office365 oidc okta paypal paypal-sandbox pingfederate planningcenter salesforce salesforce-community "
    "salesforce-sandbox samlp sharepoint shop shopify sms soundcloud thirtysevensignals twitter untappd vkontakte waad "
    "weibo windowslive wordpress yahoo yandex"
)
"""The strategies of social, enterprise and passwordless connections, of which the API keeps what it is sent."""
_SHARED: dict[str, Schema] = {
    "display_name": String(max=128),
    "options": Nullable(connection_options.OPTIONS),
    "enabled_clients": Array(String()),
    "is_domain_connection": Boolean(),
    "show_as_button": Boolean(),
    "realms": Array(String(max=128, min=1)),
    "metadata": Nullable(METADATA),
    "authentication": _PURPOSE,
    "connected_accounts": _PURPOSE,
}
CREATE = Object({**_SHARED, "name": NAME, "strategy": String(enum=(DATABASE,))}, required=("name", "strategy"))
UPDATE = Object(_SHARED)
_FOREIGN: dict[str, Schema] = {**_SHARED, "options": Nullable(Object(extra=Anything()))}
_CREATE_FOREIGN = Object(
    {**_FOREIGN, "name": NAME, "strategy": String(enum=(DATABASE, *_OTHERS.split()))}, required=("name", "strategy")
)
_UPDATE_FOREIGN = Object(_FOREIGN)
_MIGRATED = "enabled_clients"
"""What a tenant that has migrated to /connections/{id}/clients neither shows nor takes in updates."""
_ALWAYS = ("id", "is_domain_connection", "authentication", "connected_accounts")
"""What a choice of fields carries all the same."""


def not_found() -> ApiError:
    """Build the 404 for a connection."""
    return ApiError(404, "The connection does not exist", "inexistent_connection")


def find(call: Call, id: str | None = None) -> dict[str, Any]:
    """Find the connection of the path. Raises ApiError 404."""
    connection = call.tenant.storage.get("connection", id or call.params["id"])
    if connection is None:
        raise not_found()
    return connection


def _view(call: Call) -> Callable[[dict[str, Any]], dict[str, Any]] | None:
    """Build the function that leaves of a connection what the scopes, the query and the tenant let through.

    Without `read:connections_options` there are no options, and no `enabled_clients` where the migration is done.
    """
    keep = choose_fields(call, _ALWAYS)
    hidden = set() if "read:connections_options" in call.scopes else {"options"}
    if not call.tenant.behaviour.legacy_enabled_clients:
        hidden.add(_MIGRATED)
    if not hidden:
        return keep

    def shown(body: dict[str, Any]) -> dict[str, Any]:
        body = {key: value for key, value in body.items() if key not in hidden}
        return keep(body) if keep else body

    return shown


def _respond(call: Call, connection: dict[str, Any], status: int = 200) -> Response:
    show = _view(call)
    return Response(status, show(connection) if show else connection)


def _clean(metadata: dict[str, Any] | None) -> dict[str, str]:
    return {key: value for key, value in (metadata or {}).items() if value is not None}


def create(call: Call) -> Response:
    """Answer `POST /connections`: 201, or 409 for a name that is taken."""
    strategy = call.body.get("strategy") if isinstance(call.body, dict) else None
    sent = call.payload(CREATE if strategy == DATABASE else _CREATE_FOREIGN)
    options, age = sent.get("options"), call.tenant.age
    if sent["strategy"] == DATABASE:
        if options is not None:
            connection_options.refuse(options, None)
        new_options = connection_options.complete_new(options, age, call.tenant.vault)
    else:
        new_options = options or {}
    connection = {
        "id": random_id("con_"),
        "options": new_options,
        "strategy": sent["strategy"],
        "name": sent["name"],
        **({"display_name": sent["display_name"]} if "display_name" in sent else {}),
        "is_domain_connection": sent.get("is_domain_connection", False),
        **({"show_as_button": sent["show_as_button"]} if "show_as_button" in sent else {}),
        **copy.deepcopy(dict(age.connection)),
        **{field: sent[field] for field in ("authentication", "connected_accounts") if field in sent},
        "enabled_clients": [],
        "realms": sent.get("realms", [sent["name"]]),
        **({"metadata": _clean(sent["metadata"])} if sent.get("metadata") is not None else {}),
    }
    try:
        call.tenant.storage.insert("connection", connection["id"], connection, name=sent["name"], tag=sent["strategy"])
    except NameTakenError as error:
        raise ApiError(409, "A connection with the same name already exists", "connection_conflict") from error
    if "enabled_clients" in sent:
        connection["enabled_clients"] = set_clients(call, connection["id"], sent["enabled_clients"])
        call.tenant.storage.update("connection", connection["id"], connection)
    return _respond(call, connection, 201)


def set_clients(call: Call, id: str, client_ids: list[str]) -> list[str]:
    """Enable exactly these clients, in this order; those that do not exist are left out."""
    storage = call.tenant.storage
    storage.unlink("enabled_client", left=id)
    for client_id in client_ids:
        if storage.text("client", client_id) is not None:
            storage.link("enabled_client", id, client_id)
    return storage.linked("enabled_client", left=id)


def read(call: Call) -> Response:
    """Answer `GET /connections/{id}`."""
    show = _view(call)
    if show is not None:
        return Response(body=show(find(call)))
    text = call.tenant.storage.text("connection", call.params["id"])
    if text is None:
        raise not_found()
    return Response(text=text)


def list_connections(call: Call) -> Response:
    """Answer `GET /connections`, by `strategy` (any of several) and `name`."""
    show = _view(call)
    name = call.first("name")
    strategies = [value for value in call.query.get("strategy", []) if value] or None
    if name is not None:
        found = call.tenant.storage.named("connection", name)
        hits = [found] if found and (strategies is None or found["strategy"] in strategies) else []
        return listed_page(call, "connections", [show(hit) if show else hit for hit in hits], checkpoint=True)
    return stored_page(
        call,
        "connection",
        "connections",
        tags=strategies,
        checkpoint=True,
        show=(lambda text: json.dumps(show(json.loads(text)))) if show else None,
    )


def _update_schema(tenant: Tenant, connection: dict[str, Any]) -> Schema:
    schema = UPDATE if connection["strategy"] == DATABASE else _UPDATE_FOREIGN
    if tenant.behaviour.legacy_enabled_clients:
        return schema
    return Object({name: field for name, field in schema.fields.items() if name != _MIGRATED})


def _replaced(tenant: Tenant, connection: dict[str, Any], sent: dict[str, Any]) -> dict[str, Any]:
    if connection["strategy"] != DATABASE:
        return sent
    connection_options.refuse(sent, connection["options"])
    return connection_options.complete_updated(sent, connection["options"], tenant.age, tenant.vault)


def update(call: Call) -> Response:
    """Answer `PATCH /connections/{id}`: `options` are replaced as a whole, the rest by field."""
    connection = find(call)
    sent = call.payload(_update_schema(call.tenant, connection))
    options = sent.get("options")
    if options is not None:
        if "update:connections_options" not in call.scopes:
            raise ApiError(403, "Insufficient scope, expected any of: update:connections_options", "insufficient_scope")
        connection["options"] = _replaced(call.tenant, connection, options)
    for field in (
        "display_name",
        "is_domain_connection",
        "show_as_button",
        "authentication",
        "connected_accounts",
        "realms",
    ):
        if field in sent:
            connection[field] = sent[field]
    if "metadata" in sent:
        connection["metadata"] = _clean(sent["metadata"])
    if "enabled_clients" in sent:
        connection["enabled_clients"] = set_clients(call, connection["id"], sent["enabled_clients"])
    call.tenant.storage.update("connection", connection["id"], connection)
    return _respond(call, connection)


def delete(call: Call) -> Response:
    """Answer `DELETE /connections/{id}`: 202, also when there was none; the users of the connection go with it."""
    remove(call.tenant, call.params["id"])
    return Response(202, {"deleted_at": milliseconds()})


def remove(tenant: Tenant, id: str) -> None:
    """Take a connection out of the tenant, with its links and its users."""
    storage = tenant.storage
    storage.delete("connection", id)
    storage.unlink("enabled_client", left=id)
    storage.delete_tagged("user", id)


ENDPOINTS = [
    Endpoint("GET", "/api/v2/connections", ("read:connections",), list_connections),
    Endpoint("POST", "/api/v2/connections", ("create:connections",), create),
    Endpoint("GET", "/api/v2/connections/{id}", ("read:connections",), read),
    Endpoint("PATCH", "/api/v2/connections/{id}", ("update:connections",), update),
    Endpoint("DELETE", "/api/v2/connections/{id}", ("delete:connections",), delete),
]
