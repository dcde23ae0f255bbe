"""Serves the connections that a client may use: /api/v2/clients/{id}/connections.

https://auth0.com/docs/api/management/v2/clients/get-client-connections
"""

from deployer.sandbox.calls import Call, Endpoint, Response
from deployer.sandbox.errors import ApiError
from deployer.sandbox.paging import DEFAULT_PAGE, MAX_PAGE, choose_fields, cursor, read_cursor
from deployer.sandbox.storage import Document

_CLIENT_SCOPES = ("read:clients", "read:client_summary")
_HIDDEN = ("enabled_clients",)


def list_connections(call: Call) -> Response:
    """Answer `GET` with `{connections: [...], next?}`, by `strategy` (any of several), paged by `from` and `take`.

    It takes `read:connections` and one of the two scopes for clients; options take `read:connections_options`.
    """
    if call.scopes.isdisjoint(_CLIENT_SCOPES):
        expected = ",".join(_CLIENT_SCOPES)
        raise ApiError(403, f"Insufficient scope, expected any of: {expected}", "insufficient_scope")
    storage = call.tenant.storage
    id = call.params["id"]
    if storage.text("client", id) is None:
        raise ApiError(404, "The client does not exist", "inexistent_client")
    strategies = {value for value in call.query.get("strategy", []) if value}
    found = [storage.get("connection", each) for each in storage.linked("enabled_client", right=id)]
    matching = [each for each in found if each is not None and (not strategies or each["strategy"] in strategies)]
    take = call.number("take", 1, MAX_PAGE) or DEFAULT_PAGE
    start = call.first("from")
    after = read_cursor(start) if start else 0
    body: Document = {"connections": [_show(call, each) for each in matching[after : after + take]]}
    if len(matching) > after + take:
        body["next"] = cursor(after + take)
    return Response(body=body)


def _show(call: Call, connection: Document) -> Document:
    hidden = _HIDDEN if "read:connections_options" in call.scopes else (*_HIDDEN, "options")
    body = {key: value for key, value in connection.items() if key not in hidden}
    keep = choose_fields(call)
    return keep(body) if keep else body


ENDPOINTS = [Endpoint("GET", "/api/v2/clients/{id}/connections", ("read:connections",), list_connections)]
