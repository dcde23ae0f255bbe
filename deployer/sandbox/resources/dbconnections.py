"""Serves what people do with their own accounts: /dbconnections/signup and /dbconnections/change_password.

https://auth0.com/docs/api/authentication/signup/create-a-new-user and
https://auth0.com/docs/api/authentication/change-password/change-password
"""

from typing import Any

from deployer.sandbox.calls import Call, Endpoint, Response
from deployer.sandbox.flows import accounts, tickets, users
from deployer.sandbox.flows.errors import FlowError
from deployer.sandbox.flows.password_grant import enabled_connections
from deployer.sandbox.schema import Array, Invalid, Object, Schema, String
from deployer.sandbox.storage import Document

_EMAIL = String(min=3, max=320, pattern=r"^[^@\s]+@[^@\s]+$")
_TEXT = String(max=500)
_NAME = String(min=1, max=300)
_ROOT = ("given_name", "family_name", "name", "nickname", "picture", "phone_number")
_FIELDS: dict[str, Schema] = {
    "client_id": String(min=1),
    "connection": String(min=1),
    "email": _EMAIL,
    "password": String(min=1, max=1024),
    "username": String(min=1, max=128),
    "user_metadata": Object(extra=_TEXT, max=10, names=String(max=100)),
    **dict.fromkeys(_ROOT, _NAME),
}
_OTHERS = ("tenant", "redirect_uri", "response_type", "scope", "state", "nonce", "organization")
_IGNORED: dict[str, Schema] = dict.fromkeys(_OTHERS, _TEXT)
SIGNUP = Object({**_FIELDS, **_IGNORED, "credentials": Array()}, required=("connection", "email", "password"))
CHANGE = Object({**_FIELDS, **_IGNORED}, required=("connection", "email"))


def refuse(name: str, code: str, description: str, status: int = 400) -> Response:
    """Build an error as these endpoints word it."""
    return Response(status, {"name": name, "code": code, "description": description, "statusCode": status})


def _connection(call: Call, sent: dict[str, Any]) -> Document | None:
    """Find the connection by name, if the client (where one is named) may use it."""
    storage = call.tenant.storage
    connection = storage.named("connection", sent["connection"])
    if connection is None or connection["strategy"] != "auth0":
        return None
    if "client_id" not in sent:
        return connection
    client = storage.get("client", sent["client_id"])
    enabled = enabled_connections(call.tenant, client) if client is not None else []
    return connection if any(known["id"] == connection["id"] for known in enabled) else None


def _invalid(schema: Object, body: Any) -> Response | None:
    try:
        schema.check(body)
    except Invalid as error:
        return Response(400, {"error": "invalid_request", "error_description": error.message()})
    return None


_NO_CONNECTION = {"error": "invalid_request", "error_description": "The connection does not exist or is not enabled."}


async def signup(call: Call) -> Response:
    """Answer `POST /dbconnections/signup`: 200 with the new user; a verification e-mail goes to the outbox."""
    body = call.body
    wrong = _invalid(SIGNUP, body)
    if wrong is not None:
        return wrong
    connection = _connection(call, body)
    if connection is None:
        return Response(400, dict(_NO_CONNECTION))
    if connection["options"].get("disable_signup"):
        return Response(400, {"error": "public signup is disabled"})
    if connection["options"].get("requires_username") and "username" not in body:
        return Response(400, {"error": "invalid_request", "error_description": "missing username"})
    sent = {key: body[key] for key in ("email", "password", "username", "user_metadata", *_ROOT) if key in body}
    try:
        user = await accounts.create(call.tenant, connection, sent, str(body.get("client_id") or ""))
    except FlowError as error:
        if error.code == "user_exists":
            # As Auth0's default: it does not say whether it was the e-mail address.
            return refuse("BadRequestError", "invalid_signup", "Invalid sign up")
        return refuse("Error", error.code, error.description, error.status)
    if not user["email_verified"]:
        tickets.send(call.tenant, connection, "verify_email", user["email"], user)
    echoed = ("email", "username", "user_metadata", *_ROOT)
    shown = {key: user[key] for key in echoed if key in body and key in user}
    return Response(200, {"_id": user["identities"][0]["user_id"], "email_verified": user["email_verified"], **shown})


async def change_password(call: Call) -> Response:
    """Answer `POST /dbconnections/change_password`: the same 200 for all; whoever exists gets a link by e-mail."""
    body = call.body
    wrong = _invalid(CHANGE, body)
    if wrong is not None:
        return wrong
    connection = _connection(call, body)
    if connection is None:
        return Response(400, dict(_NO_CONNECTION))
    if connection["options"].get("disable_self_service_change_password"):
        return Response(400, {"error": "self-service password change is disabled"})
    user = users.by_email(call.tenant, connection, body["email"])
    try:
        known = user is not None or await accounts.look_up(call.tenant, connection, body["email"]) is not None
    except FlowError as error:
        return refuse("Error", error.code, error.description, error.status)
    if known:
        tickets.send(call.tenant, connection, "change_password", users.normalised(body["email"]), user)
    text = "We've just sent you an email to reset your password."
    return Response(200, text=text, headers={"content-type": "text/html; charset=utf-8"})


ENDPOINTS = [
    Endpoint("POST", "/dbconnections/signup", (), signup, public=True),
    Endpoint("POST", "/dbconnections/change_password", (), change_password, public=True),
]
