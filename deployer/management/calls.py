"""What the groups of calls share: a session, and checks that an answer has the shape Auth0 documents."""

from collections.abc import Mapping
from typing import Any

from deployer.management.errors import NotFound, OutcomeUnknown, UnexpectedAnswer
from deployer.management.paging import PER_PAGE, Entries, Room, by_checkpoint, by_offset, entries_of
from deployer.management.session import Session
from deployer.management.shapes import misfit
from deployer.text import one_line

Json = dict[str, Any]
"""One JSON object, exactly as the tenant sent it."""


class Calls:
    """Base of the groups of calls that make up the gateway."""

    _session: Session

    @property
    def _where(self) -> str:
        return self._session.access.where

    async def _object(self, operation: str, *args: Any, **params: Any) -> Json:
        return self._checked(operation, await self._session.read(operation, *args, **params))

    async def _object_or_none(self, operation: str, *args: Any, **params: Any) -> Json | None:
        try:
            return await self._object(operation, *args, **params)
        except NotFound:
            return None

    async def _written(self, operation: str, *args: Any, body: Mapping[str, Any] | None = None, **params: Any) -> Json:
        answer = await self._session.write(operation, *args, body=body, **params)
        try:
            return self._checked(operation, answer)
        except UnexpectedAnswer as error:
            raise OutcomeUnknown(error) from error

    async def _done(self, operation: str, *args: Any, body: Mapping[str, Any] | None = None, **params: Any) -> None:
        await self._session.write(operation, *args, body=body, **params)

    async def _list(self, operation: str, key: str, *args: Any, identity: str = "id", **params: Any) -> Entries:
        """All entries of a list paged by offset."""
        room = Room(key, self._where)

        async def page(number: int) -> Any:
            return await self._page(room, operation, *args, page=number, per_page=PER_PAGE, **params)

        return await by_offset(page, key, identity, self._where, room=room)

    async def _list_either_way(self, operation: str, key: str, **params: Any) -> Entries:
        """All entries of a list whose SDK call knows checkpoints only, first by offset, as that is faster."""
        room = Room(key, self._where)

        async def page(number: int) -> Any:
            query = {"page": number, "per_page": PER_PAGE}
            return await self._page(room, operation, include_totals=True, take=None, query=query, **params)

        async def beyond(start: str | None) -> Any:
            return await self._page(room, operation, include_totals=None, take=PER_PAGE, from_=start, **params)

        return await by_offset(page, key, "id", self._where, beyond, room)

    async def _list_by_checkpoint(self, operation: str, key: str, *args: Any, identity: str) -> Entries:
        room = Room(key, self._where)

        async def page(start: str | None) -> Any:
            return await self._page(room, operation, *args, take=PER_PAGE, from_=start)

        return await by_checkpoint(page, key, identity, self._where, room)

    async def _page(self, room: Room, operation: str, *args: Any, **params: Any) -> Any:
        answer, size = await self._session.read_sized(operation, *args, **params)
        room.take(0, size)
        return answer

    def _checked(self, operation: str, answer: Any) -> Json:
        if not isinstance(answer, dict):
            raise UnexpectedAnswer(f"the answer to {operation} is not a JSON object", where=self._where)
        if wrong := misfit(answer, operation.rpartition(".")[0]):
            raise UnexpectedAnswer(
                f"the answer to {operation} is not as documented: {one_line(wrong)}",
                where=self._where,
                hint="Check `domain` and `base_url` in the tenant's file, and whether a proxy answers in its place.",
            )
        return answer

    def _entries(self, answer: Any, key: str) -> Entries:
        return entries_of(answer, key, self._where)
