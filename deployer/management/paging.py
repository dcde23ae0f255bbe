"""Pages in, one complete list out: nothing is skipped, nothing is there twice, or it is an error.

Auth0 pages by `page`/`per_page`/`include_totals`, or by checkpoint (`from`/`take`), which alone reaches beyond 1,000
(https://auth0.com/docs/manage-users/user-search/paginate-results-auth0-management-api).
"""

from collections.abc import Awaitable, Callable
from typing import Any

from deployer.management.errors import UnexpectedAnswer
from deployer.management.together import together

PER_PAGE = 100
OFFSET_REACH = 1000
"""Entries that paging by offset can reach; with so many, there may be more."""

_TRIES = 3

Page = Callable[[int], Awaitable[Any]]
Checkpoint = Callable[[str | None], Awaitable[Any]]
Entries = list[dict[str, Any]]


async def by_offset(page: Page, key: str, identity: str, where: str, beyond: Checkpoint | None = None) -> Entries:
    """Read all pages; after the first, together. `beyond` reads by checkpoint what offsets cannot reach."""
    for _ in range(_TRIES):
        first = await page(0)
        entries = entries_of(first, key, where)
        total = _number(first, "total")
        if total is None:
            return await _one_by_one(page, first, key, identity, where)
        if beyond is not None and total >= OFFSET_REACH:
            return await by_checkpoint(beyond, key, identity, where)
        if total > len(entries):
            if not entries:
                raise _unexpected(f"a list of {key} says it has {total} entries and shows none", where)
            # As many as came are on a page, whatever was asked for.
            rest = await together(*(page(number) for number in range(1, -(-total // len(entries)))))
            entries = entries + [entry for answer in rest for entry in entries_of(answer, key, where)]
            steady = all(_number(answer, "total") in {None, total} for answer in rest)
        else:
            steady = True
        if steady and len({_identity(entry, identity, where) for entry in entries}) == len(entries) == total:
            return entries
    raise _unexpected(f"the list of {key} changes all the while it is read", where)


async def by_checkpoint(page: Checkpoint, key: str, identity: str, where: str) -> Entries:
    """Read page after page until the tenant names no next one."""
    found: dict[str, dict[str, Any]] = {}
    start: str | None = None
    seen: set[str] = set()
    while True:
        answer = await page(start)
        for entry in entries_of(answer, key, where):
            found[_identity(entry, identity, where)] = entry
        start = answer.get("next") if isinstance(answer, dict) else None
        if not start:
            return list(found.values())
        if not isinstance(start, str) or start in seen:
            raise _unexpected(f"the list of {key} never ends", where)
        seen.add(start)


async def _one_by_one(page: Page, first: Any, key: str, identity: str, where: str) -> Entries:
    """Without totals: until a page is empty, or shorter than the answer says a page is."""
    found: dict[str, dict[str, Any]] = {}
    answer, number = first, 0
    while True:
        entries = entries_of(answer, key, where)
        fresh = {_identity(entry, identity, where): entry for entry in entries}
        if fresh and number and fresh.keys() <= found.keys():
            raise _unexpected(f"the list of {key} shows the same page again and again", where)
        found |= fresh
        size = _number(answer, "per_page") or _number(answer, "limit")
        if not entries or (size is not None and len(entries) < size):
            return list(found.values())
        number += 1
        answer = await page(number)


def entries_of(answer: Any, key: str, where: str) -> Entries:
    """The entries of one answer: the list under `key`, or the answer itself if it is a list."""
    entries = answer.get(key) if isinstance(answer, dict) else answer
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise _unexpected(f"the answer is not a list of {key}", where)
    return entries


def _identity(entry: dict[str, Any], identity: str, where: str) -> str:
    value = entry.get(identity)
    if not isinstance(value, str) or not value:
        raise _unexpected(f"an entry has no {identity}", where)
    return value


def _number(answer: Any, key: str) -> int | None:
    value = answer.get(key) if isinstance(answer, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _unexpected(what: str, where: str) -> UnexpectedAnswer:
    return UnexpectedAnswer(what, where=where, hint="Try again; if it stays so, check `domain` and `base_url`.")
