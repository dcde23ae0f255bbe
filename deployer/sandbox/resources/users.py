"""Serves users: /api/v2/users and /api/v2/users-by-email. Where users live in a store, changes go through the scripts.

https://auth0.com/docs/api/management/v2/users
"""

from collections.abc import Callable
from typing import Any

from deployer.sandbox.calls import Call, Endpoint, Response
from deployer.sandbox.errors import ApiError, invalid_body, invalid_query
from deployer.sandbox.flows import accounts, tickets, users
from deployer.sandbox.flows.errors import FlowError
from deployer.sandbox.paging import choose_fields, listed_page, numbers
from deployer.sandbox.resources.user_search import parse
from deployer.sandbox.schema import Anything, Boolean, Nullable, Object, Schema, String
from deployer.sandbox.storage import Document
from deployer.sandbox.tenant import Tenant

_EMAIL = String(min=3, max=320, pattern=r"^[^@\s]+@[^@\s]+$")
_NAME = String(min=1, max=300)
_METADATA = Nullable(Object(extra=Anything()))
_SHARED: dict[str, Schema] = {
    "email": _EMAIL,
    "email_verified": Boolean(),
    "username": String(min=1, max=128),
    "password": String(min=1, max=1024),
    "phone_number": String(min=3, max=30, pattern=r"^\+?[0-9]+$"),
    "phone_verified": Boolean(),
    "verify_email": Boolean(),
    "blocked": Boolean(),
    "given_name": _NAME,
    "family_name": _NAME,
    "name": _NAME,
    "nickname": _NAME,
    "picture": String(min=1, max=2048),
    "user_metadata": _METADATA,
    "app_metadata": _METADATA,
    "connection": String(min=1),
}
CREATE = Object({**_SHARED, "user_id": String(min=1, max=255)}, required=("connection",))
UPDATE = Object({**_SHARED, "client_id": String()})
_SCOPES = ("read:users", "read:user_idp_tokens")
_APP_METADATA = "update:users_app_metadata"
_MAX_RECORDS = 1000


def as_api_error(error: FlowError) -> ApiError:
    """Word a flow's end as the Management API does."""
    if error.code == "user_exists":
        return ApiError(409, error.description, "auth0_idp_error")
    if error.status in (404, 503):
        return ApiError(error.status, error.description, error.code)
    return ApiError(400, error.description, "auth0_idp_error")


def _find(call: Call) -> Document:
    user = users.get(call.tenant, call.params["id"])
    if user is None:
        raise ApiError(404, "The user does not exist.", "inexistent_user")
    return user


def _view(call: Call) -> Callable[[Document], Document]:
    keep = choose_fields(call)
    idp_tokens = "read:user_idp_tokens" in call.scopes

    def shown(user: Document) -> Document:
        body = users.shown(user, idp_tokens=idp_tokens)
        return keep(body) if keep else body

    return shown


def list_users(call: Call) -> Response:
    """Answer `GET /users`, by `q`, sorted by `sort=field:1` (or -1); only the first 1000 can be paged through."""
    show = _view(call)
    page, per_page, _ = numbers(call)
    if (page + 1) * per_page > _MAX_RECORDS:
        raise ApiError(400, "You can only page through the first 1000 records.", "invalid_paging")
    query = call.first("q")
    test = parse(query) if query is not None else None
    found = [users.shown(user, idp_tokens=False) | user for user in call.tenant.storage.all(users.KIND)]
    found = [user for user in found if test is None or test(user)]
    order = call.first("sort")
    if order is not None:
        field, _, direction = order.rpartition(":")
        if not field or direction not in ("1", "-1"):
            raise invalid_query("Query validation error: 'String does not match pattern ^.+:(1|-1)$' on property sort.")
        found.sort(key=lambda user: str(user.get(field, "")), reverse=direction == "-1")
    return listed_page(call, "users", [show(user) for user in found[:_MAX_RECORDS]])


def by_email(call: Call) -> Response:
    """Answer `GET /users-by-email?email=`: every user with this address, of any connection, as a bare list."""
    email = call.first("email")
    if email is None:
        raise invalid_query("Query validation error: 'Missing required property: email'.")
    show = _view(call)
    normalised = users.normalised(email)
    return Response(
        body=[show(user) for user in call.tenant.storage.all(users.KIND) if user.get("email") == normalised]
    )


def read(call: Call) -> Response:
    """Answer `GET /users/{id}`."""
    return Response(body=_view(call)(_find(call)))


