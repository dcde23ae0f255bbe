"""Describes, for `deployer import`, what a kind finds in a tenant and how a tenant file says it."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from deployer.config.models import Tenant


@dataclass(frozen=True)
class Candidate:
    """A resource of the tenant that can be imported by its name.

    `raw` is the tenant's answer. `left_out` says why it is not imported unless it is named; None where nothing is
    against it.
    """

    name: str
    raw: Mapping[str, Any] = field(repr=False)
    left_out: str | None = None


@dataclass(frozen=True)
class ImportRequest:
    """For whom an import is made: the tenant, and the environment variables that its files name already."""

    tenant: Tenant
    used_variables: AbstractSet[str] = frozenset()


@dataclass(frozen=True)
class Imported:
    """A resource as files say it: `definition` for the `section` of the tenant file that its `kind` has.

    Of a connection, `definition` lacks its `store`, which the `scripts` (by kind of script) get; `header` says whether
    these begin with this tool's comment. `variables` maps environment variables to the secrets that they are for;
    `notes` are what a person has to know.
    """

    name: str
    definition: dict[str, Any]
    scripts: dict[str, str] = field(default_factory=dict)
    header: bool = False
    variables: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    section: str = "connections"
    kind: str = "connection"

    @property
    def address(self) -> str:
        """`kind.name`."""
        return f"{self.kind}.{self.name}"
