"""Describes what contract tests are told, as plain data: a connection's scripts, a store, users they may use."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from deployer.digests import digest

EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True)
class StoreUser:
    """A user of the store. `username` only where the connection has usernames."""

    email: str
    password: str = field(repr=False)
    username: str | None = None

    @property
    def login_name(self) -> str:
        """What the user types: the e-mail address."""
        return self.email


@dataclass(frozen=True, slots=True)
class ContractSubject:
    """One connection to test.

    `scripts`: kind -> JavaScript. `configuration`: what scripts read, with values. `store`: `embedded`, a URL, or None
    where the configuration already says where the store is. `store_key`: the configuration key that holds the store's
    URL, where it is not plain. `user` exists in the store; `new_user` does not, and its address is only a pattern:
    every test user gets an address of its own (`new+1f3a@...`). `unverified_user` and
    `inactive_user` exist as well. `census`: a script that answers with the
    addresses in the store, where one is known. `skip`: check name -> reason. `node`: another Node.js
    than the one that Auth0 runs. `disposable`: the
    store may be damaged by an injection that succeeds (`embedded` always is).
    """

    connection: str
    scripts: dict[str, str] = field(repr=False)
    user: StoreUser
    new_user: StoreUser
    configuration: dict[str, str] = field(default_factory=dict, repr=False)
    modules: dict[str, str] = field(default_factory=dict)
    migration: Literal["off", "trickle", "complete"] = "off"
    with_context: bool = False
    user_id_prefix: str | None = None
    store: str | None = field(default=None, repr=False)
    store_key: str | None = None
    seed: Path | None = None
    unverified_user: StoreUser | None = None
    inactive_user: StoreUser | None = None
    wrong_password: str = field(default="not-the-password-of-anybody", repr=False)
    disposable: bool = False
    limit_seconds: float = 20.0
    max_connections: int = 20
    census: str | None = field(default=None, repr=False)
    skip: dict[str, str] = field(default_factory=dict)
    node: Path | None = None

    @property
    def may_damage(self) -> bool:
        """Whether the store is ours to break."""
        return self.disposable or self.store == EMBEDDED

    def digest(self) -> str:
        """Compute the digest of the content that is tested, as for the rendered connection: scripts and modules."""
        return digest({"scripts": self.scripts, "modules": self.modules})
