"""Serves what a login page sends: /usernamepassword/login, whose form posts `wresult` to /login/callback.

There, the metadata of an import is stored, Rules and Actions run, and the browser goes back to the application.

https://auth0.com/docs/libraries/auth0js (webAuth.login) and https://github.com/auth0/auth0.js
"""

import dataclasses
import json
import time
from functools import partial
from typing import Any

import jwt

from deployer.sandbox.calls import Call, Endpoint, Response
from deployer.sandbox.errors import OAuthError
from deployer.sandbox.flows import pages
from deployer.sandbox.flows.authorization import AuthorizationRequest, CallbackError, PageError, read
from deployer.sandbox.flows.errors import FlowError
from deployer.sandbox.flows.login import authenticate, complete
from deployer.sandbox.flows.pipeline import Claims, run_login
from deployer.sandbox.flows.state import RESULT_SECONDS, Code, PendingLogin
from deployer.sandbox.flows.transaction import Transaction, request_of
from deployer.sandbox.flows.user_tokens import IMPLICIT, Api, half_hash, token_response
from deployer.sandbox.resources.authorize import LOGIN, connections, error_page, to_callback
from deployer.sandbox.resources.dbconnections import refuse
from deployer.sandbox.storage import Document

_CALLBACK = "/login/callback"
_CREDENTIALS = ("connection", "username", "password")
_DETAILS = ("response_mode", "state", "login_hint")


def _audience(call: Call) -> str:
    return f"{call.tenant.base_url}{_CALLBACK}"


def _wrong(description: str) -> Response:
    return Response(400, {"error": "invalid_request", "error_description": description})


async def login(call: Call) -> Response:
    """Answer `POST /usernamepassword/login`: the form, or 401 with `invalid_user_password`.

    `state` names a login that began at /authorize; without one, as where an application has a login page of its own,
    the request itself says what the application wants.
    """
    body = call.body if isinstance(call.body, dict) else {}
    sent = {name: value for name, value in body.items() if isinstance(value, str)}
    if not all(name in sent for name in _CREDENTIALS):
        return _wrong(f"{', '.join(_CREDENTIALS)} are required")
    request = call.tenant.flows.requests.get(sent.get("state", ""))
    try:
        if request is None:
            context = {name: value for name, value in sent.items() if name not in ("username", "password")}
            request = read(call.tenant, {"response_type": "code", **context})
        found = connections(call.tenant, request)
    except (PageError, CallbackError) as error:
        return _wrong(error.description)
    connection = next((each for each in found if each["name"] == sent["connection"]), None)
    if connection is None:
        return _wrong("The connection does not exist or is not enabled.")
    try:
        first = await authenticate(call.tenant, connection, sent["username"], sent["password"])
    except FlowError as error:
        if error.code == "invalid_grant":
            return refuse("ValidationError", "invalid_user_password", error.description, 401)
        return refuse("Error", error.code, error.description, 401 if error.status == 403 else error.status)
    now = int(time.time())
    result = {
        "iss": call.tenant.issuer,
        "aud": _audience(call),
        "sub": first.user["user_id"],
        "jti": call.tenant.flows.results.add(PendingLogin(request, connection["id"], first)),
        "iat": now,
        "exp": now + RESULT_SECONDS,
    }
    fields = {
        "wa": "wsignin1.0",
        "wresult": call.tenant.tokens.sign(result),
        "wctx": json.dumps({"strategy": "auth0", "connection": connection["name"], "client_id": request.client_id}),
    }
    return pages.hidden_form(_audience(call), fields)


async def callback(call: Call) -> Response:
    """Answer `POST /login/callback`: store metadata, run Rules and Actions, send the application its code or tokens."""
    tenant = call.tenant
    body = call.body if isinstance(call.body, dict) else {}
    try:
        result = tenant.tokens.read(str(body.get("wresult") or ""), _audience(call), tenant.issuer)
    except jwt.PyJWTError:
        result = {}
    login = tenant.flows.results.take(str(result.get("jti")))
    if login is None:
        return error_page(PageError("invalid_request", "This login was not known, or has been used. Start again."))
    request = login.request
    client = tenant.storage.get("client", request.client_id)
    connection = tenant.storage.get("connection", login.connection_id)
    if client is None or connection is None:
        return error_page(
            PageError("invalid_request", "The application or its users' connection does not exist any more.")
        )
    try:
        api = Api(tenant, client, request.audience)
        transaction = _transaction(call, request, client, connection, api)
        user, claims = await run_login(transaction, complete(tenant, connection, login.first))
    except FlowError as error:
        return to_callback(request.target, {"error": error.code, "error_description": error.description})
    except OAuthError as error:
        return to_callback(request.target, error.body())
    if request.nonce:
        claims.id["nonce"] = request.nonce
    return to_callback(request.target, _granted(transaction, request, api, user, claims))


def _transaction(
    call: Call, request: AuthorizationRequest, client: Document, connection: Document, api: Api
) -> Transaction:
    """Describe the login to Actions and Rules: what was sent to /authorize is the query of their request."""
    sent = {**request_of(call), "query": dict(request.parameters), "body": {}}
    details = {name: request.parameters[name] for name in _DETAILS if request.parameters.get(name)}
    scopes = list(request.scopes)
    return Transaction(
        call.tenant, client, connection, sent, request.protocol, api.audience, scopes, {**details, **_asked(request)}
    )


def _asked(request: AuthorizationRequest) -> dict[str, Any]:
    prompts = request.parameters.get("prompt", "").split()
    return {
        "redirect_uri": request.target.redirect_uri,
        "response_type": sorted(request.response_type),
        **({"prompt": prompts} if prompts else {}),
    }


def _granted(
    login: Transaction, request: AuthorizationRequest, api: Api, user: Document, claims: Claims
) -> dict[str, Any]:
    """Issue a code, tokens, or both, as the response type says."""
    shown: dict[str, Any] = {}
    if "code" in request.response_type:
        issue = partial(token_response, login, api, user, claims)
        shown["code"] = login.tenant.flows.codes.add(
            Code(
                request.client_id,
                request.target.redirect_uri,
                bool(request.parameters.get("redirect_uri")),
                request.code_challenge,
                request.code_challenge_method,
                issue,
            )
        )
    if request.response_type - {"code"}:
        if "code" in shown:
            claims = dataclasses.replace(claims, id={**claims.id, "c_hash": half_hash(shown["code"])})
        tokens = token_response(dataclasses.replace(login, protocol=IMPLICIT), api, user, claims)
        if "id_token" in request.response_type:
            shown["id_token"] = tokens.pop("id_token", "")
        tokens.pop("id_token", None)
        if "token" in request.response_type:
            shown |= tokens
    return shown


ENDPOINTS = [
    Endpoint("POST", LOGIN, (), login, public=True),
    Endpoint("POST", _CALLBACK, (), callback, public=True),
]
