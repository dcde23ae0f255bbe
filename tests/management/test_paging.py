"""Lists: every entry once, however the tenant pages and whatever changes meanwhile."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deployer.management.errors import ManagementError, UnexpectedResponse
from deployer.management.paging import by_checkpoint, by_offset
from tests.support.gateways import to
from tests.support.misbehaving import Reply, Request, Server, answer, error

Entry = dict[str, Any]


def entries(number: int) -> list[Entry]:
    return [{"id": f"con_{i}", "options": {"n": i}} for i in range(number)]


class Listing:
    """A list behind /connections that pages as Auth0 does, at most `most` entries on a page."""

    def __init__(self, number: int, *, most: int = 100, reach: int = 1000, totals: bool = True) -> None:
        self.entries, self.most, self.reach, self.totals = entries(number), most, reach, totals
        self.requests: list[Request] = []

    def __call__(self, request: Request) -> Reply:
        self.requests.append(request)
        assert request.path == "/api/v2/connections"
        assert request.query["strategy"] == "auth0"
        query = request.query
        if "take" in query or "from" in query:
            start = int(query.get("from", "0"))
            end = start + min(int(query["take"]), self.most)
            more = {"next": str(end)} if end < len(self.entries) else {}
            return answer({"connections": self.entries[start:end], **more})
        size = min(int(query["per_page"]), self.most)
        start = int(query["page"]) * size
        page = self.entries[: self.reach][start : start + size]
        totals = {"total": min(len(self.entries), self.reach)} if self.totals else {}
        return answer({"start": start, "limit": size, "length": len(page), "connections": page, **totals})


def connections(listing: Any) -> tuple[list[Entry], int]:
    async def main(url: str) -> list[Entry]:
        async with to(url) as gateway:
            return await gateway.connections()

    with Server(listing) as server:
        return asyncio.run(main(server.url)), len(server.api)


@pytest.mark.parametrize(
    ("number", "requests"), [(0, 1), (1, 1), (99, 1), (100, 1), (101, 2), (250, 3), (999, 10), (1000, 11), (2345, 25)]
)
def test_all_connections_in_few_requests(number: int, requests: int) -> None:
    listing = Listing(number)
    found, made = connections(listing)
    assert found == listing.entries
    assert made == requests


@pytest.mark.parametrize("totals", [True, False])
def test_a_tenant_with_smaller_pages(totals: bool) -> None:
    listing = Listing(130, most=50, totals=totals)
    assert connections(listing)[0] == listing.entries


def test_a_list_without_pages() -> None:
    pages = [answer([{"id": "a", "options": {"x": 1}}]), answer([])]
    assert [entry["id"] for entry in connections(pages)[0]] == ["a"]


def test_a_page_that_fails_for_good_ends_the_list() -> None:
    listing = Listing(500)

    def failing(request: Request) -> Reply:
        return error(400, "no") if request.query.get("page") == "3" else listing(request)

    with pytest.raises(ManagementError, match="400"):
        connections(failing)


def test_a_list_that_changes_while_it_is_read_is_read_again() -> None:
    listing = Listing(250)
    deleted = False

    def changing(request: Request) -> Reply:
        nonlocal deleted
        reply = listing(request)
        if not deleted:
            deleted = True
            del listing.entries[0]  # now every later page starts one later, and entry 100 is on none
        return reply

    found, _ = connections(changing)
    assert found == listing.entries
    assert len(found) == 249


@pytest.mark.parametrize(
    "pages",
    [
        {"connections": entries(100), "total": 200},  # every page is the same
        {"connections": entries(5), "total": 3},
        {"connections": [], "total": 3},
        {"connections": entries(3)},  # no total, no size, never empty
        {"connections": entries(2), "total": 1500, "next": "again"},  # a checkpoint that leads to itself
    ],
)
def test_lists_that_cannot_be_right(pages: Any) -> None:
    with pytest.raises(UnexpectedResponse):
        connections([answer(pages)])


@settings(max_examples=200, deadline=None)
@given(number=st.integers(0, 350), size=st.integers(1, 120), total=st.booleans(), sized=st.booleans())
def test_no_way_of_paging_loses_an_entry(number: int, size: int, total: bool, sized: bool) -> None:
    whole = entries(number)

    async def page(index: int) -> Any:
        answer: dict[str, Any] = {"things": whole[index * size : (index + 1) * size]}
        if total:
            answer["total"] = number
        if sized:
            answer["limit"] = size
        return answer

    async def checkpoint(start: str | None) -> Any:
        first = int(start or 0)
        more = {"next": str(first + size)} if first + size < number else {}
        return {"things": whole[first : first + size], **more}

    assert asyncio.run(by_offset(page, "things", "id", "here")) == whole
    assert asyncio.run(by_checkpoint(checkpoint, "things", "id", "here")) == whole
