"""Defines what an endpoint is, the request that its handler gets (`Call`) and the `Response` that it returns.

A resource module declares `Endpoint`s. All that every endpoint needs (token, scopes, JSON, one transaction per write)
is done around it by `app`.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from deployer.sandbox.errors import invalid_body, invalid_query
from deployer.sandbox.schema import Invalid, Schema

if TYPE_CHECKING:
    from deployer.sandbox.tenant import Tenant

MAX_BODY_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Response:
    """Status and body. `text` is a body that is JSON already, or has its own `content-type`."""

    status: int = 200
    body: Any = None
    text: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def render(self) -> bytes:
        """Render the bytes of the body."""
        if self.text is not None:
            return self.text.encode()
        return b"" if self.body is None else json.dumps(self.body).encode()


@dataclass(slots=True)
class Call:
    """One authenticated request. `query` holds every value of each parameter, in order."""

    tenant: "Tenant"
    params: dict[str, str]
    query: dict[str, list[str]]
    body: Any
    scopes: frozenset[str]
    client_id: str = ""
    headers: dict[bytes, bytes] = field(default_factory=dict)

    def first(self, name: str) -> str | None:
        """Read a query parameter's value; empty counts as absent."""
        values = self.query.get(name)
        return values[0] if values and values[0] != "" else None

    def flag(self, name: str) -> bool | None:
        """Read a boolean query parameter. Raises ApiError 400."""
        value = self.first(name)
        if value is None:
            return None
        if value.lower() not in ("true", "false"):
            raise invalid_query(
                f"Query validation error: 'Expected type boolean but found type string' on property {name}."
            )
        return value.lower() == "true"

    def number(self, name: str, low: int, high: int) -> int | None:
        """Read an integer query parameter between two bounds. Raises ApiError 400."""
        value = self.first(name)
        if value is None:
            return None
        if not value.lstrip("-").isascii() or not value.lstrip("-").isdigit() or len(value) > 18:
            raise invalid_query(
                f"Query validation error: 'Expected type integer but found type string' on property {name}."
            )
        number = int(value)
        if number < low:
            raise invalid_query(
                f"Query validation error: 'Value {number} is less than minimum {low}' on property {name}."
            )
        if number > high:
            raise invalid_query(
                f"Query validation error: 'Value {number} is greater than maximum {high}' on property {name}."
            )
        return number

    def payload(self, schema: Schema) -> Any:
        """Check the body, and return it. Raises ApiError 400."""
        try:
            schema.check(self.body)
        except Invalid as error:
            raise invalid_body(error.message()) from error
        return self.body


Handler = Callable[[Call], Response | Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method and path below the tenant's root, the scopes of which one is needed, and what answers.

    A handler runs inside one transaction. One that returns an awaitable is awaited outside of it and opens its own.
    """

    method: str
    path: str
    scopes: tuple[str, ...]
    handler: Handler
    public: bool = False
