"""The one interface that every kind of resource has, so that plans and applies know no kind by name."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from deployer.resources.marker import OwnershipMarker
from deployer.resources.model import Desired, Live, Saved
from deployer.resources.server_completed import Path, ServerCompleted

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway


class Kind(Protocol):
    """How resources of one kind are read and written. Every method that writes makes at most one write per request
    that the tenant could answer, and raises the gateway's errors."""

    name: str
    server_completed: ServerCompleted
    """What the tenant completes, fills in and excludes by itself, whatever its age."""

    cannot_detect_writes: bool
    """Whether the tenant shows nothing that tells if a write took place: an undo then writes in any case."""

    keeps_secrets: bool
    """Whether its secrets are written with it; those of a rule are resources of their own."""

    keeps_unsent_secrets: bool
    """Whether a write leaves the secrets that it names without a value as they are."""

    notes_apart: bool
    """Whether notes can be written while everything that runs stays untouched."""

    transient_fields: frozenset[tuple[str, ...]]
    """Attributes (by the first part of their path) that are something else while a write is under way."""

    def resolve_against(self, wanted: Desired, have: Live | None) -> Desired:
        """What a definition means, given what is there.

        Raises:
            RefusedError: for something that cannot be changed.
        """
        ...

    async def without_ours(self, gateway: "Gateway", have: Live) -> Desired | None:
        """What stays when ours is taken out of what belongs to everybody; None where the resource goes as a whole."""
        ...

    async def output(self, gateway: "Gateway", have: Live, field: str) -> str:
        """A value that other resources take from this one. Raises DeployerError where there is none of that name."""
        ...

    async def read(self, gateway: "Gateway", wanted: Sequence[Desired]) -> list[Live]:
        """The live state of every resource of this kind whose name is among `wanted`."""
        ...

    async def refresh(self, gateway: "Gateway", wanted: Desired, resource_id: str) -> Live | None:
        """The live state of one resource, read anew by its id; None where the tenant no longer has it."""
        ...

    def removed_by_write(self, wanted: Desired, have: Live) -> list[tuple[str, ...]]:
        """Paths of live attributes that a write removes although the definition does not name them."""
        ...

    def tenants_own(self, wanted: Desired, have: Live, *, just_written: bool = False) -> frozenset[Path]:
        """Those of the `removed_by_write` attributes that the tenant has added by itself, or that have no effect.

        They alone are no reason for a write. Right after a write of `wanted` (`just_written`) whatever is there beside
        it is the tenant's own, known or not: no request can have held both.
        """
        ...

    def addition(self, wanted: Desired, now: Live) -> str | None:
        """The digest of what the tenant has added to what was just written, where nothing but a note tells later."""
        ...

    async def create(
        self, gateway: "Gateway", wanted: Desired, values: Mapping[str, str], notes: OwnershipMarker
    ) -> str:
        """Create the resource in one write; the id it got."""
        ...

    async def update(
        self, gateway: "Gateway", wanted: Desired, have: Live, values: Mapping[str, str], notes: OwnershipMarker
    ) -> Live | None:
        """Write what is wanted over what is there; what the tenant answered, where that shows its secrets."""
        ...

    async def note(self, gateway: "Gateway", wanted: Desired, have: Live, notes: OwnershipMarker) -> Live:
        """Write the notes alone, which changes nothing else; the state that the tenant answers with."""
        ...

    def is_written(self, wanted: Desired, now: Live, notes: OwnershipMarker) -> bool:
        """Whether `now` is what a write of `wanted` with these notes leaves behind, asked after a lost answer."""
        ...

    def made_by(self, now: Live, run: str) -> bool:
        """Whether the run of that name created or last wrote this resource."""
        ...

    async def restore(
        self,
        gateway: "Gateway",
        before: Saved,
        now: Live | None,
        values: Mapping[str, str],
        notes: OwnershipMarker | None,
    ) -> None:
        """Make the resource what it was: attributes by value, secrets by the values given.

        `now` is None where the resource is gone; `notes` are those to write, None for a resource that had none.
        """
        ...

    def not_restorable(self, before: Saved, now: Live) -> list[str]:
        """What `restore` cannot bring back, in words."""
        ...

    async def delete(self, gateway: "Gateway", have: Live) -> None:
        """Delete the resource."""
        ...
