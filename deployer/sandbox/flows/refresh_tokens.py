"""Issues refresh tokens for what a login allowed, and says whether they still hold.

https://auth0.com/docs/secure/tokens/refresh-tokens, and its pages refresh-token-rotation and
configure-refresh-token-expiration
"""

import secrets
import time
from dataclasses import dataclass, field

from deployer.sandbox.storage import Document

_MAX_KEPT = 200
"""Active refresh tokens of one user for one application; the oldest goes when there would be more."""


@dataclass(slots=True)
class Family:
    """One login's refresh token and, where they rotate, all that came after it. Times are epoch seconds."""

    client_id: str
    connection_id: str
    user_id: str
    audience: str | None
    scopes: list[str]
    created: float = field(default_factory=time.time)
    used: float = field(default_factory=time.time)
    current: str = field(default="", repr=False)
    replaced: dict[str, float] = field(default_factory=dict, repr=False)


class RefreshTokens:
    """Every refresh token that was not revoked, with the login that it stands for."""

    def __init__(self) -> None:
        self._families: dict[str, Family] = {}

    def issue(self, family: Family) -> str:
        """Issue the first token of a login."""
        mine = [
            each
            for each in self._all_families()
            if (each.client_id, each.user_id) == (family.client_id, family.user_id)
        ]
        for oldest in sorted(mine, key=lambda each: each.created)[: max(0, len(mine) - _MAX_KEPT + 1)]:
            self.revoke(oldest)
        return self._issue_next(family)

    def find(self, token: str, client: Document) -> Family | None:
        """Find the login that a token of this client stands for, None where it does not hold.

        The client's `refresh_token` settings say how long it lives, and for how many seconds (`leeway`) one that was
        replaced may be sent again; after that, whoever sends it may have stolen it, and nobody's token holds any more.
        """
        family = self._families.get(token)
        if family is None or family.client_id != client["client_id"]:
            return None
        settings = client.get("refresh_token") or {}
        now = time.time()
        if _expired(family, settings, now):
            self.revoke(family)
            return None
        replaced_at = family.replaced.get(token)
        if replaced_at is not None and now - replaced_at > float(settings.get("leeway") or 0):
            self.revoke(family)
            return None
        return family

    def use(self, family: Family, client: Document) -> str | None:
        """Note a use, and return the token that replaces the one that was sent, where this client's rotate."""
        family.used = time.time()
        if (client.get("refresh_token") or {}).get("rotation_type") != "rotating":
            return None
        family.replaced[family.current] = family.used
        return self._issue_next(family)

    def revoke(self, family: Family) -> None:
        """Let no token of this login hold any more."""
        for token in (family.current, *family.replaced):
            self._families.pop(token, None)

    def _all_families(self) -> list[Family]:
        return list({id(family): family for family in self._families.values()}.values())

    def _issue_next(self, family: Family) -> str:
        family.current = f"v1.{secrets.token_urlsafe(32)}"
        self._families[family.current] = family
        return family.current


def _expired(family: Family, settings: Document, now: float) -> bool:
    if settings.get("expiration_type") != "expiring":
        return False
    absolute, idle = settings.get("token_lifetime"), settings.get("idle_token_lifetime")
    if absolute and not settings.get("infinite_token_lifetime") and now - family.created > absolute:
        return True
    return bool(idle and not settings.get("infinite_idle_token_lifetime") and now - family.used > idle)