async def create(call: Call) -> Response:
    """Answer `POST /users`: 201; 409 where the tenant or the store knows the user."""
    sent = {key: value for key, value in call.payload(CREATE).items() if value is not None}
    connection = call.tenant.storage.named("connection", sent["connection"])
    if connection is None:
        raise ApiError(400, "The connection does not exist.", "inexistent_connection")
    if "password" not in sent:
        raise invalid_body("Payload validation error: 'Missing required property: password'.")
    if not any(sent.get(name) for name in ("email", "username", "phone_number")):
        raise invalid_body("Payload validation error: 'Missing required property: email'.")
    _check_username(connection, sent)
    try:
        user = await accounts.create(call.tenant, connection, sent, call.client_id)
    except FlowError as error:
        raise as_api_error(error) from error
    if user.get("email") and not user["email_verified"] and sent.get("verify_email", True):
        tickets.send(call.tenant, connection, "verify_email", user["email"], user)
    return Response(201, users.shown(user, idp_tokens="read:user_idp_tokens" in call.scopes))


def _check_username(connection: Document, sent: dict[str, Any]) -> None:
    options = connection["options"]
    usernames = options.get("requires_username") or "username" in (options.get("attributes") or {})
    if "username" in sent and not usernames:
        raise invalid_body("Cannot set username for connection without requires_username")
    if options.get("requires_username") and "username" not in sent:
        raise invalid_body("Missing username for connection with requires_username option enabled")


async def update(call: Call) -> Response:
    """Answer `PATCH /users/{id}`: e-mail, username and password one at a time; metadata merges by its first level."""
    tenant, user = call.tenant, _find(call)
    sent = call.payload(UPDATE)
    if "update:users" not in call.scopes and set(sent) - {"app_metadata"}:
        raise ApiError(403, "Insufficient scope, expected any of: update:users", "insufficient_scope")
    asked = [name for name in ("username", "password", "email") if name in sent]
    if len(asked) > 1:
        raise ApiError(400, f"Cannot update {asked[0]} and {asked[1]} simultaneously", "operation_not_supported")
    connection = _connection(tenant, user, sent)
    if "username" in sent and "username" not in user:
        _check_username(connection, sent)
    try:
        user = await _change_identity(tenant, connection, user, sent)
        user = _change_profile(tenant, connection, user, sent)
    except FlowError as error:
        raise as_api_error(error) from error
    if sent.get("verify_email") and user.get("email") and not user["email_verified"]:
        tickets.send(tenant, connection, "verify_email", user["email"], user)
    return Response(body=users.shown(user, idp_tokens="read:user_idp_tokens" in call.scopes))


def _connection(tenant: Tenant, user: Document, sent: dict[str, Any]) -> Document:
    connection = tenant.storage.get("connection", user["$connection"])
    if connection is None or sent.get("connection", connection["name"]) != connection["name"]:
        raise ApiError(400, "The connection does not exist.", "inexistent_connection")
    return connection


async def _change_identity(tenant: Tenant, connection: Document, user: Document, sent: dict[str, Any]) -> Document:
    """Change what users log in with, and what the store therefore has to know."""
    if "email" in sent:
        verified = bool(sent.get("email_verified", False))
        return await accounts.set_email(tenant, connection, user, sent["email"], verified=verified)
    if "username" in sent:
        return await accounts.set_username(tenant, connection, user, sent["username"])
    if "password" in sent:
        changed = await accounts.set_password(tenant, connection, user, str(user.get("email")), sent["password"])
        return changed or user
    if "phone_number" in sent:
        verified = bool(sent.get("phone_verified", False))
        return await accounts.set_phone_number(tenant, connection, user, sent["phone_number"], verified=verified)
    return user


def _change_profile(tenant: Tenant, connection: Document, user: Document, sent: dict[str, Any]) -> Document:
    with tenant.storage.transaction():
        user = users.get(tenant, user["user_id"]) or user
        for name in users.ROOT:
            if name in sent and not name.startswith("phone"):
                user[name] = sent[name]
        if "email_verified" in sent:
            user["email_verified"] = sent["email_verified"]
        if "blocked" in sent:
            user["blocked"] = sent["blocked"]
        for field in ("user_metadata", "app_metadata"):
            if sent.get(field) is not None:
                users.merge(user, field, sent[field])
        users.save(tenant, connection, user)
        return user


async def delete(call: Call) -> Response:
    """Answer `DELETE /users/{id}`: 204, also for nobody; the delete script runs first where the store has users."""
    user = users.get(call.tenant, call.params["id"])
    if user is None:
        return Response(204)
    connection = call.tenant.storage.get("connection", user["$connection"])
    if connection is None:
        users.remove(call.tenant, user)
        return Response(204)
    try:
        await accounts.delete(call.tenant, connection, user)
    except FlowError as error:
        raise as_api_error(error) from error
    return Response(204)


ENDPOINTS = [
    Endpoint("GET", "/api/v2/users", _SCOPES, list_users),
    Endpoint("POST", "/api/v2/users", ("create:users",), create),
    Endpoint("GET", "/api/v2/users-by-email", ("read:users",), by_email),
    Endpoint("GET", "/api/v2/users/{id:path}", _SCOPES, read),
    Endpoint("PATCH", "/api/v2/users/{id:path}", ("update:users", _APP_METADATA), update),
    Endpoint("DELETE", "/api/v2/users/{id:path}", ("delete:users",), delete),
]
