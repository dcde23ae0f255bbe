"""Serves the clients that a connection is enabled for: /api/v2/connections/{id}/clients.

https://auth0.com/docs/api/management/v2/connections/get-connection-clients
"""

from deployer.sandbox.calls import Call, Endpoint, Response
from deployer.sandbox.errors import ApiError
from deployer.sandbox.paging import DEFAULT_PAGE, MAX_PAGE, cursor, read_cursor
from deployer.sandbox.resources.connections import find
from deployer.sandbox.schema import Array, Boolean, Object, String
from deployer.sandbox.settings import enables_new_clients
from deployer.sandbox.tenant import Tenant

_LINK = "enabled_client"
UPDATE = Array(
    Object({"client_id": String(min=1), "status": Boolean()}, required=("client_id", "status")), min=1, max=50
)


def list_connection_clients(call: Call) -> Response:
    """Answer `GET` with `{clients: [{client_id}], next?}`, paged by `from` and `take`."""
    connection = find(call)
    take = call.number("take", 1, MAX_PAGE) or DEFAULT_PAGE
    start = call.first("from")
    after = read_cursor(start) if start else 0
    ids = call.tenant.storage.linked(_LINK, left=connection["id"])
    body: dict[str, object] = {"clients": [{"client_id": id} for id in ids[after : after + take]]}
    if len(ids) > after + take:
        body["next"] = cursor(after + take)
    return Response(body=body)


def update(call: Call) -> Response:
    """Answer `PATCH` with at most 50 of `{client_id, status}`: 204; all of them or none."""
    connection = find(call)
    storage = call.tenant.storage
    for entry in call.payload(UPDATE):
        id = entry["client_id"]
        if not entry["status"]:
            storage.unlink(_LINK, left=connection["id"], right=id)
        elif storage.text("client", id) is None:
            raise ApiError(400, f"One or more of the clients do not exist: {id[:64]}", "invalid_body")
        else:
            storage.link(_LINK, connection["id"], id)
    connection["enabled_clients"] = storage.linked(_LINK, left=connection["id"])
    storage.update("connection", connection["id"], connection)
    return Response(204)


def enable_new(tenant: Tenant, client_id: str) -> None:
    """Enable a new application on every connection, where the tenant's setting `enable_client_connections` has it so.

    https://auth0.com/docs/get-started/tenant-settings
    """
    if not enables_new_clients(tenant.storage):
        return
    for connection in tenant.storage.all("connection"):
        tenant.storage.link(_LINK, connection["id"], client_id)
        connection["enabled_clients"] = tenant.storage.linked(_LINK, left=connection["id"])
        tenant.storage.update("connection", connection["id"], connection)


ENDPOINTS = [
    Endpoint("GET", "/api/v2/connections/{id}/clients", ("read:connections",), list_connection_clients),
    Endpoint("PATCH", "/api/v2/connections/{id}/clients", ("update:connections",), update),
]
