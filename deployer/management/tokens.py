"""Keeps one access token per tenant and credential: in memory, in the cache on disk, or fresh from /oauth/token.

Tokens for the Management API are counted and billed, so one serves until it expires, is refused, or lacks a scope
that was granted since (https://auth0.com/docs/secure/tokens/access-tokens/management-api-access-tokens).
"""

import asyncio
import base64
import binascii
import concurrent.futures
import contextlib
import json
import os
import stat
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

LEEWAY = 60.0
"""Seconds before its end at which a token is no longer used (a tenth of its life, if that is less)."""


@dataclass(frozen=True)
class Token:
    """An access token. `expires_at`, `fetched_at`: epoch seconds. `scopes`: None if the tenant did not say."""

    value: str = field(repr=False)
    fetched_at: float
    expires_at: float
    scopes: frozenset[str] | None = None

    def usable(self, now: float) -> bool:
        return now < self.expires_at - min(LEEWAY, 0.1 * (self.expires_at - self.fetched_at))

    @classmethod
    def from_response(cls, body: dict[str, Any], now: float) -> "Token | None":
        """Read the token in the answer of /oauth/token, None if there is none."""
        value, lifetime = body.get("access_token"), body.get("expires_in", 3600)
        if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable():
            return None
        if isinstance(lifetime, bool) or not isinstance(lifetime, int | float) or not 0 < lifetime < 1e9:
            return None
        scope = body.get("scope", _claims(value).get("scope"))
        scopes = frozenset(scope.split()) if isinstance(scope, str) else None
        return cls(value, now, now + lifetime, scopes)

    @classmethod
    def from_text(cls, value: str, now: float) -> "Token | None":
        """Take a ready token, with what it says of itself; None for text that cannot stand in a header."""
        if not value or not value.isascii() or not value.isprintable() or " " in value:
            return None
        claims = _claims(value)
        ends, scope = claims.get("exp"), claims.get("scope")
        known = isinstance(ends, int | float) and not isinstance(ends, bool)
        expires = float(ends) if known and ends is not None else now + 86_400
        return cls(value, now, expires, frozenset(scope.split()) if isinstance(scope, str) else None)


class TokenCache:
    """Tokens on disk, readable by their owner alone: one file for each tenant, address, audience and credential.

    Whatever is wrong with a file (damaged, foreign, readable by others), it is ignored, and replaced by the next token.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory

    @property
    def directory(self) -> Path:
        """Default: `tokens` in the user's cache directory of this platform."""
        if self._directory is None:
            from platformdirs import user_cache_path

            self._directory = user_cache_path("deployer", appauthor=False) / "tokens"
        return self._directory

    def load(self, key: str) -> Token | None:
        """Read the token kept under a key, if its file is sound and it is still good."""
        try:
            handle = os.open(self._path(key), os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
            with os.fdopen(handle, "rb") as file:
                if not _private(os.fstat(file.fileno())):
                    return None
                record = json.loads(file.read(1 << 20))
            scopes = record["scopes"]
            if (
                not isinstance(record["value"], str)
                or not record["value"].isascii()
                or not record["value"].isprintable()
            ):
                return None
            token = Token(
                record["value"],
                float(record["fetched_at"]),
                float(record["expires_at"]),
                None if scopes is None else frozenset(map(str, scopes)),
            )
        except (OSError, ValueError, KeyError, TypeError, RecursionError, AttributeError):
            return None
        now = time.time()
        return token if token.fetched_at <= now + LEEWAY and token.usable(now) else None

    def save(self, key: str, token: Token) -> None:
        """Keep a token. A directory that cannot be written only costs the cache."""
        record = {
            "value": token.value,
            "fetched_at": token.fetched_at,
            "expires_at": token.expires_at,
            "scopes": None if token.scopes is None else sorted(token.scopes),
        }
        with contextlib.suppress(OSError):
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.directory.chmod(0o700)
            handle, name = tempfile.mkstemp(dir=self.directory, prefix=".token-")  # made 0600
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    json.dump(record, file)
                os.replace(name, self._path(key))  # noqa: PTH105
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(name)  # noqa: PTH108
                raise

    def forget(self, key: str) -> None:
        with contextlib.suppress(OSError):
            self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self.directory / f"{key}.json"


class TokenSource:
    """Gives the token of one access; callers at the same time, in any thread or loop of the process, share a fetch."""

    _kept: ClassVar[dict[str, Token]] = {}
    _fetching: ClassVar[dict[str, "concurrent.futures.Future[None]"]] = {}
    _lock = threading.Lock()

    def __init__(self, key: str, fetch: Callable[[], Awaitable[Token]], cache: TokenCache | None) -> None:
        self._key = key
        self._fetch = fetch
        self._cache = cache
        self._own: set[str] = set()

    async def token(self) -> Token:
        """Return a usable token. Raises what the fetch raises."""
        while True:
            with self._lock:
                kept = self._kept.get(self._key)
                if kept is not None and kept.usable(time.time()):
                    return kept
                leader = self._fetching.get(self._key)
                if leader is None:
                    mine = self._fetching[self._key] = concurrent.futures.Future()
                    break
            await asyncio.shield(asyncio.wrap_future(leader))
        try:
            token = self._cache.load(self._key) if self._cache else None
            if token is None:
                token = await self._fetch()
                self._own.add(token.value)
                if self._cache:
                    self._cache.save(self._key, token)
            with self._lock:
                self._kept[self._key] = token
            return token
        finally:
            with self._lock:
                del self._fetching[self._key]
            mine.set_result(None)

    def fetched_here(self, token: Token) -> bool:
        """Return whether this source fetched the token itself: a new one would have no more scopes."""
        return token.value in self._own

    def refuse(self, token: Token) -> None:
        """Forget a token that the tenant does not accept, or that lacks a scope."""
        with self._lock:
            if self._kept.get(self._key) == token:
                del self._kept[self._key]
        if self._cache:
            on_disk = self._cache.load(self._key)
            if on_disk is not None and on_disk.value == token.value:
                self._cache.forget(self._key)


def _private(status: os.stat_result) -> bool:
    """Return whether this is a regular file of ours that nobody else can read or write (where files have owners)."""
    if not stat.S_ISREG(status.st_mode):
        return False
    if not hasattr(os, "getuid"):
        return True
    return status.st_uid == os.getuid() and not status.st_mode & 0o077


def _claims(jwt: str) -> dict[str, Any]:
    """Read the claims of a JWT, unverified: only to learn the scopes the tenant gave us."""
    try:
        payload = jwt.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError, binascii.Error, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}
