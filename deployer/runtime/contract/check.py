"""Defines what a check is: a name, what it needs, and a function that finds faults with the help of a harness."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from deployer.runtime.contract.harness import Harness


@dataclass(frozen=True, slots=True)
class Check:
    """One check. `run` gives the faults it found, each one sentence; `needs` are script kinds it cannot do without."""

    name: str
    title: str
    run: Callable[[Harness], Awaitable[list[str]]]
    needs: tuple[str, ...] = ()
    known_user: bool = False
    """Whether it proves something only if the known user can log in."""
    after_migration: bool = False
    """Whether it means anything once the migration is complete and the scripts do nothing."""
