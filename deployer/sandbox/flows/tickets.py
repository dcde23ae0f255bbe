"""Sends links by e-mail, to the outbox, and does what they are for when somebody follows them.

https://auth0.com/docs/api/management/v2/tickets/post-password-change
"""

import secrets
import time
from urllib.parse import urlencode

from deployer.sandbox.clock import milliseconds
from deployer.sandbox.flows import accounts, users
from deployer.sandbox.flows.errors import FlowError
from deployer.sandbox.flows.state import TICKET_SECONDS, Email, Purpose, Ticket
from deployer.sandbox.storage import Document
from deployer.sandbox.tenant import Tenant

PATHS: dict[Purpose, str] = {"change_password": "/u/reset-verify", "verify_email": "/u/email-verification"}


def issue(
    tenant: Tenant,
    connection: Document,
    purpose: Purpose,
    email: str,
    user: Document | None,
    *,
    seconds: int = TICKET_SECONDS,
    result_url: str | None = None,
    mark_email_as_verified: bool = False,
) -> str:
    """Issue a ticket, and return its link."""
    ticket = Ticket(
        secrets.token_urlsafe(24),
        purpose,
        connection["id"],
        email,
        user["user_id"] if user is not None else None,
        time.time() + (seconds or TICKET_SECONDS),
        result_url,
        mark_email_as_verified,
    )
    tenant.flows.add_ticket(ticket)
    return f"{tenant.base_url}{PATHS[purpose]}?{urlencode({'ticket': ticket.id})}"


def send(tenant: Tenant, connection: Document, purpose: Purpose, email: str, user: Document | None) -> None:
    """Put an e-mail with a new link into the outbox."""
    link = issue(tenant, connection, purpose, email, user, mark_email_as_verified=True)
    template = "reset_email" if purpose == "change_password" else "verify_email"
    ticket = link.rpartition("=")[2]
    tenant.flows.send(Email(template, email, connection["name"], link, ticket, milliseconds()))  # type: ignore[arg-type]


async def use(tenant: Tenant, purpose: Purpose, id: str, password: str | None = None) -> Ticket:
    """Do what a link is for, once. Raises FlowError where it cannot be used, and it stays usable where scripts fail."""
    ticket = tenant.flows.use_ticket(id)
    if ticket is None or ticket.purpose != purpose:
        if ticket is not None:
            tenant.flows.return_ticket(ticket)
        raise FlowError("invalid_ticket", "This link can be used only once, and for some days only.", 400)
    connection = tenant.storage.get("connection", ticket.connection_id)
    user = users.get(tenant, ticket.user_id) if ticket.user_id else None
    if connection is None or (ticket.user_id and user is None):
        raise FlowError("invalid_ticket", "The user of this link does not exist any more.", 400)
    try:
        if purpose == "verify_email" and user is not None:
            await accounts.verify_email(tenant, connection, user)
        elif password is not None:
            verified = ticket.mark_email_as_verified
            await accounts.set_password(tenant, connection, user, ticket.email, password, verified=verified)
    except FlowError:
        tenant.flows.return_ticket(ticket)
        raise
    return ticket
