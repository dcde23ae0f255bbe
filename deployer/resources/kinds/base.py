"""Defines what a kind of resource is: the questions that plans, applies and imports ask, and the usual answers."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from typing_extensions import override

from deployer.config.models import Tenant
from deployer.config.problems import Position, Problem
from deployer.errors import DeployerError
from deployer.resources.changes import AttributeChange
from deployer.resources.concerns import Concern
from deployer.resources.definitions import Definitions
from deployer.resources.importable import Candidate, Imported, ImportRequest
from deployer.resources.marker import NOTE_KEY, OwnershipMarker
from deployer.resources.model import Desired, Live, Saved
from deployer.resources.server_completed import Path, ServerCompleted
from deployer.resources.sign_in import SignIn
from deployer.text import one_line

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway


@dataclass(frozen=True, slots=True)
class Write:
    """A resource to be created: what is desired, the values of its secrets by name, and the marker to write."""

    desired: Desired
    values: Mapping[str, str] = field(repr=False)
    marker: OwnershipMarker


@dataclass(frozen=True, slots=True)
class Update(Write):
    """A resource to be written over `live`, its present state."""

    live: Live


@dataclass(frozen=True, slots=True)
class Restoration:
    """A resource to be made what it was.

    `live` is its present state, None where it is gone; `values` are those of its secrets, as far as they are known;
    `marker` is the one to write, None for a resource that had none.
    """

    before: Saved
    live: Live | None
    values: Mapping[str, str] = field(repr=False)
    marker: OwnershipMarker | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """An update that is planned: what is desired, what is there, and how they differ, by path."""

    desired: Desired
    live: Live
    changes: Mapping[Path, AttributeChange]


class BaseKind(ABC):
    """One kind of resource, such as database connections: everything that is known of it, for all who ask.

    Plans, applies, imports and deletions ask these questions of every kind in `deployer.resources.registry`, and know
    none by name. A resource is a `Desired` (what the tenant file says) and a `Live` (what the tenant has), both with
    attributes in the shape of the Management API's payload. Of a map, the keys that are desired are compared: others
    stay as they are, and `REMOVE` takes one away.

    A subclass must say:

    - `name`, the first half of its resources' addresses;
    - `defined_by`: which of its resources a tenant file defines;
    - `read` and `refresh`: what the tenant has. The `Live` says in `notes` whether it is ours: with those of an
      `OwnershipMarker` where the tenant has a place for it, else with `NOTE_KEY` alone (see `CodeMarkedKind`);
    - `create`, `update`, `restore` and `delete`. Each makes at most one write per request that the tenant could answer,
      lets the gateway's errors through, and never repeats a write whose outcome is unknown.

    A subclass may say, where the usual answer is wrong for it, whatever follows below: what the tenant does by itself
    (`server_completed`, `removed_by_write`, `tenants_own`, `addition`), what is dangerous about a change (`concerns`,
    `irreversible`, `unwritable`, `check_hands_off`), how its secrets work (`secrets_section`, `replaces_secrets`,
    `keeps_secrets`, `output`), how a write is recognised (`is_written`, `made_by`, `note`, `cannot_detect_writes`),
    what a deletion means (`deletion_note`, `shared`), where it stands in the tenant file (`section`, `template_keys`),
    and how it is imported (`importable`, `candidates`, `describe`).
    """

    name: ClassVar[str]

    creation_order: ClassVar[int] = 100
    """Among the kinds, when its resources are created: after those that they refer to. Deleted, the other way round."""

    # What the tenant does by itself

    server_completed: ClassVar[ServerCompleted] = ServerCompleted()
    """What the tenant completes, fills in and excludes by itself, whatever its age."""

    transient_fields: ClassVar[frozenset[Path]] = frozenset()
    """Attributes (by the first part of their path) that are something else while a write is under way."""

    # Secrets

    secrets_section: ClassVar[str | None] = None
    """What the tenant file calls the map that its secrets stand in, such as `configuration`."""

    replaces_secrets: ClassVar[frozenset[str]] = frozenset()
    """Top-level attributes with which every secret is written anew, so that one whose value nobody knows is lost."""

    keeps_secrets: ClassVar[bool] = True
    """Whether its secrets are written with it; those of a Rule are resources of their own."""

    # How a write is recognised

    cannot_detect_writes: ClassVar[bool] = False
    """Whether the tenant shows nothing that tells if a write took place: an undo then writes in any case."""

    notes_apart: ClassVar[bool] = False
    """Whether a marker can be written while everything that runs stays untouched."""

    id_is_name: ClassVar[bool] = False
    """Whether the id is but the name, and so does not tell a resource from that of another tenant."""

    # Deletion

    deletion_note: ClassVar[str | None] = None
    """What a deletion means besides, in words: what goes with the resource."""

    shared: ClassVar[bool] = False
    """Whether a resource belongs to everybody: it is never deleted, ours is taken out of it (`without_ours`)."""

    holds_users: ClassVar[bool] = False
    """Whether users are deleted with it, so that a deletion has to be confirmed by name."""

    # Tenant file

    section: ClassVar[str | None] = None
    """The section of the tenant file that defines its resources by name; None where they come with others."""

    template_keys: ClassVar[tuple[str, ...]] = ()
    """The keys of a definition that name its templates. One without any of them only adds to that of another file."""

    importable: ClassVar[bool] = False
    """Whether `deployer import` writes its `section`."""

    title: ClassVar[str] = "resource"
    """What one of them is called in a sentence, such as `database connection`."""

    # Definition

    @abstractmethod
    def defined_by(self, definitions: Definitions) -> Iterable[Desired]:
        """Find the resources of this kind that a tenant file defines, each with its owners and what it depends on.

        Raises:
            DeployerError: for definitions that contradict each other.
        """

    def resolve_against(self, desired: Desired, live: Live | None) -> Desired:
        """Return what a definition means, given what is there. By default it means the same whatever is there.

        Raises:
            RefusedError: for something that cannot be changed.
        """
        return desired

    def noted_ids(self, desired: Desired) -> Mapping[str, str]:
        """Say by whose ids, as noted at an earlier apply, the resource is found: addresses by the key for `lookup`."""
        return {}

    def owners_of(self, live: Live) -> list[str]:
        """Tell from a resource itself for whom it was deployed, where no note does: addresses, its own by default."""
        return [live.address]

    def unknown_options(self, attributes: Mapping[str, Any]) -> Iterable[Path]:
        """Find the options that Auth0 is not known to have: of these, what no definition names any more is told."""
        return ()

    # Reading

    @abstractmethod
    async def read(self, gateway: "Gateway", desired: Sequence[Desired]) -> list[Live]:
        """Read every resource of this kind whose name is among `desired`, in as few requests as can be."""

    @abstractmethod
    async def refresh(self, gateway: "Gateway", desired: Desired, resource_id: str) -> Live | None:
        """Read one resource anew by its id; None where the tenant no longer has it."""

    async def output(self, gateway: "Gateway", live: Live, field: str) -> str:
        """Read a value that other resources take from this one, such as a client's secret.

        Raises:
            DeployerError: where there is none of that name.
        """
        raise DeployerError(f"it has no value '{field}' for other resources", where=live.address)

    # Comparison

    def removed_by_write(self, desired: Desired, live: Live) -> list[Path]:
        """Find the live attributes that a write removes although the definition does not name them."""
        return []

    def tenants_own(self, desired: Desired, live: Live, *, just_written: bool = False) -> frozenset[Path]:
        """Find those `removed_by_write` that the tenant has added by itself, or that have no effect.

        They alone are no reason for a write. Right after a write of `desired` (`just_written`) whatever is there beside
        it is the tenant's own, known or not: no request can have held both.
        """
        return frozenset()

    def addition(self, desired: Desired, live: Live) -> str | None:
        """Digest what the tenant has added to what was just written, where nothing but a note tells later."""
        return None

    # Danger

    def concerns(self, comparison: Comparison) -> Iterable[Concern]:
        """Find what of an update a user has to accept by name, most serious first."""
        return ()

    def irreversible(self, comparison: Comparison) -> list[str]:
        """Say what of an update no roll-back brings back, but for secrets."""
        return []

    def adoption_note(self, desired: Desired, live: Live) -> str:
        """Say what becomes of a resource of somebody else that is adopted, beside being managed: `, and ...`."""
        return ""

    def unwritable(self, tenant: Tenant, desired: Desired, live: Live | None) -> Iterable[Problem]:
        """Find what of a write Auth0 would refuse that only shows beside the live state."""
        return ()

    def check_hands_off(self, own: SignIn, live: Live) -> None:
        """Refuse to go on with a resource that belongs to deployer's own sign-in, or to Auth0.

        Raises:
            RefusedError: nothing was changed.
        """
        return

    def known_as(self, changes: Sequence[AttributeChange]) -> list[str]:
        """Name what somebody has done, where the changes that would set it back show that."""
        return []

    # Writing

    @abstractmethod
    async def create(self, gateway: "Gateway", write: Write) -> str:
        """Create the resource in one write; return the id that it got."""

    @abstractmethod
    async def update(self, gateway: "Gateway", update: Update) -> Live | None:
        """Write what is desired over what is there; return what the tenant answered, where that shows its secrets."""

    async def note(self, gateway: "Gateway", update: Update) -> Live:
        """Write the marker alone, which changes nothing else; return the state that the tenant answers with.

        By default nothing is noted beyond what was written.
        """
        return update.live

    def is_written(self, write: Write, live: Live) -> bool:
        """Return whether `live` is what a write leaves behind, asked after a lost answer. By default the run tells."""
        return write.marker.run is not None and self.made_by(live, write.marker.run)

    def made_by(self, live: Live, run: str) -> bool:
        """Return whether the run of that name created or last wrote this resource."""
        marker = OwnershipMarker.read(live.notes)
        return marker is not None and marker.run == run

    @abstractmethod
    async def restore(self, gateway: "Gateway", restoration: Restoration) -> None:
        """Make the resource what it was: attributes by value, secrets by the values given.

        What was not there before goes away again, keys of maps as well.
        """

    def not_restorable(self, before: Saved, live: Live) -> list[str]:
        """Say what `restore` cannot bring back."""
        return []

    # Deletion

    @abstractmethod
    async def delete(self, gateway: "Gateway", live: Live) -> None:
        """Delete the resource."""

    async def without_ours(self, gateway: "Gateway", live: Live) -> Desired | None:
        """Return what stays when ours is taken out of a `shared` resource; None where the resource goes as a whole."""
        return None

    async def deletion_details(self, gateway: "Gateway", live: Live) -> str | None:
        """Say what goes with this very resource; by default the `deletion_note` of its kind."""
        return self.deletion_note

    # Secrets in texts

    def secret_label(self, resource: str, secret: str) -> str:
        """Name a secret of a resource as its tenant file does: `connection.users configuration.PG_URL`."""
        section = f"{self.secrets_section}." if self.secrets_section else ""
        return f"{self.name}.{resource} {section}{one_line(secret)}"

    def secret_position(self, tenant: Tenant, resource: str, secret: str) -> Position | None:
        """Find where the tenant file gives a secret of a resource; None where it does not."""
        return None

    # Import

    async def candidates(self, gateway: "Gateway", tenant: Tenant) -> list[Candidate]:
        """List what of this kind the tenant has and a definition could say, for an `importable` kind."""
        return []

    async def describe(self, gateway: "Gateway", chosen: Sequence[Candidate], request: ImportRequest) -> list[Imported]:
        """Describe what was chosen as a tenant file says it.

        Raises:
            DeployerError: for what no definition can describe.
        """
        return []


class CodeMarkedKind(BaseKind):
    """A kind whose resources show that they are ours, and have no place for the name of the run that wrote them."""

    @override
    def is_written(self, write: Write, live: Live) -> bool:
        """Return whether it has everything that was sent."""
        return not patch_of(write.desired.attributes, live.attributes)

    @override
    def made_by(self, live: Live, run: str) -> bool:
        """Return whether it is ours. Asked only about what was not there before, under the tenant's lock."""
        return NOTE_KEY in live.notes


def choose_owned(found: Sequence[Live], address: str) -> Live | None:
    """Choose the resource among several of one name: ours, where exactly one is.

    Raises:
        DeployerError: where it cannot be told which one is meant.
    """
    ours = [live for live in found if NOTE_KEY in live.notes]
    chosen = ours or list(found)
    if len(chosen) > 1:
        _refuse_ambiguous(len(chosen), address)
    return chosen[0] if chosen else None


def _refuse_ambiguous(number: int, address: str) -> NoReturn:
    raise DeployerError(
        f"the tenant has {number} of this name, and it cannot be told which one is meant",
        where=address,
        hint="Rename or delete the others in the Auth0 Dashboard.",
    )


def patch_of(desired: Mapping[str, Any], live: Mapping[str, Any]) -> dict[str, Any]:
    """Return the top-level attributes that a PATCH has to send."""
    return {key: value for key, value in desired.items() if live.get(key) != value}
