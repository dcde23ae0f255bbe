"""What most kinds have in common: the answers of a kind to which a question of the interface does not apply."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from deployer.errors import DeployerError
from deployer.resources.marker import NOTE_KEY, OwnershipMarker
from deployer.resources.model import Desired, Live, Saved
from deployer.resources.server_completed import Path, ServerCompleted

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway


class BaseKind:
    """A kind without secrets of its own, whose resources are managed whole."""

    server_completed = ServerCompleted()
    cannot_detect_writes = False
    keeps_secrets = True
    keeps_unsent_secrets = False
    notes_apart = False
    transient_fields: frozenset[tuple[str, ...]] = frozenset()

    def resolve_against(self, wanted: Desired, have: Live | None) -> Desired:  # noqa: ARG002
        """The definition means the same whatever is there."""
        return wanted

    def removed_by_write(self, wanted: Desired, have: Live) -> list[tuple[str, ...]]:  # noqa: ARG002
        """A write removes nothing."""
        return []

    def tenants_own(self, wanted: Desired, have: Live, *, just_written: bool = False) -> frozenset[Path]:  # noqa: ARG002
        """A write removes nothing, so nothing of it is the tenant's own."""
        return frozenset()

    def addition(self, wanted: Desired, now: Live) -> str | None:  # noqa: ARG002
        """The tenant adds nothing that has to be noted."""
        return None

    async def note(self, gateway: "Gateway", wanted: Desired, have: Live, notes: OwnershipMarker) -> Live:  # noqa: ARG002
        """Nothing to note beyond what was written."""
        return have

    def is_written(self, wanted: Desired, now: Live, notes: OwnershipMarker) -> bool:  # noqa: ARG002
        """The notes name the run."""
        return notes.run is not None and self.made_by(now, notes.run)

    def made_by(self, now: Live, run: str) -> bool:
        """The notes name the run."""
        noted = OwnershipMarker.read(now.notes)
        return noted is not None and noted.run == run

    def not_restorable(self, before: Saved, now: Live) -> list[str]:  # noqa: ARG002
        """Everything can be brought back."""
        return []

    async def without_ours(self, gateway: "Gateway", have: Live) -> Desired | None:  # noqa: ARG002
        """The resource is ours as a whole, and goes as a whole."""
        return None

    async def output(self, gateway: "Gateway", have: Live, field: str) -> str:  # noqa: ARG002
        """Nothing here is handed to other resources."""
        raise DeployerError(f"it has no value '{field}' for other resources", where=have.address)


class CodeMarkedKind(BaseKind):
    """A kind whose resources show that they are ours, and have no place for the name of the run that wrote them."""

    def is_written(self, wanted: Desired, now: Live, notes: OwnershipMarker) -> bool:  # noqa: ARG002
        """It has everything that was sent."""
        return not differences(wanted.attributes, now.attributes)

    def made_by(self, now: Live, run: str) -> bool:  # noqa: ARG002
        """There is no place for the run's name. Asked only about what was not there before, under the tenant's lock."""
        return NOTE_KEY in now.notes


def choose_owned(found: Sequence[Live], address: str) -> Live | None:
    """The resource among several of one name: ours, where exactly one is.

    Raises:
        DeployerError: where it cannot be told which one is meant.
    """
    ours = [live for live in found if NOTE_KEY in live.notes]
    chosen = ours or list(found)
    if len(chosen) > 1:
        _ambiguous(len(chosen), address)
    return chosen[0] if chosen else None


def _ambiguous(number: int, address: str) -> NoReturn:
    raise DeployerError(
        f"the tenant has {number} of this name, and it cannot be told which one is meant",
        where=address,
        hint="Rename or delete the others in the Auth0 Dashboard.",
    )


def differences(wanted: Mapping[str, Any], have: Mapping[str, Any]) -> dict[str, Any]:
    """The top-level attributes that a PATCH has to send."""
    return {key: value for key, value in wanted.items() if have.get(key) != value}
