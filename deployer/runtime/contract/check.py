"""The interface of a check: what it is called, what it needs, and a function from a harness to faults."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deployer.runtime.contract.harness import Harness


class Skipped(Exception):  # noqa: N818  it is no error
    """Raised by a check that cannot be done here, with the reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PremiseFailed(Skipped):
    """Raised where what a check stands on does not work, with the cause: it would prove nothing."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check. `run` gives the faults it found, each one sentence; `needs` are script kinds it cannot do without."""

    name: str
    title: str
    run: Callable[["Harness"], Awaitable[list[str]]]
    needs: tuple[str, ...] = ()
    known_user: bool = False
    """Whether it proves something only if the known user can log in."""
    after_migration: bool = False
    """Whether it means anything once the migration is complete and the scripts do nothing."""
