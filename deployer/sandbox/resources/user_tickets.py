"""Serves tickets, and the links that use them: /api/v2/tickets, /u/reset-verify, /u/email-verification.

https://auth0.com/docs/api/management/v2/tickets
"""

from typing import Any
from urllib.parse import urlencode

from deployer.sandbox.calls import Call, Endpoint, Response
from deployer.sandbox.errors import ApiError
from deployer.sandbox.flows import pages, tickets, users
from deployer.sandbox.flows.errors import FlowError
from deployer.sandbox.flows.state import Purpose, Ticket
from deployer.sandbox.schema import Boolean, Number, Object, Schema, String
from deployer.sandbox.storage import Document

_SHARED: dict[str, Schema] = {
    "user_id": String(min=1, max=300),
    "result_url": String(max=2048, pattern=r"^https?://[!-~]+$"),
    "ttl_sec": Number(min=0, max=10**8),
    "includeEmailInRedirect": Boolean(),
    "client_id": String(),
}
PASSWORD = Object({**_SHARED, "connection_id": String(), "email": String(), "mark_email_as_verified": Boolean()})
EMAIL = Object(_SHARED, required=("user_id",))
_MAX_PASSWORD = 1024


def _subject(call: Call, sent: dict[str, Any]) -> tuple[Document, Document]:
    """Find the user that a ticket is for, and the connection."""
    tenant = call.tenant
    user: Document | None = None
    if sent.get("user_id"):
        user = users.get(tenant, sent["user_id"])
    elif sent.get("email") and sent.get("connection_id"):
        connection = tenant.storage.get("connection", sent["connection_id"])
        user = users.by_email(tenant, connection, sent["email"]) if connection else None
    connection = tenant.storage.get("connection", user["$connection"]) if user else None
    if user is None or connection is None:
        raise ApiError(404, "The user does not exist.", "inexistent_user")
    return user, connection


def _issue(call: Call, sent: dict[str, Any], purpose: Purpose) -> Response:
    user, connection = _subject(call, sent)
    link = tickets.issue(
        call.tenant,
        connection,
        purpose,
        str(user.get("email") or user.get("username")),
        user,
        seconds=sent.get("ttl_sec", 0),
        result_url=sent.get("result_url"),
        mark_email_as_verified=sent.get("mark_email_as_verified", False),
    )
    return Response(201, {"ticket": link})


def password_change(call: Call) -> Response:
    """Answer `POST /tickets/password-change`: 201 with the link."""
    return _issue(call, call.payload(PASSWORD), "change_password")


def email_verification(call: Call) -> Response:
    """Answer `POST /tickets/email-verification`: 201 with the link."""
    return _issue(call, call.payload(EMAIL), "verify_email")


def _success(ticket: Ticket, message: str) -> Response:
    if ticket.result_url:
        separator = "&" if "?" in ticket.result_url else "?"
        query = urlencode({"success": "true", "message": message, "email": ticket.email})
        return Response(302, headers={"location": f"{ticket.result_url}{separator}{query}"})
    return pages.message("Done", message)


async def verify_email(call: Call) -> Response:
    """Answer `GET /u/email-verification?ticket=`: verify the e-mail address, once."""
    try:
        ticket = await tickets.use(call.tenant, "verify_email", call.first("ticket") or "")
    except FlowError as error:
        return pages.message("Your e-mail was not verified", error.description, error.status)
    return _success(ticket, "Your email was verified. You can continue using the application.")


def show_reset(call: Call) -> Response:
    """Answer `GET /u/reset-verify?ticket=`: the form for a new password."""
    ticket = call.tenant.flows.ticket(call.first("ticket") or "")
    if ticket is None or ticket.purpose != "change_password":
        return pages.message("Your password was not changed", "This link can be used only once.", 400)
    return pages.password_form(f"{tickets.PATHS['change_password']}?{urlencode({'ticket': ticket.id})}")


async def reset(call: Call) -> Response:
    """Answer `POST /u/reset-verify?ticket=` with `password`: change it, once."""
    password = call.body.get("password") if isinstance(call.body, dict) else None
    if not isinstance(password, str) or not 0 < len(password) <= _MAX_PASSWORD:
        return pages.message("Your password was not changed", "A new password is needed.", 400)
    try:
        ticket = await tickets.use(call.tenant, "change_password", call.first("ticket") or "", password)
    except FlowError as error:
        return pages.message("Your password was not changed", error.description, error.status)
    return _success(ticket, "Your password has been changed successfully.")


ENDPOINTS = [
    Endpoint("POST", "/api/v2/tickets/password-change", ("create:user_tickets",), password_change),
    Endpoint("POST", "/api/v2/tickets/email-verification", ("create:user_tickets",), email_verification),
    Endpoint("GET", tickets.PATHS["verify_email"], (), verify_email, public=True),
    Endpoint("GET", tickets.PATHS["change_password"], (), show_reset, public=True),
    Endpoint("POST", tickets.PATHS["change_password"], (), reset, public=True),
]
