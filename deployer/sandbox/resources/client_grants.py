"""Serves client grants, which say what an application may ask of an API: /api/v2/client-grants.

https://auth0.com/docs/api/management/v2/client-grants
"""

from typing import Any

from deployer.sandbox.calls import Call, Endpoint, Response
from deployer.sandbox.errors import ApiError, invalid_body
from deployer.sandbox.keys import random_id
from deployer.sandbox.merging import CLIENT_GRANT
from deployer.sandbox.paging import listed_page
from deployer.sandbox.resources.resource_servers_lookup import find_resource_server
from deployer.sandbox.schema import Array, Boolean, Nullable, Object, Schema, String

_SHARED: dict[str, Schema] = {
    "scope": Nullable(Array(String(min=1, max=280))),
    "organization_usage": Nullable(String(enum=("deny", "allow", "require"))),
    "allow_any_organization": Nullable(Boolean()),
    "authorization_details_types": Array(String(min=1, max=255)),
    "allow_all_scopes": Nullable(Boolean()),
}
CREATE = Object(
    {
        **_SHARED,
        "client_id": String(min=1),
        "audience": String(min=1),
        "subject_type": String(enum=("client", "user", "anonymous_user")),
        "default_for": String(enum=("third_party_clients",)),
    },
    required=("audience",),
)
UPDATE = Object(_SHARED)


def _key(grant: dict[str, Any]) -> tuple[Any, ...]:
    """Return what there is one grant of."""
    holder = (grant.get("client_id"), grant.get("default_for"))
    return *holder, grant["audience"], grant.get("subject_type", "client")


def not_found() -> ApiError:
    """Build the 404 for a grant."""
    return ApiError(404, "The client grant does not exist", "inexistent_client_grant")


def _find(call: Call) -> dict[str, Any]:
    grant = call.tenant.storage.get("client_grant", call.params["id"])
    if grant is None:
        raise not_found()
    return grant


def _checked(call: Call, grant: dict[str, Any]) -> dict[str, Any]:
    """Refuse what the API does not have; `allow_all_scopes` and `scope` exclude each other."""
    server = find_resource_server(call.tenant, grant["audience"])
    if server is None:
        raise ApiError(404, "The resource server does not exist", "inexistent_resource_server")
    if grant.get("allow_all_scopes"):
        grant.pop("scope", None)
    known = {scope["value"] for scope in server.get("scopes", [])}
    unknown = [scope for scope in grant.get("scope", []) if scope not in known]
    if unknown:
        raise invalid_body(f"The following scopes are not registered by the resource server: {', '.join(unknown)}")
    types = {detail["type"] for detail in server.get("authorization_details") or []}
    unknown = [name for name in grant.get("authorization_details_types", []) if name not in types]
    if unknown:
        raise invalid_body(
            f"The following authorization details types are not registered by the resource server: {', '.join(unknown)}"
        )
    return grant


def create(call: Call) -> Response:
    """Answer `POST /client-grants`: 201, or 409 where the client (or the default) has one for the audience."""
    sent = call.payload(CREATE)
    storage = call.tenant.storage
    holder = sent.get("client_id") or sent.get("default_for")
    if holder is None:
        raise invalid_body("Payload validation error: 'Missing required property: client_id'.")
    if "client_id" in sent and "default_for" in sent:
        raise invalid_body("Cannot set both client_id and default_for")
    if "client_id" in sent and storage.text("client", sent["client_id"]) is None:
        raise ApiError(404, "The client does not exist", "inexistent_client")
    for other in storage.all("client_grant"):
        if _key(other) == _key(sent):
            raise ApiError(
                409, f"A client grant already exists between {holder} and {sent['audience']}", "client_grant_conflict"
            )
    shape = CLIENT_GRANT.with_absent(call.tenant.age.client_grant)
    grant = _checked(call, {"id": random_id("cgr_"), **shape.create(sent)})
    storage.insert("client_grant", grant["id"], grant, tag=grant.get("client_id"))
    return Response(201, grant)


def read(call: Call) -> Response:
    """Answer `GET /client-grants/{id}`."""
    return Response(body=_find(call))


def list_grants(call: Call) -> Response:
    """Answer `GET /client-grants`, filtered by any of `names` and by `allow_any_organization`."""
    names = ("audience", "client_id", "subject_type", "default_for")
    filters: dict[str, Any] = {name: call.first(name) for name in names}
    any_organization = call.flag("allow_any_organization")
    grants = [
        grant
        for grant in call.tenant.storage.all("client_grant")
        if all(value is None or grant.get(name) == value for name, value in filters.items())
        and (any_organization is None or bool(grant.get("allow_any_organization")) == any_organization)
    ]
    return listed_page(call, "client_grants", grants, checkpoint=True)


def update(call: Call) -> Response:
    """Answer `PATCH /client-grants/{id}`."""
    grant = _find(call)
    sent = call.payload(UPDATE)
    merged = _checked(call, CLIENT_GRANT.update(grant, sent))
    if not merged.get("allow_all_scopes"):
        merged.setdefault("scope", [])
    call.tenant.storage.update("client_grant", merged["id"], merged)
    return Response(body=merged)


def delete(call: Call) -> Response:
    """Answer `DELETE /client-grants/{id}`: 204, also when there was none."""
    call.tenant.storage.delete("client_grant", call.params["id"])
    return Response(204)


ENDPOINTS = [
    Endpoint("GET", "/api/v2/client-grants", ("read:client_grants",), list_grants),
    Endpoint("POST", "/api/v2/client-grants", ("create:client_grants",), create),
    Endpoint("GET", "/api/v2/client-grants/{id}", ("read:client_grants",), read),
    Endpoint("PATCH", "/api/v2/client-grants/{id}", ("update:client_grants",), update),
    Endpoint("DELETE", "/api/v2/client-grants/{id}", ("delete:client_grants",), delete),
]
