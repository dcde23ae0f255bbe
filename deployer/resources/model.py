"""Defines what a resource is: `Desired` (the files say) and `Live` (the tenant has), with secrets set apart.

Attributes are JSON values in the shape of the Management API's payload. A secret is never among them: `Desired` knows
where it is found, `Live` knows the ciphertext that the tenant shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from deployer.config.tree import Marker, SecretReference
from deployer.digests import digest


@dataclass(frozen=True, slots=True)
class Output:
    """A value that another resource has once it exists, such as a client's secret: the resource, and which value."""

    address: str
    field: str

    def __str__(self) -> str:
        return f"{self.address}#{self.field}"

    @classmethod
    def parse(cls, text: str) -> "Output":
        """Read what `str` wrote."""
        address, _, name = text.rpartition("#")
        return cls(address, name)


SecretSource = SecretReference | str | Marker | Output


@dataclass(frozen=True, slots=True)
class Desired:
    """A resource as it is defined.

    `attributes` holds only what is managed; a `REMOVE` marker in it says that the tenant must not have that key.
    `secrets` maps the secret's name in the tenant to where its value is found. `lookup` says how a resource that this
    tool has not marked yet is found, where its name alone does not tell. `owners` says by address for which
    connection or Action of the tenant file it is deployed; a flow has those of everything that is bound in it.
    """

    kind: str
    name: str
    attributes: Mapping[str, Any]
    secrets: Mapping[str, SecretSource] = field(default_factory=dict)
    depends_on: tuple[str, ...] = ()
    lookup: Mapping[str, str] = field(default_factory=dict)
    owners: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """`kind.name`, the name of the resource in plans, output and options."""
        return f"{self.kind}.{self.name}"


@dataclass(frozen=True, slots=True)
class Live:
    """A resource as the tenant has it.

    `attributes` are what can be compared, without ciphertexts and without this tool's own notes. `raw` is the tenant's
    answer, `ciphertexts` what it shows of each secret, `notes` what this tool wrote down with the resource.
    """

    kind: str
    name: str
    id: str
    attributes: Mapping[str, Any]
    raw: Mapping[str, Any] = field(repr=False)
    ciphertexts: Mapping[str, str] = field(default_factory=dict, repr=False)
    notes: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def address(self) -> str:
        """`kind.name`."""
        return f"{self.kind}.{self.name}"

    @property
    def secret_digests(self) -> dict[str, str]:
        """The digest of what the tenant shows of each secret."""
        return {name: digest(text) for name, text in self.ciphertexts.items()}

    def comparable(self) -> dict[str, Any]:
        """Return all that makes this state different from another one, free of secrets."""
        return {
            "id": self.id,
            "attributes": dict(self.attributes),
            "secrets": self.secret_digests,
        }


@dataclass(frozen=True, slots=True)
class Saved:
    """A live state as it is kept in a snapshot: without ciphertexts, but with their digests."""

    kind: str
    name: str
    id: str
    attributes: Mapping[str, Any]
    secret_digests: Mapping[str, str]
    notes: Mapping[str, str]

    @classmethod
    def of(cls, live: Live) -> "Saved":
        """Take what is kept of a live state."""
        return cls(live.kind, live.name, live.id, live.attributes, live.secret_digests, dict(live.notes))

    @property
    def address(self) -> str:
        """`kind.name`."""
        return f"{self.kind}.{self.name}"

    def comparable(self) -> dict[str, Any]:
        """Return the same as `Live.comparable`."""
        return {"id": self.id, "attributes": dict(self.attributes), "secrets": dict(self.secret_digests)}
