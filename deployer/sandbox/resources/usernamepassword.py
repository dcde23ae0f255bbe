"""The classic login page's way in: POST /usernamepassword/login goes in, a form that posts `wresult` comes out; then
/login/callback runs Rules and Actions and sends the browser back to the application.

https://auth0.com/docs/libraries/auth0js (webAuth.login) and https://github.com/auth0/auth0.js
"""

import re
import time
from typing import Any
from urllib.parse import urlencode

import jwt

from deployer.sandbox.calls import Answer, Call, Endpoint
from deployer.sandbox.errors import OAuthError
from deployer.sandbox.flows import pages, users
from deployer.sandbox.flows.errors import FlowError
from deployer.sandbox.flows.login import authenticate
from deployer.sandbox.flows.password_grant import enabled_connections
from deployer.sandbox.flows.pipeline import run_login
from deployer.sandbox.flows.transaction import Transaction, request_of
from deployer.sandbox.flows.user_tokens import Api, answer
from deployer.sandbox.resources.dbconnections import refuse
from deployer.sandbox.storage import Document

_CALLBACK = "/login/callback"
_RESULT_SECONDS = 60
_CONTEXT = ("redirect_uri", "response_type", "scope", "state", "nonce", "audience")
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:[!-~]+", re.IGNORECASE)
_RESPONSE_TYPES = frozenset({"code", "token", "id_token"})


def _audience(call: Call) -> str:
    return f"{call.tenant.base_url}{_CALLBACK}"


def _wrong(description: str) -> Answer:
    return Answer(400, {"error": "invalid_request", "error_description": description})


def _checked(call: Call, body: dict[str, Any]) -> tuple[Document, Document] | str:
    """The client and the connection, or what is wrong with the request."""
    if not all(isinstance(body.get(name), str) for name in ("client_id", "connection", "username", "password")):
        return "client_id, connection, username and password are required"
    if not all(isinstance(body.get(name, ""), str) for name in _CONTEXT):
        return f"{', '.join(_CONTEXT)} must be strings"
    client = call.tenant.storage.get("client", body["client_id"])
    connections = enabled_connections(call.tenant, client) if client is not None else []
    connection = next((each for each in connections if each["name"] == body["connection"]), None)
    if client is None or connection is None:
        return "The connection does not exist or is not enabled."
    target = str(body.get("redirect_uri"))
    if target not in (client.get("callbacks") or []) or not _ADDRESS.fullmatch(target):
        return "The redirect_uri is not among the callbacks of the client."
    if not set(str(body.get("response_type") or "code").split()) <= _RESPONSE_TYPES:
        return "Unsupported response_type."
    return client, connection


async def login(call: Call) -> Answer:
    """POST /usernamepassword/login: the form, or 401 with `invalid_user_password`."""
    body = call.body if isinstance(call.body, dict) else {}
    checked = _checked(call, body)
    if isinstance(checked, str):
        return _wrong(checked)
    client, connection = checked
    try:
        user = await authenticate(call.tenant, connection, body["username"], body["password"])
    except FlowError as error:
        if error.code == "invalid_grant":
            return refuse("ValidationError", "invalid_user_password", error.description, 401)
        return refuse("Error", error.code, error.description, 401 if error.status == 403 else error.status)
    context = {name: body[name] for name in _CONTEXT if body.get(name)}
    now = int(time.time())
    result = {
        **context,
        "iss": call.tenant.issuer,
        "aud": _audience(call),
        "sub": user["user_id"],
        "client_id": client["client_id"],
        "connection": connection["id"],
        "iat": now,
        "exp": now + _RESULT_SECONDS,
    }
    fields = {"wa": "wsignin1.0", "wresult": call.tenant.tokens.sign(result), "wctx": str(context.get("state", ""))}
    return pages.posting_form(_audience(call), fields)


async def callback(call: Call) -> Answer:
    """POST /login/callback with the form: Rules, Actions, then back to the application with a code or tokens."""
    tenant = call.tenant
    body = call.body if isinstance(call.body, dict) else {}
    try:
        result = tenant.tokens.read(str(body.get("wresult") or ""), _audience(call), tenant.issuer)
    except jwt.PyJWTError:
        return _wrong("wresult is not valid, or too old")
    client = tenant.storage.get("client", str(result.get("client_id")))
    connection = tenant.storage.get("connection", str(result.get("connection")))
    user = users.get(tenant, str(result.get("sub")))
    if client is None or connection is None or user is None:
        return _wrong("The client, the connection or the user does not exist any more.")
    scopes = list(dict.fromkeys(str(result.get("scope") or "openid").split()))
    wanted = str(result.get("response_type") or "code").split()
    try:
        api = Api(tenant, client, result.get("audience"))
        protocol = "oidc-basic-profile" if "code" in wanted else "oidc-implicit-profile"
        transaction = Transaction(tenant, client, connection, request_of(call), protocol, api.audience, scopes)
        user, claims = await run_login(transaction, user)
    except FlowError as error:
        return _back(
            result, {"error": error.code, "error_description": error.description}, fragment="code" not in wanted
        )
    except OAuthError as error:
        return _back(result, error.body(), fragment="code" not in wanted)
    if result.get("nonce"):
        claims.id["nonce"] = result["nonce"]
    tokens = answer(transaction, api, user, claims)
    if "code" in wanted:
        code = tenant.flows.issue_code(client["client_id"], result["redirect_uri"], tokens)
        return _back(result, {"code": code}, fragment=False)
    shown = {name: value for name, value in tokens.items() if name != "id_token" or "id_token" in wanted}
    if "token" not in wanted:
        shown = {"id_token": shown.get("id_token", "")}
    return _back(result, shown, fragment=True)


def _back(result: dict[str, Any], parameters: dict[str, Any], *, fragment: bool) -> Answer:
    """302 to the application's callback, which was checked against the client's when the form was made."""
    state = {"state": result["state"]} if result.get("state") else {}
    target = str(result["redirect_uri"])
    separator = "#" if fragment else "&" if "?" in target else "?"
    return Answer(302, headers={"location": f"{target}{separator}{urlencode({**parameters, **state})}"})


ENDPOINTS = [
    Endpoint("POST", "/usernamepassword/login", (), login, public=True),
    Endpoint("POST", _CALLBACK, (), callback, public=True),
]
