"""Gives checks what they work with: scripts to call, users of their own in the store, words for what went wrong.

Every call is recorded. Nothing that comes out of `describe` or `redact` holds a password or a configuration value.
"""

import itertools
import secrets
import statistics
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from deployer.runtime.calls import CallResult, ScriptCall
from deployer.runtime.contract.results import ScriptTimes
from deployer.runtime.contract.skips import PremiseFailed
from deployer.runtime.contract.subject import ContractSubject, StoreUser
from deployer.runtime.masking import Mask
from deployer.runtime.runtime import Runtime
from deployer.runtime.stores.address import StoreAddress
from deployer.runtime.stores.proxy import FaultProxy, Upstream
from deployer.text import count, one_line

NEW_PASSWORD = "Another-Password-1!"  # noqa: S105  of users that exist for a second

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
    _known_user: CallResult | None = None
    _mask: Mask = field(default_factory=lambda: Mask([]))

    def __post_init__(self) -> None:
        """Collect what must never be shown."""
        subject = self.subject
        others = [user.password for user in (subject.unverified_user, subject.inactive_user) if user]
        passwords = [subject.user.password, subject.new_user.password, subject.wrong_password, *others]
        configured = [*subject.configuration.values(), *self.configuration.values()]
        self._mask = Mask([*passwords, *configured, subject.store or ""])

    # --- calls -----------------------------------------------------------------------------------------------------

    def has(self, kind: str) -> bool:
        """Return whether the connection has that script."""
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
        source = self.subject.scripts[kind]
        result = await self.run_source(source, kind, *arguments, runtime=runtime, configuration=configuration)
        if recorded:
            self.recorded.append(RecordedCall(kind, result))
        return result

    async def run_source(
        self,
        source: str,
        kind: str,
        *arguments: Any,
        runtime: Runtime | None = None,
        configuration: dict[str, str] | None = None,
    ) -> CallResult:
        """Run a source as one kind of script, with what the connection's own scripts are given."""
        context = {"connection": {"name": self.subject.connection}} if self.subject.with_context else None
        return await (runtime or self.runtime).call(
            ScriptCall(
                source=source,
                kind=kind,
                arguments=arguments,
                configuration=self.configuration if configuration is None else configuration,
                context=context,
                limit_seconds=self.subject.limit_seconds,
                settle_seconds=SETTLE_SECONDS,
            )
        )

    async def login(self, user: StoreUser, password: str | None = None, runtime: Runtime | None = None) -> CallResult:
        """Log a user in, with another password where one is given."""
        return await self.call("login", user.login_name, password or user.password, runtime=runtime)

    async def require_known_user(self) -> None:
        """Raise PremiseFailed where the known user cannot log in: what stands on that would prove nothing."""
        if self._known_user is None and self.has("login"):
            self._known_user = await self.login(self.subject.user)
        if self._known_user is not None and profile_of(self._known_user) is None:
            raise PremiseFailed(f"the known user cannot log in: {self.describe(self._known_user)}")

    async def required_profile(self, user: StoreUser, password: str | None = None) -> dict[str, Any]:
        """Log in somebody who must be able to, and return the profile. Raises PremiseFailed where that fails."""
        result = await self.login(user, password)
        profile = profile_of(result)
        if profile is None:
            raise PremiseFailed(f"a new user cannot log in: {self.describe(result)}")
        return profile

    def times(self) -> tuple[ScriptTimes, ...]:
        """Measure how long each script's calls without a problem took, in the order of the scripts."""
        found = []
        for kind in self.subject.scripts:
            taken = sorted(
                record.result.duration_ms
                for record in self.recorded
                if record.kind == kind and not record.result.problems
            )
            if taken:
                p95 = taken[min(len(taken) - 1, int(len(taken) * 0.95))]
                found.append(ScriptTimes(kind, len(taken), statistics.median(taken), p95))
        return tuple(found)

    # --- users -----------------------------------------------------------------------------------------------------

    def fresh_user(self) -> StoreUser:
        """Make up a user that is not in the store: the new user's pattern, with an address of its own."""
        pattern = self.subject.new_user
        tag = f"{self._run}{next(self._numbers)}"
        local, _, domain = pattern.email.rpartition("@")
        username = f"{pattern.username}{tag}" if pattern.username else None
        return StoreUser(f"{local}+{tag}@{domain}", pattern.password, username)

    def new_user_argument(self, user: StoreUser) -> dict[str, Any]:
        """Build what Auth0 passes to `create`.

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
        """Create a user for one check. Raises PremiseFailed where `create` fails."""
        user = self.fresh_user()
        result = await self.create(user)
        if result.outcome == "error":
            raise PremiseFailed(f"`create` failed for a new user: {self.describe(result)}")
        yield user

    async def spare_id(self) -> str | None:
        """Return the `user_id` of a user whom nobody will miss; None where the connection's scripts make none."""
        if self._spare_id is None and self.has("create") and self.has("login"):
            user = self.fresh_user()
            await self.create(user)
            found = profile_of(await self.login(user)) or {}
            self._spare_id = str(found["user_id"]) if "user_id" in found else None
        return self._spare_id

    async def delete_created(self) -> tuple[str, ...]:
        """Delete what the checks created, and say who is left in the store."""
        remaining = 0
        for user in dict.fromkeys(self.created):
            for _ in range(2):  # once to delete, once to look
                user_id = await self._id_of(user)
                if user_id is not None and self.has("delete"):
                    await self.call("delete", user_id, recorded=False)
                if user_id is None:
                    break
            else:
                remaining += 1
        if remaining == 0:
            return ()
        cause = "`delete` did not remove them" if self.has("delete") else "there is no `delete` script"
        return (f"The tests left {count(remaining, 'user')} of their own in the store: {cause}.",)

    async def _id_of(self, user: StoreUser) -> str | None:
        """Find the id under which the scripts know a user, whatever password the user has by now."""
        calls: list[tuple[Any, ...]] = []
        if self.has("get_user"):
            found = await self.call("get_user", user.email, recorded=False)
            if found.outcome == "nothing":
                return None
            calls.append(("get_user", user.email))
        if self.has("login"):
            calls += [("login", user.login_name, password) for password in (user.password, NEW_PASSWORD)]
        for kind, *arguments in calls:
            profile = profile_of(await self.call(kind, *arguments, recorded=False)) or {}
            if "user_id" in profile and _same(profile.get("email"), user.email):
                return str(profile["user_id"])
        return None

    # --- words -----------------------------------------------------------------------------------------------------

    def describe(self, result: CallResult) -> str:
        """Say how a call ended, in a few words without secrets."""
        if result.error is not None:
            code = f" ({result.error.code})" if result.error.code else ""
            where = f" at {result.error.at}" if result.error.at else ""
            troubles = f" [{', '.join(result.problems)}]" if result.problems else ""
            cause = f"; the store said: {result.error.cause}" if result.error.cause else ""
            return self.redact(f"{result.error.name}{code}: {result.error.message}{cause}{where}{troubles}")
        if result.outcome == "nothing":
            return "callback(null)"
        kind = "a profile" if isinstance(result.value, dict) else self.redact(repr(result.value))
        return f"callback(null, {kind})"

    def redact(self, text: str) -> str:
        """Return untrusted text as one line, with every known secret replaced."""
        return one_line(self._mask.text(text), 300)

    def proxy(self) -> FaultProxy | None:
        """Make a proxy for a check that breaks the store; None where the store's address is not known."""
        return FaultProxy(self.upstream) if self.address is not None and self.upstream is not None else None


def profile_of(result: CallResult) -> dict[str, Any] | None:
    """Return the profile that a script answered with, or None. Auth0 takes `id` where there is no `user_id`."""
    if result.outcome != "value" or not isinstance(result.value, dict):
        return None
    profile = result.value
    return {**profile, "user_id": profile["id"]} if "id" in profile and "user_id" not in profile else profile


def normal_address(address: object) -> str:
    """Normalize an address for comparison: composed, in lower case, without spaces around it."""
    return unicodedata.normalize("NFC", str(address).strip()).lower()


def _same(found: object, asked: str) -> bool:
    return normal_address(found) == normal_address(asked)
