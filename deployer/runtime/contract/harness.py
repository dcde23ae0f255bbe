"""What checks work with: the scripts to call, users of their own in the store, and words for what went wrong.

Every call is recorded. Nothing that comes out of `describe` or `redact` holds a password or a configuration value.
"""

import itertools
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from deployer.runtime.calls import CallResult, Problem, ScriptCall
from deployer.runtime.contract.subject import ContractSubject, StoreUser
from deployer.runtime.masking import Mask
from deployer.runtime.runtime import Runtime
from deployer.runtime.stores.address import StoreAddress
from deployer.runtime.stores.proxy import FaultProxy, Upstream
from deployer.text import one_line

SETTLE_SECONDS = 0.02
"""How long a call is watched for a second callback."""


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """One call that a check made."""

    kind: str
    result: CallResult


@dataclass(slots=True)
class Harness:
    """One connection under test. `configuration` reaches the store through a proxy wherever `address` is known."""

    subject: ContractSubject
    runtime: Runtime
    configuration: dict[str, str]
    address: StoreAddress | None = None
    upstream: Upstream | None = None
    recorded: list[RecordedCall] = field(default_factory=list)
    created: list[StoreUser] = field(default_factory=list)
    make_runtime: Any = None
    _numbers: Any = field(default_factory=lambda: itertools.count(1))
    _run: str = field(default_factory=lambda: secrets.token_hex(3))
    _spare_id: str | None = None
    _mask: Mask = field(default_factory=lambda: Mask([]))

    def __post_init__(self) -> None:
        """Collect what must never be shown."""
        subject = self.subject
        passwords = [subject.user.password, subject.new_user.password, subject.wrong_password]
        configured = [*subject.configuration.values(), *self.configuration.values()]
        self._mask = Mask([*passwords, *configured, subject.store or ""])

    # --- calls -----------------------------------------------------------------------------------------------------

    def has(self, kind: str) -> bool:
        """Whether the connection has that script."""
        return kind in self.subject.scripts

    async def call(
        self,
        kind: str,
        *arguments: Any,
        runtime: Runtime | None = None,
        configuration: dict[str, str] | None = None,
        recorded: bool = True,
    ) -> CallResult:
        """Run one script and record the call."""
        context = {"connection": {"name": self.subject.connection}} if self.subject.with_context else None
        result = await (runtime or self.runtime).call(
            ScriptCall(
                source=self.subject.scripts[kind],
                kind=kind,
                arguments=arguments,
                configuration=self.configuration if configuration is None else configuration,
                context=context,
                limit_seconds=self.subject.limit_seconds,
                settle_seconds=SETTLE_SECONDS,
            )
        )
        if recorded:
            self.recorded.append(RecordedCall(kind, result))
        return result

    async def login(self, user: StoreUser, password: str | None = None, runtime: Runtime | None = None) -> CallResult:
        """Log a user in, with another password where one is given."""
        return await self.call("login", user.login_name, password or user.password, runtime=runtime)

    # --- users -----------------------------------------------------------------------------------------------------

    def fresh_user(self) -> StoreUser:
        """A user that is not in the store: the new user's pattern, with an address of its own."""
        pattern = self.subject.new_user
        tag = f"{self._run}{next(self._numbers)}"
        local, _, domain = pattern.email.rpartition("@")
        username = f"{pattern.username}{tag}" if pattern.username else None
        return StoreUser(f"{local}+{tag}@{domain}", pattern.password, username)

    def new_user_argument(self, user: StoreUser) -> dict[str, Any]:
        """What Auth0 passes to `create`.

        Source: https://auth0.com/docs/authenticate/database-connections/custom-db/templates/create
        """
        argument = {
            "tenant": "contract-tests",
            "client_id": "contract-tests",
            "connection": self.subject.connection,
            "email": user.email,
            "password": user.password,
        }
        return {**argument, **({"username": user.username} if user.username else {})}

    async def create(self, user: StoreUser) -> CallResult:
        """Create a user, who is deleted at the end where there is a script for it."""
        self.created.append(user)
        return await self.call("create", self.new_user_argument(user))

    @asynccontextmanager
    async def created_user(self) -> AsyncIterator[StoreUser]:
        """A user created for one check. Raises CheckFaultError where `create` fails."""
        user = self.fresh_user()
        result = await self.create(user)
        if result.outcome == "error":
            raise CheckFaultError(f"`create` failed for a new user: {self.describe(result)}")
        yield user

    async def spare_id(self) -> str | None:
        """The `user_id` of a user whom nobody will miss; None where the connection's scripts make none."""
        if self._spare_id is None and self.has("create") and self.has("login"):
            user = self.fresh_user()
            await self.create(user)
            found = profile_of(await self.login(user)) or {}
            self._spare_id = str(found["user_id"]) if "user_id" in found else None
        return self._spare_id

    async def delete_created(self) -> None:
        """Delete what the checks created, as far as the connection has scripts for it."""
        if not self.has("delete"):
            return
        for user in self.created:
            found = (
                await self.call("login", user.login_name, user.password, recorded=False) if self.has("login") else None
            )
            profile = found.value if found and isinstance(found.value, dict) else None
            if profile and "user_id" in profile:
                await self.call("delete", profile["user_id"], recorded=False)

    # --- words -----------------------------------------------------------------------------------------------------

    def describe(self, result: CallResult) -> str:
        """How a call ended, in a few words without secrets."""
        if result.error is not None:
            code = f" ({result.error.code})" if result.error.code else ""
            where = f" at {result.error.at}" if result.error.at else ""
            troubles = f" [{', '.join(result.problems)}]" if result.problems else ""
            return self.redact(f"{result.error.name}{code}: {result.error.message}{where}{troubles}")
        if result.outcome == "nothing":
            return "callback(null)"
        kind = "a profile" if isinstance(result.value, dict) else self.redact(repr(result.value))
        return f"callback(null, {kind})"

    def redact(self, text: str) -> str:
        """One line of untrusted text with every known secret replaced."""
        return one_line(self._mask.text(text), 300)

    def proxy(self) -> FaultProxy | None:
        """A proxy of its own for a check that breaks the store; None where the store's address is not known."""
        return FaultProxy(self.upstream) if self.address is not None and self.upstream is not None else None


class CheckFaultError(Exception):
    """What a check needs failed: that is its fault."""


BAD_ENDS = frozenset(Problem)
"""Everything that can be wrong with how a script ended."""


def profile_of(result: CallResult) -> dict[str, Any] | None:
    """The profile that a script answered with, or None."""
    return result.value if result.outcome == "value" and isinstance(result.value, dict) else None
