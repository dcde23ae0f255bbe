"""Serves the beginning of people's logins: /authorize leads to /login, whose page offers the client's connections.

https://auth0.com/docs/api/authentication/authorization-code-flow/authorize-application and
https://auth0.com/docs/authenticate/login/auth0-universal-login/universal-login-vs-classic-login
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from deployer.sandbox.calls import Call, Endpoint, Response
from deployer.sandbox.errors import OAuthError
from deployer.sandbox.flows import pages
from deployer.sandbox.flows.authorization import AuthorizationRequest, CallbackError, PageError, Target, read, refused
from deployer.sandbox.flows.password_grant import enabled_connections
from deployer.sandbox.flows.user_tokens import Api
from deployer.sandbox.storage import Document
from deployer.sandbox.tenant import Tenant

LOGIN = "/usernamepassword/login"


def authorize(call: Call) -> Response:
    """Answer `GET` and `POST /authorize`: 302 to the login page, or what is wrong, at the callback or on a page."""
    try:
        parameters = _parameters(call)
        request = read(call.tenant, parameters)
        connections(call.tenant, request)
        _check_audience(call.tenant, request)
    except PageError as error:
        return error_page(error)
    except CallbackError as error:
        return to_callback(error.target, {"error": error.error, "error_description": error.description})
    query = {"state": call.tenant.flows.requests.add(request), "client": request.client_id, "protocol": "oauth2"}
    return Response(302, headers={"location": f"/login?{urlencode(query)}"})


def login(call: Call) -> Response:
    """Answer `GET /login?state=` with the page, for as long as the login is under way."""
    state = call.first("state") or ""
    request = call.tenant.flows.requests.get(state)
    client = call.tenant.storage.get("client", request.client_id) if request is not None else None
    if request is None or client is None:
        return error_page(
            PageError("invalid_request", "This login is not known any more. Start again at the application.")
        )
    try:
        found = connections(call.tenant, request)
    except CallbackError as error:
        return to_callback(error.target, {"error": error.error, "error_description": error.description})
    named = [(each["name"], str(each.get("display_name") or each["name"])) for each in found]
    hidden = {"state": state, "client_id": request.client_id}
    return pages.login_form(LOGIN, hidden, named, str(client["name"]), request.login_hint)


def connections(tenant: Tenant, request: AuthorizationRequest) -> list[Document]:
    """List the connections that the login may use: the one it names, or all of the client. Raises CallbackError."""
    client = tenant.storage.get("client", request.client_id)
    found = enabled_connections(tenant, client) if client is not None else []
    found = [each for each in found if each["strategy"] == "auth0"]
    if request.connection is not None:
        found = [each for each in found if each["name"] == request.connection]
        if not found:
            raise CallbackError(request.target, "invalid_request", "the connection was not found")
    if not found:
        raise CallbackError(request.target, "invalid_request", "no connections enabled for the client")
    return found


def error_page(error: PageError) -> Response:
    """Build the error page: https://auth0.com/docs/customize/login-pages/custom-error-pages."""
    return pages.message("Something went wrong", f"{error.error}: {error.description}", error.status)


def to_callback(target: Target, parameters: Mapping[str, object]) -> Response:
    """Redirect to the application's callback, which was checked against the client's before there was a target."""
    state = {"state": target.state} if target.state else {}
    fields = {name: str(value) for name, value in {**parameters, **state}.items()}
    if target.mode == "form_post":
        return pages.self_submitting_page(target.redirect_uri, fields)
    address, separator, fragment = target.redirect_uri.partition("#")
    if target.mode == "fragment":
        return Response(302, headers={"location": f"{address}#{urlencode(fields)}"})
    joined = f"{address}{'&' if '?' in address else '?'}{urlencode(fields)}{separator}{fragment}"
    return Response(302, headers={"location": joined})


def _parameters(call: Call) -> dict[str, str]:
    """Read what was sent, by query or form. Raises PageError for what was sent twice (RFC 6749, 3.1)."""
    if isinstance(call.body, dict):
        return {name: value for name, value in call.body.items() if isinstance(value, str)}
    for name, values in call.query.items():
        if len(values) > 1:
            raise PageError("invalid_request", f"Parameter {name[:64]} was sent more than once")
    return {name: values[0] for name, values in call.query.items()}


def _check_audience(tenant: Tenant, request: AuthorizationRequest) -> None:
    client = tenant.storage.get("client", request.client_id)
    try:
        Api(tenant, client or {"client_id": request.client_id}, request.audience)
    except OAuthError as error:
        raise refused(request, error) from error


ENDPOINTS = [
    Endpoint("GET", "/authorize", (), authorize, public=True),
    Endpoint("POST", "/authorize", (), authorize, public=True),
    Endpoint("GET", "/login", (), login, public=True),
]
