"""Gives the groups of calls a session, and checks that every answer has the shape that Auth0 documents."""

from collections.abc import Mapping
from typing import Any

from deployer.management.errors import NotFound, OutcomeUnknown, UnexpectedResponse
from deployer.management.paging import PER_PAGE, Entries, MemoryLimit, by_checkpoint, by_offset, entries_of
from deployer.management.session import Session
from deployer.management.shapes import find_mismatch
from deployer.text import one_line

Json = dict[str, Any]
"""One JSON object, exactly as the tenant sent it."""


class Calls:
    """Base of the groups of calls that make up the gateway."""

    _session: Session

    @property
    def _where(self) -> str:
        return self._session.access.where

    async def _read_object(self, operation: str, *args: Any, **params: Any) -> Json:
        return self._checked(operation, await self._session.read(operation, *args, **params))

    async def _read_object_or_none(self, operation: str, *args: Any, **params: Any) -> Json | None:
        try:
            return await self._read_object(operation, *args, **params)
        except NotFound:
            return None

    async def _write_object(
        self, operation: str, *args: Any, body: Mapping[str, Any] | None = None, **params: Any
    ) -> Json:
        written = await self._session.write(operation, *args, body=body, **params)
        try:
            return self._checked(operation, written)
        except UnexpectedResponse as error:
            raise OutcomeUnknown(error) from error

    async def _write(self, operation: str, *args: Any, body: Mapping[str, Any] | None = None, **params: Any) -> None:
        await self._session.write(operation, *args, body=body, **params)

    async def _list(self, operation: str, key: str, *args: Any, identity: str = "id", **params: Any) -> Entries:
        """List all entries of a list paged by offset."""
        memory = MemoryLimit(key, self._where)

        async def page(number: int) -> Any:
            return await self._page(memory, operation, *args, page=number, per_page=PER_PAGE, **params)

        return await by_offset(page, key, identity, self._where, memory=memory)

    async def _list_by_offset_first(self, operation: str, key: str, **params: Any) -> Entries:
        """List all entries where the SDK call knows checkpoints only; begin by offset, which is faster."""
        memory = MemoryLimit(key, self._where)

        async def page(number: int) -> Any:
            query = {"page": number, "per_page": PER_PAGE}
            return await self._page(memory, operation, include_totals=True, take=None, query=query, **params)

        async def checkpoint_page(start: str | None) -> Any:
            return await self._page(memory, operation, include_totals=None, take=PER_PAGE, from_=start, **params)

        return await by_offset(page, key, "id", self._where, checkpoint_page, memory)

    async def _list_by_checkpoint(self, operation: str, key: str, *args: Any, identity: str) -> Entries:
        memory = MemoryLimit(key, self._where)

        async def page(start: str | None) -> Any:
            return await self._page(memory, operation, *args, take=PER_PAGE, from_=start)

        return await by_checkpoint(page, key, identity, self._where, memory)

    async def _page(self, memory: MemoryLimit, operation: str, *args: Any, **params: Any) -> Any:
        page, size = await self._session.read_sized(operation, *args, **params)
        memory.count(0, size)
        return page

    def _checked(self, operation: str, body: Any) -> Json:
        if not isinstance(body, dict):
            raise UnexpectedResponse(f"the answer to {operation} is not a JSON object", where=self._where)
        if wrong := find_mismatch(body, operation.rpartition(".")[0]):
            raise UnexpectedResponse(
                f"the answer to {operation} is not as documented: {one_line(wrong)}",
                where=self._where,
                hint="Check `domain` and `base_url` in the tenant's file, and whether a proxy answers in its place.",
            )
        return body

    def _entries(self, body: Any, key: str) -> Entries:
        return entries_of(body, key, self._where)
