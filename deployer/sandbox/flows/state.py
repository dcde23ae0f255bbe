"""What a tenant keeps for its flows while it runs: containers, e-mails, tickets, opaque tokens."""

import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Literal

from deployer.sandbox.flows.script_host import ScriptHost

_KEPT = 1000
TICKET_SECONDS = 432_000
"""A ticket lives five days unless it says something else."""
CODE_SECONDS = 60

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


class Flows:
    """Belongs to one tenant. `scripts` runs its JavaScript, `outbox` has its e-mails, the newest last."""

    def __init__(self, scripts: ScriptHost | None = None) -> None:
        self.scripts = scripts or ScriptHost()
        self.outbox: list[Email] = []
        self._tickets: OrderedDict[str, Ticket] = OrderedDict()
        self._opaque: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._codes: OrderedDict[str, tuple[str, str, float, dict[str, Any]]] = OrderedDict()
        self._interruptions = 0

    def interrupt_imports(self, times: int = 1) -> None:
        """Break off the next `times` imports of users after the user is stored and before the metadata is."""
        self._interruptions = times

    def interrupted(self) -> bool:
        """Whether this import is one that breaks off."""
        if self._interruptions <= 0:
            return False
        self._interruptions -= 1
        return True

    def send(self, email: Email) -> None:
        """Put an e-mail into the outbox."""
        self.outbox = [*self.outbox[-_KEPT + 1 :], email]

    def add_ticket(self, ticket: Ticket) -> None:
        """Keep a ticket until it is used or has expired."""
        self._tickets[ticket.id] = ticket
        while len(self._tickets) > _KEPT:
            self._tickets.popitem(last=False)

    def ticket(self, id: str) -> Ticket | None:
        """A ticket that can be used now."""
        found = self._tickets.get(id)
        return found if found is not None and found.expires > time.time() else None

    def use_ticket(self, id: str) -> Ticket | None:
        """Take a ticket: nobody gets it a second time."""
        found = self.ticket(id)
        self._tickets.pop(id, None)
        return found

    def return_ticket(self, ticket: Ticket) -> None:
        """What it was for did not happen: it can be used again."""
        self._tickets[ticket.id] = ticket

    def issue_opaque(self, claims: dict[str, Any]) -> str:
        """An access token that only /userinfo understands."""
        token = secrets.token_urlsafe(24)
        self._opaque[token] = claims
        while len(self._opaque) > _KEPT:
            self._opaque.popitem(last=False)
        return token

    def opaque(self, token: str) -> dict[str, Any] | None:
        """The claims of an opaque token that has not expired."""
        claims = self._opaque.get(token)
        return claims if claims is not None and claims["exp"] > time.time() else None

    def issue_code(self, client_id: str, redirect_uri: str, tokens: dict[str, Any]) -> str:
        """An authorization code for tokens that are ready."""
        code = secrets.token_urlsafe(24)
        self._codes[code] = (client_id, redirect_uri, time.time() + CODE_SECONDS, tokens)
        while len(self._codes) > _KEPT:
            self._codes.popitem(last=False)
        return code

    def redeem_code(self, code: str, client_id: str, redirect_uri: str) -> dict[str, Any] | None:
        """The tokens of a code, once, for the client and address that it was issued for."""
        owner, address, expires, tokens = self._codes.pop(code, ("", "", 0.0, {}))
        return tokens if (owner, address) == (client_id, redirect_uri) and expires > time.time() else None

    def close(self) -> None:
        """End the containers."""
        self.scripts.close()
