"""Holds a plan: an ordered set of changes, and what it was computed from. Pure data, free of secrets, for a file."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from deployer.config.tree import KEEP, REMOVE, Marker
from deployer.resources.changes import AttributeChange
from deployer.resources.concerns import Concern
from deployer.resources.marker import SecretState
from deployer.resources.model import Desired, Output, SecretSource
from deployer.resources.server_completed import Path
from deployer.state.inventory import Ingredients


class Action(StrEnum):
    """What happens to a resource."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    NO_OP = "no-op"


class Cause(StrEnum):
    """Why a resource is changed that was deployed from here before."""

    TEMPLATE = "template"
    VARIABLE = "variable"
    DEFINITION = "definition"
    SECRET = "secret"  # noqa: S105  a word
    DRIFT = "drift"
    """Somebody else has changed it since."""
    VERSION = "version"
    """This version of deployer makes something else of the same definition."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SecretChange(_Frozen):
    """One secret that a write sets or loses; its value is nowhere in the plan."""

    name: str
    state: SecretState | Literal["removed", "unnamed", "known-later"]


class WantedState(_Frozen):
    """What a change writes: attributes (removed keys listed apart) and the keyed digest of every secret.

    `uncompared_secrets` are those whose value was not at hand when the plan was made. `outputs` says which secrets are
    values of other resources, as text; one of a resource that does not exist yet has no digest.
    """

    attributes: dict[str, Any]
    removed: list[list[str]] = Field(default_factory=list)
    secret_digests: dict[str, str] = Field(default_factory=dict)
    removed_secrets: list[str] = Field(default_factory=list)
    kept_secrets: list[str] = Field(default_factory=list)
    outputs: dict[str, str] = Field(default_factory=dict)
    uncompared_secrets: list[str] = Field(default_factory=list)

    @classmethod
    def of(cls, desired: Desired, digests: Mapping[str, str]) -> "WantedState":
        """Take what a write needs out of a desired state; `digests` are the keyed ones of its secrets, by name."""
        removed: list[list[str]] = []
        attributes = _without_markers(desired.attributes, (), removed)
        return cls(
            attributes=attributes,
            removed=sorted(removed),
            secret_digests=dict(digests),
            removed_secrets=sorted(name for name, source in desired.secrets.items() if source is REMOVE),
            kept_secrets=sorted(name for name, source in desired.secrets.items() if source is KEEP),
            outputs={name: str(source) for name, source in desired.secrets.items() if isinstance(source, Output)},
            uncompared_secrets=sorted(
                name
                for name, source in desired.secrets.items()
                if not isinstance(source, Marker | Output) and name not in digests
            ),
        )

    def to_desired(self, resource: Desired) -> Desired:
        """Build the desired state that `of` was given, for the resource that `resource` names.

        A secret that came from a reference has no source here: its value is handed in separately.
        """
        attributes = _copy(self.attributes)
        for path in self.removed:
            parent = attributes
            for part in path[:-1]:
                parent = parent.setdefault(part, {})
            parent[path[-1]] = REMOVE
        secrets: dict[str, SecretSource] = dict.fromkeys(self.secret_digests, "")
        secrets |= dict.fromkeys(self.uncompared_secrets, "")
        secrets |= {name: Output.parse(text) for name, text in self.outputs.items()}
        secrets |= dict.fromkeys(self.removed_secrets, REMOVE)
        secrets |= dict.fromkeys(self.kept_secrets, KEEP)
        return replace(resource, attributes=attributes, secrets=secrets)


class Change(_Frozen):
    """What happens to one resource.

    `before` is the live state of a resource that is changed, `live_digest` that of any, and `read` the managed
    attributes that were asked for when it was read, so that it is read in the same way again. `owners` are the tenant
    file's connections and Actions that it is deployed for, `id` is its id in the tenant, where it has it already,
    `taken_from` another tenant file that has deployed it.
    """

    kind: str
    name: str
    action: Action
    attributes: list[AttributeChange] = Field(default_factory=list)
    secrets: list[SecretChange] = Field(default_factory=list)
    concerns: list[Concern] = Field(default_factory=list)
    irreversible: list[str] = Field(default_factory=list)
    depends_on: list[str] = Field(default_factory=list)
    lookup: dict[str, str] = Field(default_factory=dict)
    before: dict[str, Any] | None = None
    live_digest: str | None = None
    read: list[str] = Field(default_factory=list)
    owners: list[str] = Field(default_factory=list)
    causes: list[Cause] = Field(default_factory=list)
    id: str | None = None
    taken_from: str | None = None
    wanted: WantedState | None = None

    @property
    def address(self) -> str:
        """`kind.name`."""
        return f"{self.kind}.{self.name}"

    def to_desired(self) -> Desired:
        """Build the desired state that the change writes: what was planned, whatever the files say by then.

        That of a change that writes nothing names what was asked for when the resource was read.
        """
        resource = Desired(
            self.kind,
            self.name,
            dict.fromkeys(self.read),
            depends_on=tuple(self.depends_on),
            lookup=self.lookup,
            owners=tuple(self.owners),
        )
        return self.wanted.to_desired(resource) if self.wanted is not None else resource


class PlannedTenant(_Frozen):
    """The tenant that a plan is for."""

    name: str
    domain: str
    base_url: str


class Leftover(_Frozen):
    """What this tool has put into the tenant, and no definition names any more. Nothing deletes it but `destroy`.

    `loses` says what its deletion means besides, `unknown` why it cannot be told whether it is still there. With an
    `option`, no whole resource is left over but this option of it, a path below `options`: `!remove` takes it out.
    """

    address: str
    option: list[str] | None = None
    loses: str | None = None
    unknown: str | None = None

    @property
    def name(self) -> str:
        """What is left over: `connection.users`, `connection.users options.passwrod`."""
        return f"{self.address} options.{'.'.join(self.option)}" if self.option else self.address


class Origin(_Frozen):
    """Where the definitions of a plan come from, where that is a release and not the working tree.

    Of a promotion: `source` is the tenant that runs the release, `values` in what the target's own values differ from
    the source's (references, never secrets), `untested` the connections that define no contract tests. `left_out` are
    addresses that the tenant's own file makes of templates which the release does not have, with these templates: the
    plan leaves them as they are.
    """

    command: Literal["promote", "rollback"]
    source: str | None = None
    values: list[AttributeChange] = Field(default_factory=list)
    untested: list[str] = Field(default_factory=list)
    left_out: dict[str, str] = Field(default_factory=dict)


class Plan(_Frozen):
    """What an apply will do, in order. Without an `origin`, its definitions are those of the working tree.

    `accepted` are the names of concerns that were accepted when it was saved: applying it asks for them no more.
    `without_secrets`: the secrets' values were not at hand; an apply compares them. `former_key` are addresses of what
    stays as it is and has digests of its secrets that a former key made: an apply notes them under the present one
    where that touches nothing that runs.
    `made_of` are digests of what connections and Actions are made of, by address, where they were needed.
    `enables_on` are connections, by name, on which the tenant itself will enable the applications that are created:
    their applications are not defined here, and nothing is changed there.
    """

    tenant: PlannedTenant
    created_at: datetime
    created_by: str
    key_id: str
    targets: list[str] = Field(default_factory=list)
    release: str | None = None
    origin: Origin | None = None
    changes: list[Change] = Field(default_factory=list)
    wide: list[Concern] = Field(default_factory=list)
    tests: dict[str, str] = Field(default_factory=dict)
    leftovers: list[Leftover] = Field(default_factory=list)
    accepted: list[str] = Field(default_factory=list)
    without_secrets: bool = False
    former_key: list[str] = Field(default_factory=list)
    made_of: dict[str, Ingredients] = Field(default_factory=dict)
    enables_on: list[str] = Field(default_factory=list)

    @property
    def effective(self) -> list[Change]:
        """The changes that do something."""
        return [change for change in self.changes if change.action is not Action.NO_OP]

    @property
    def concerns(self) -> list[Concern]:
        """Everything that must be named before this plan is applied."""
        return [*self.wide, *(concern for change in self.changes for concern in change.concerns)]

    def counts(self) -> dict[Action, int]:
        """Count the changes of each action."""
        counter = Counter(change.action for change in self.changes)
        return {action: counter[action] for action in Action}


def _without_markers(value: Any, path: Path, removed: list[list[str]]) -> Any:
    """Copy attributes without the keys that are marked as removed, whose paths are added to `removed`."""
    if not isinstance(value, Mapping):
        return value
    kept = {}
    for key, item in value.items():
        if item is REMOVE:
            removed.append([*path, key])
        else:
            kept[key] = _without_markers(item, (*path, key), removed)
    return kept


def _copy(value: Any) -> Any:
    return {key: _copy(item) for key, item in value.items()} if isinstance(value, Mapping) else value
