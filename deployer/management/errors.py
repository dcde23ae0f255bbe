"""Defines everything that can go wrong when talking to a tenant, as typed errors that users can read.

Text that a tenant sent enters a message only through `deployer.text`; tokens and secrets never do.
"""
# ruff: noqa: N818  each name says what is wrong; `Error` behind it would say nothing more

from collections.abc import Sequence
from typing import TypedDict, Unpack

from deployer.errors import DeployerError


class Details(TypedDict, total=False):
    """What every error may be told besides what is wrong."""

    where: str | None
    hint: str | None
    request: str | None
    status: int | None


class ManagementError(DeployerError):
    """A call to the tenant failed. `request`: method and path, if one was made. `status`: HTTP status, if one came.

    `unbegun`: no token could be had, so the call itself was never made.
    """

    not_attempted = False

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        hint: str | None = None,
        request: str | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(what, where=where, hint=hint)
        self.request = request
        self.status = status

    @property
    def transient(self) -> bool:
        """True when the same read, made again soon, may well succeed."""
        return False


class WrongCredentials(ManagementError):
    """The tenant refused the client id, its secret or key, or the token made with them."""


class MissingScope(ManagementError):
    """The application lacks the Management API scopes named in `scopes` (any one of them may be enough)."""

    def __init__(self, what: str, *, scopes: Sequence[str], **details: Unpack[Details]) -> None:
        super().__init__(what, **details)
        self.scopes = tuple(scopes)


class NotFound(ManagementError):
    """The tenant has no such thing (404 in Auth0's own words, not a proxy's)."""


class Conflict(ManagementError):
    """The tenant already has a thing with that name or key (409)."""


class InvalidRequest(ManagementError):
    """The tenant refused what was sent (400 and the other 4xx); nothing has changed."""


class Throttled(ManagementError):
    """429. Nothing happened; `wait`: seconds the tenant asked to wait, None if it did not say."""

    def __init__(self, what: str, *, wait: float | None = None, **details: Unpack[Details]) -> None:
        details.setdefault("status", 429)
        super().__init__(what, **details)
        self.wait = wait

    @property
    def transient(self) -> bool:
        return True


class Unreachable(ManagementError):
    """No complete answer came. `sent`: the request may have reached the tenant. `permanent`: trying again is no use."""

    def __init__(self, what: str, *, sent: bool, permanent: bool = False, **details: Unpack[Details]) -> None:
        super().__init__(what, **details)
        self.sent = sent
        self.permanent = permanent

    @property
    def transient(self) -> bool:
        return not self.permanent


class ServerError(ManagementError):
    """5xx (or 408), still so after the retries that a read gets."""

    @property
    def transient(self) -> bool:
        return True


class UnexpectedResponse(ManagementError):
    """Not what Auth0 sends: not JSON, a proxy's page, a wrong shape. `broken`: JSON that ends too early."""

    def __init__(self, what: str, *, broken: bool = False, **details: Unpack[Details]) -> None:
        super().__init__(what, **details)
        self.broken = broken

    @property
    def transient(self) -> bool:
        return self.broken


class OutcomeUnknown(ManagementError):
    """A write was sent and its result never arrived: it may have happened. Read before doing anything else.

    `cause`: the error that hid the result.
    """

    def __init__(self, cause: ManagementError) -> None:
        super().__init__(
            f"the write may or may not have happened: {cause.what}",
            where=cause.where,
            hint="It is not repeated blindly; plan again to see what the tenant has now.",
            request=cause.request,
            status=cause.status,
        )
        self.cause = cause


class BuildFailed(ManagementError):
    """The tenant could not build an action, or did not finish in time; the message has the build's errors."""
