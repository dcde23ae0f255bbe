"""Cuts lists into pages, in the shape that a call's paging parameters ask for.

`page`/`per_page`/`include_totals`, or `from`/`take` where an endpoint has checkpoints:
https://auth0.com/docs/api/management/v2/connections/get-connections
"""

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any

from deployer.sandbox.calls import Call, Response
from deployer.sandbox.errors import invalid_query

MAX_PAGE = 100
DEFAULT_PAGE = 50
_FAR = 10**9


def cursor(seq: int) -> str:
    """Make the opaque `next` for what follows a place in the list."""
    return base64.urlsafe_b64encode(json.dumps({"after": seq}).encode()).rstrip(b"=").decode()


def read_cursor(text: str) -> int:
    """Find the place that a cursor stands for. Raises ApiError 400."""
    try:
        data = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        after = data["after"]
        if not isinstance(after, int) or not 0 <= after < 2**62:
            raise ValueError(text)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise invalid_query("Invalid value for the parameter 'from': it is not a 'next' of this list.") from error
    return after


def wants_checkpoint(call: Call) -> bool:
    """Return whether `from` or `take` choose checkpoint pagination, whatever else is there."""
    return call.first("from") is not None or call.first("take") is not None


def stored_page(
    call: Call,
    kind: str,
    key: str,
    *,
    tags: Sequence[str] | None = None,
    checkpoint: bool = False,
    show: Callable[[str], str] | None = None,
) -> Response:
    """Build one page of the documents of a kind from their JSON texts as they are (or through `show`)."""
    storage = call.tenant.storage
    if checkpoint and wants_checkpoint(call):
        take = call.number("take", 1, MAX_PAGE) or DEFAULT_PAGE
        start = call.first("from")
        rows = storage.page(kind, after=read_cursor(start) if start else 0, limit=take + 1, tags=tags)
        texts = [text if show is None else show(text) for _, text in rows[:take]]
        more = f', "next": "{cursor(rows[take - 1][0])}"' if len(rows) > take else ""
        return Response(text=f'{{"{key}": [{", ".join(texts)}]{more}}}')
    page, per_page, totals = numbers(call)
    rows = storage.page(kind, offset=page * per_page, limit=per_page, tags=tags)
    listed = "[" + ", ".join(text if show is None else show(text) for _, text in rows) + "]"
    if not totals:
        return Response(text=listed)
    total = storage.count(kind, tags)
    head = f'"total": {total}, "start": {page * per_page}, "limit": {per_page}, "length": {len(rows)}'
    return Response(text=f'{{{head}, "{key}": {listed}}}')


def numbers(call: Call) -> tuple[int, int, bool]:
    """Read `page`, `per_page` and `include_totals` of a call. Raises ApiError 400."""
    page = call.number("page", 0, _FAR) or 0
    per_page = call.number("per_page", 0, MAX_PAGE)
    return page, DEFAULT_PAGE if per_page is None else per_page, bool(call.flag("include_totals"))


def listed_page(call: Call, key: str, items: Sequence[Any], *, checkpoint: bool = False) -> Response:
    """Build one page of a list that is at hand."""
    if checkpoint and wants_checkpoint(call):
        take = call.number("take", 1, MAX_PAGE) or DEFAULT_PAGE
        start = call.first("from")
        after = read_cursor(start) if start else 0
        body: dict[str, Any] = {key: list(items[after : after + take])}
        if len(items) > after + take:
            body["next"] = cursor(after + take)
        return Response(body=body)
    page, per_page, totals = numbers(call)
    first = page * per_page
    part = list(items[first : first + per_page])
    if not totals:
        return Response(body=part)
    return Response(body={"total": len(items), "start": first, "limit": per_page, "length": len(part), key: part})


def counted_page(
    call: Call, key: str, items: Sequence[dict[str, Any]], show: Callable[[dict[str, Any]], dict[str, Any]]
) -> Response:
    """Build a page as the Actions service does: without those of `total`, `page` and `per_page` that are 0."""
    page, per_page, _ = numbers(call)
    part = items[page * per_page : (page + 1) * per_page]
    counts = {"total": len(items) if part else 0, "page": page, "per_page": per_page}
    body: dict[str, Any] = {key: [show(item) for item in part]}
    return Response(body={**body, **{name: number for name, number in counts.items() if number}})


def choose_fields(call: Call, always: Sequence[str] = ()) -> Callable[[dict[str, Any]], dict[str, Any]] | None:
    """Build the filter that `fields` and `include_fields` ask for; None where they leave everything."""
    fields = call.first("fields")
    include = call.flag("include_fields")
    if fields is None:
        return None
    names = {name.strip() for name in fields.split(",")}
    if include is False:
        return lambda body: {key: value for key, value in body.items() if key not in names or key in always}
    return lambda body: {key: value for key, value in body.items() if key in names or key in always}
