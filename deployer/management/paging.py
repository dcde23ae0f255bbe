"""Reads lists page by page until they are complete: an entry that is missing or there twice is an error.

Auth0 pages by `page`/`per_page`/`include_totals`, or by checkpoint (`from`/`take`), which alone reaches beyond 1,000
(https://auth0.com/docs/manage-users/user-search/paginate-results-auth0-management-api).

What a tenant says of its own list is not believed before it is seen: pages are asked for a window at a time, each is
checked before the next are, and the whole is bounded, so that no answer can fill this machine's memory.
"""

import os
from collections.abc import Awaitable, Callable
from typing import Any

from deployer.concurrency import gather_or_cancel
from deployer.management.errors import UnexpectedResponse
from deployer.management.shapes import find_mismatch
from deployer.text import one_line

PER_PAGE = 100
OFFSET_REACH = 1000
"""Entries that paging by offset can reach; with so many, there may be more."""
WINDOW = 10
"""Pages that are asked for at once."""
LIMIT_VARIABLE = "DEPLOYER_LIST_LIMIT_MB"
DEFAULT_LIMIT_MB = 160
"""A list of 50,000 entries of 3 kB has 150 MB; the process stays below 300 MB with it."""

_TRIES = 3
_ENTRY_BYTES = 1000
"""What one entry costs in memory besides its text, about."""

Page = Callable[[int], Awaitable[Any]]
Checkpoint = Callable[[str | None], Awaitable[Any]]
Entries = list[dict[str, Any]]


class MemoryLimit:
    """Counts what one list takes up in memory, and ends it with an error before it is too much."""

    def __init__(self, key: str, where: str) -> None:
        self._key = key
        self._where = where
        self._limit = _limit_mb()
        self._taken = 0

    def reset(self) -> None:
        """Begin again: what was read before is thrown away."""
        self._taken = 0

    def count(self, entries: int, size: int = 0) -> None:
        """Count entries and the bytes of the answer that they came in. Raises UnexpectedResponse."""
        self._taken += entries * _ENTRY_BYTES + size
        if self._taken > self._limit * 1_000_000:
            raise UnexpectedResponse(
                f"the list of {self._key} is larger than {self._limit} MB, or never ends",
                where=self._where,
                hint=f"Check `domain` and `base_url`; if the tenant really has so much, set {LIMIT_VARIABLE} higher.",
            )

    def expect(self, entries: int) -> None:
        """Refuse a list that says it has more entries than there is room for, before it is read."""
        if entries * _ENTRY_BYTES > self._limit * 1_000_000:
            raise UnexpectedResponse(
                f"the list of {self._key} says it has {entries:,} entries, more than {self._limit} MB hold",
                where=self._where,
                hint=f"Check `domain` and `base_url`; if the tenant really has so many, set {LIMIT_VARIABLE} higher.",
            )


async def by_offset(
    page: Page,
    key: str,
    identity: str,
    where: str,
    checkpoint_page: Checkpoint | None = None,
    memory: MemoryLimit | None = None,
) -> Entries:
    """Read all pages; after the first, a window at a time.

    `checkpoint_page` reads by checkpoint what offsets cannot reach.
    """
    memory = memory or MemoryLimit(key, where)
    total, entries = 0, []
    for _ in range(_TRIES):
        memory.reset()
        first = await page(0)
        entries = entries_of(first, key, where)
        announced = _count_in(first, "total")
        if announced is None:
            return await _read_until_short_page(page, first, key, identity, where, memory)
        total = announced
        memory.expect(total)
        if checkpoint_page is not None and total >= OFFSET_REACH:
            return await by_checkpoint(checkpoint_page, key, identity, where, memory)
        if total > len(entries) and not entries:
            raise _unexpected(f"a list of {key} says it has {total:,} entries and shows none", where)
        memory.count(len(entries))
        complete = await _read_remaining(page, entries, total, key, identity, where, memory)
        if complete:
            return entries
    raise _unexpected(
        f"the list of {key} says it has {total:,} entries and its pages do not bear that out, "
        "or it changes all the while it is read",
        where,
    )


