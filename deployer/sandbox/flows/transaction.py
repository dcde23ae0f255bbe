"""Describes one login as Actions and Rules see it: their events and contexts.

https://auth0.com/docs/customize/actions/explore-triggers/signup-and-login-triggers/login-trigger/post-login-event-object
and https://auth0.com/docs/customize/rules/context-object
"""

from dataclasses import dataclass, field
from typing import Any

from deployer.sandbox.calls import Call
from deployer.sandbox.clock import milliseconds
from deployer.sandbox.flows import users
from deployer.sandbox.storage import Document
from deployer.sandbox.tenant import Tenant

_HIDDEN = frozenset({"password", "client_secret", "client_assertion", "refresh_token"})
_EVENT_USER_NAMES = (
    "created_at email email_verified family_name given_name last_password_reset multifactor name nickname "
    "phone_number phone_verified picture updated_at user_id username"
)
_EVENT_USER = _EVENT_USER_NAMES.split()


@dataclass(slots=True)
class Transaction:
    """A login, or the use of its refresh token. `audience` is None where no API was asked for; `scopes` are those asked
    for, `details` what else `event.transaction` says of it."""

    tenant: Tenant
    client: Document
    connection: Document
    request: dict[str, Any]
    protocol: str
    audience: str | None
    scopes: list[str]
    details: dict[str, Any] = field(default_factory=dict)
    at: str = field(default_factory=milliseconds)


def request_of(call: Call) -> dict[str, Any]:
    """Describe the request as events do, without passwords and secrets."""
    body = call.body if isinstance(call.body, dict) else {}
    headers = {name: value.decode("latin-1") for name, value in call.headers.items()}
    return {
        "ip": "127.0.0.1",
        "method": "POST",
        "hostname": call.tenant.domain.partition(":")[0],
        "user_agent": headers.get(b"user-agent", ""),
        "language": headers.get(b"accept-language", "en").partition(",")[0],
        "geoip": {},
        "query": {name: values[0] for name, values in call.query.items()},
        "body": {name: value for name, value in body.items() if name not in _HIDDEN},
    }


def client_event(client: Document) -> Document:
    """Build `event.client`."""
    return {
        "client_id": client["client_id"],
        "name": client["name"],
        "metadata": client.get("client_metadata") or {},
    }


def tenant_event(tenant: Tenant) -> Document:
    """Build `event.tenant`."""
    return {"id": tenant.name}


def login_event(login: Transaction, user: Document) -> Document:
    """Build the event of the trigger post-login."""
    connection = login.connection
    event: Document = {
        "authentication": {"methods": [{"name": "pwd", "timestamp": login.at}]},
        "authorization": {"roles": []},
        "client": client_event(login.client),
        "connection": {
            "id": connection["id"],
            "name": connection["name"],
            "strategy": connection["strategy"],
            "metadata": connection.get("metadata") or {},
        },
        "request": login.request,
        "stats": {"logins_count": user.get("logins_count", 0)},
        "tenant": tenant_event(login.tenant),
        "transaction": {
            "acr_values": [],
            "locale": "en",
            "protocol": login.protocol,
            "requested_scopes": login.scopes,
            "ui_locales": [],
            **login.details,
        },
        "user": _event_user(user),
    }
    if login.audience is not None:
        event["resource_server"] = {"identifier": login.audience}
    return event


def _event_user(user: Document) -> Document:
    shown = users.shown(user, idp_tokens=False)
    return {
        **{key: shown[key] for key in _EVENT_USER if key in shown},
        "app_metadata": shown.get("app_metadata", {}),
        "user_metadata": shown.get("user_metadata", {}),
        "identities": shown["identities"],
        "enrolledFactors": [],
    }


def rule_user(user: Document) -> Document:
    """Build the `user` of a Rule: all of the profile."""
    shown = users.shown(user, idp_tokens=True)
    return {"app_metadata": {}, "user_metadata": {}, **shown}


def rule_context(login: Transaction, user: Document) -> Document:
    """Build the `context` of the first Rule."""
    request = login.request
    connection = login.connection
    query = {**request["query"], **({"audience": login.audience} if login.audience else {})}
    return {
        "tenant": tenant_event(login.tenant)["id"],
        "clientID": login.client["client_id"],
        "clientName": login.client["name"],
        "clientMetadata": login.client.get("client_metadata") or {},
        "connection": connection["name"],
        "connectionID": connection["id"],
        "connectionStrategy": connection["strategy"],
        "connectionOptions": {},
        "connectionMetadata": connection.get("metadata") or {},
        "protocol": login.protocol,
        "stats": {"loginsCount": user.get("logins_count", 0)},
        "sso": {"with_auth0": False, "with_dbconn": False, "current_clients": []},
        "accessToken": {},
        "idToken": {},
        "samlConfiguration": {},
        "multifactor": None,
        "authorization": {"roles": []},
        "authentication": {"methods": [{"name": "pwd", "timestamp": login.at}]},
        "authenticationMethods": [{"name": "pwd", "timestamp": login.at}],
        "request": {
            "userAgent": request["user_agent"],
            "ip": request["ip"],
            "hostname": request["hostname"],
            "geoip": request["geoip"],
            "query": query,
            "body": request["body"],
        },
    }
