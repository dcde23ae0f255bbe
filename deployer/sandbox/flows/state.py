"""Keeps what a tenant's flows need while it runs: containers, e-mails, tickets, pending logins, codes and tokens."""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from deployer.sandbox.flows.refresh_tokens import RefreshTokens
from deployer.sandbox.flows.script_host import ScriptHost

if TYPE_CHECKING:
    from deployer.sandbox.flows.authorization import AuthorizationRequest
    from deployer.sandbox.flows.login import FirstFactor

_MAX_KEPT = 1000
TICKET_SECONDS = 432_000
"""A ticket lives five days unless it says something else."""
CODE_SECONDS = 60
LOGIN_SECONDS = 3600
"""How long a login page can be used."""
RESULT_SECONDS = 60
"""How long a login whose password was right waits for /login/callback."""

T = TypeVar("T")

Purpose = Literal["change_password", "verify_email"]


@dataclass(frozen=True, slots=True)
class Email:
    """An e-mail that Auth0 would have sent: its template, to whom, and the link in it."""

    template: Literal["reset_email", "verify_email"]
    to: str
    connection: str
    link: str = field(repr=False)
    ticket: str = field(repr=False)
    sent_at: str = ""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What following a link does, once: `user_id` is None for a user whom only the store knows."""

    id: str = field(repr=False)
    purpose: Purpose
    connection_id: str
    email: str
    user_id: str | None
    expires: float
    result_url: str | None = None
    mark_email_as_verified: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code: for whom it was issued, and what makes the tokens when it is redeemed."""

    client_id: str
    redirect_uri: str
    redirect_uri_sent: bool
    code_challenge: str = field(repr=False)
    code_challenge_method: str
    issue: Callable[[], dict[str, Any]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class PendingLogin:
    """A login whose password was right, before /login/callback."""

    request: "AuthorizationRequest"
    connection_id: str
    first: "FirstFactor" = field(repr=False)


class ExpiringItems(Generic[T]):
    """Things under an id that nobody can guess, each for some seconds; the oldest go when there are many."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._kept: OrderedDict[str, tuple[float, T]] = OrderedDict()

    def add(self, value: T) -> str:
        """Keep something, and return its id."""
        id = secrets.token_urlsafe(24)
        self._kept[id] = (time.time() + self._seconds, value)
        while len(self._kept) > _MAX_KEPT:
            self._kept.popitem(last=False)
        return id

    def get(self, id: str) -> T | None:
        """Find what is kept under an id."""
        expires, value = self._kept.get(id, (0.0, None))
        return value if expires > time.time() else None

    def take(self, id: str) -> T | None:
        """Find what is kept under an id, and keep it no longer."""
        value = self.get(id)
        self._kept.pop(id, None)
        return value


class Flows:
    """Belongs to one tenant. `scripts` runs its JavaScript, `outbox` has its e-mails, the newest last.

    `requests` are logins whose page is shown, `results` those whose password was right, `codes` those that are done.
    """

    def __init__(self, scripts: ScriptHost | None = None) -> None:
        self.scripts = scripts or ScriptHost()
        self.outbox: list[Email] = []
        self.requests: ExpiringItems[AuthorizationRequest] = ExpiringItems(LOGIN_SECONDS)
        self.results: ExpiringItems[PendingLogin] = ExpiringItems(RESULT_SECONDS)
        self.codes: ExpiringItems[Code] = ExpiringItems(CODE_SECONDS)
        self.refresh_tokens = RefreshTokens()
        self._tickets: OrderedDict[str, Ticket] = OrderedDict()
        self._opaque: OrderedDict[str, dict[str, Any]] = OrderedDict()

    def send(self, email: Email) -> None:
        """Put an e-mail into the outbox."""
        self.outbox = [*self.outbox[-_MAX_KEPT + 1 :], email]

    def add_ticket(self, ticket: Ticket) -> None:
        """Keep a ticket until it is used or has expired."""
        self._tickets[ticket.id] = ticket
        while len(self._tickets) > _MAX_KEPT:
            self._tickets.popitem(last=False)

    def ticket(self, id: str) -> Ticket | None:
        """Find a ticket that can be used now."""
        found = self._tickets.get(id)
        return found if found is not None and found.expires > time.time() else None

    def use_ticket(self, id: str) -> Ticket | None:
        """Take a ticket: nobody gets it a second time."""
        found = self.ticket(id)
        self._tickets.pop(id, None)
        return found

    def return_ticket(self, ticket: Ticket) -> None:
        """Keep a ticket again, since what it was for did not happen."""
        self._tickets[ticket.id] = ticket

    def issue_opaque(self, claims: dict[str, Any]) -> str:
        """Issue an access token that only /userinfo understands."""
        token = secrets.token_urlsafe(24)
        self._opaque[token] = claims
        while len(self._opaque) > _MAX_KEPT:
            self._opaque.popitem(last=False)
        return token

    def opaque(self, token: str) -> dict[str, Any] | None:
        """Find the claims of an opaque token that has not expired."""
        claims = self._opaque.get(token)
        return claims if claims is not None and claims["exp"] > time.time() else None

    def close(self) -> None:
        """End the containers."""
        self.scripts.close()
