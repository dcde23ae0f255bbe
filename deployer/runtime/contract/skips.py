"""Defines how a check says that it cannot be done, and why."""


class Skipped(Exception):  # noqa: N818  it is no error
    """Raised by a check that cannot be done here, with the reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PremiseFailed(Skipped):
    """Raised where what a check stands on does not work, with the cause: it would prove nothing."""