async def _read_remaining(
    page: Page, entries: Entries, total: int, key: str, identity: str, where: str, memory: MemoryLimit
) -> bool:
    """Add what is on the pages after the first; False as soon as they are not what the first page announced."""
    seen = {_identity(entry, identity, where) for entry in entries}
    size = len(entries)  # as many as came are on a page, whatever was asked for
    if len(seen) != size:
        return False
    last = -(-total // size) if size else 1
    for start in range(1, last, WINDOW):
        for body in await gather_or_cancel(*(page(number) for number in range(start, min(start + WINDOW, last)))):
            more = entries_of(body, key, where)
            memory.count(len(more))
            fresh = {_identity(entry, identity, where) for entry in more}
            full = len(more) == min(size, total - len(entries))
            if not full or len(fresh) != len(more) or fresh & seen or _count_in(body, "total") not in {None, total}:
                return False
            seen |= fresh
            entries += more
    return len(entries) == total


async def by_checkpoint(
    page: Checkpoint, key: str, identity: str, where: str, memory: MemoryLimit | None = None
) -> Entries:
    """Read page after page until the tenant names no next one."""
    memory = memory or MemoryLimit(key, where)
    memory.reset()
    found: dict[str, dict[str, Any]] = {}
    start: str | None = None
    seen: set[str] = set()
    while True:
        body = await page(start)
        entries = entries_of(body, key, where)
        memory.count(len(entries) + 1)
        before = len(found)
        found |= {_identity(entry, identity, where): entry for entry in entries}
        start = body.get("next") if isinstance(body, dict) else None
        if not start:
            return list(found.values())
        if not isinstance(start, str) or start in seen or len(found) == before:
            raise _unexpected(f"the list of {key} never ends: a page shows nothing new and names a next one", where)
        seen.add(start)


async def _read_until_short_page(
    page: Page, first: Any, key: str, identity: str, where: str, memory: MemoryLimit
) -> Entries:
    """Read a list without totals until a page is empty, or shorter than the answer says a page is."""
    found: dict[str, dict[str, Any]] = {}
    body, number = first, 0
    while True:
        entries = entries_of(body, key, where)
        memory.count(len(entries))
        fresh = {_identity(entry, identity, where): entry for entry in entries}
        if fresh and number and fresh.keys() <= found.keys():
            raise _unexpected(f"the list of {key} shows the same page again and again", where)
        found |= fresh
        size = _count_in(body, "per_page") or _count_in(body, "limit")
        if not entries or (size is not None and len(entries) < size):
            return list(found.values())
        number += 1
        body = await page(number)


def entries_of(body: Any, key: str, where: str) -> Entries:
    """Return the entries of one answer: the list under `key`, or the answer itself if it is a list."""
    entries = body.get(key) if isinstance(body, dict) else body
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise _unexpected(f"the answer is not a list of {key}", where)
    for number, entry in enumerate(entries):
        if wrong := find_mismatch(entry, key):
            raise _unexpected(f"one of the {key} (number {number + 1}) is not as documented: {one_line(wrong)}", where)
    return entries


def _identity(entry: dict[str, Any], identity: str, where: str) -> str:
    value = entry.get(identity)
    if not isinstance(value, str) or not value:
        raise _unexpected(f"an entry has no {identity}", where)
    return value


def _count_in(body: Any, key: str) -> int | None:
    value = body.get(key) if isinstance(body, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _limit_mb() -> int:
    try:
        return max(1, int(os.environ.get(LIMIT_VARIABLE, DEFAULT_LIMIT_MB)))
    except ValueError:
        raise UnexpectedResponse(
            f"{LIMIT_VARIABLE} is no number",
            where=LIMIT_VARIABLE,
            hint="Give the megabytes that one list of a tenant may have.",
        ) from None


def _unexpected(what: str, where: str) -> UnexpectedResponse:
    return UnexpectedResponse(what, where=where, hint="Try again; if it stays so, check `domain` and `base_url`.")
