"""Keeps, by tenant, the addresses of everything that this tool may have put there.

One object for each tenant, `inventory/TENANT.json`, so that a plan finds out in one read. An address is in it before
the tenant gets the resource, and leaves it after the resource has left the tenant: it may name too much, never too
little, and the tenant itself says what is still there. Where none was kept yet, the history tells the same.

Beside an address stands how the resource was left by a deployment that ended well: noted after its end, and dropped
before the first write of the next one, so that it is never older than what the tenant was given last. So do the owners
of the resource and what the tenant calls it by, so that neither is ever read out of a name.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from deployer.state.history import History
from deployer.state.names import make_key
from deployer.state.objects import Objects, Stored
from deployer.state.records import encode

FORMAT = 1

OptionPath = tuple[str, ...]


class FinalState(BaseModel):
    """How a resource was left: the digest of its whole live state, and the managed attributes that it was read by."""

    model_config = ConfigDict(frozen=True)

    digest: str
    read: list[str] = Field(default_factory=list)


class Ingredients(BaseModel):
    """Digests of what connections and Actions are made of: templates, variables, and the rest of the definition."""

    model_config = ConfigDict(frozen=True)

    template: str
    variable: str
    definition: str


class Identity(BaseModel):
    """The connections and Actions of the tenant file that a resource was deployed for, and its id in the tenant.

    Both are unknown of what was deployed before they were noted; the id also where the tenant may have given another.
    `taken_from` is another tenant file that the tenant still names as the one which deployed it. `made_of` is known of
    connections and Actions.
    """

    model_config = ConfigDict(frozen=True)

    owners: list[str] = Field(default_factory=list)
    id: str | None = None
    taken_from: str | None = None
    made_of: Ingredients | None = None


class _Record(BaseModel):
    """What is in the object. Fields that a newer version added are lost at the next write."""

    model_config = ConfigDict(frozen=True)

    format: int = Field(FORMAT, ge=1)
    addresses: list[str]
    left: dict[str, FinalState] = Field(default_factory=dict)
    options: dict[str, list[list[str]]] | None = None
    identities: dict[str, Identity] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """The addresses of everything that a tenant was given and still has, and how it was left, where that is noted.

    `options` are those of connections, by address, that were written under names which Auth0 is not known to have; None
    where none were noted yet. `identities` say by address for whom a resource was deployed, and its id.
    """

    addresses: frozenset[str] = frozenset()
    final_states: Mapping[str, FinalState] = field(default_factory=dict)
    options: Mapping[str, frozenset[OptionPath]] | None = None
    identities: Mapping[str, Identity] = field(default_factory=dict)

    def owners_of(self, address: str) -> list[str]:
        """List the connections and Actions that a resource was deployed for; none where that is not noted."""
        known = self.identities.get(address)
        return known.owners if known else []

    def id_of(self, address: str) -> str | None:
        """Return what the tenant calls a resource by, None where that is not noted."""
        known = self.identities.get(address)
        return known.id if known else None

    def without(self, addresses: Collection[str]) -> Mapping[str, FinalState]:
        """Return how resources were left, without those at these addresses."""
        return {address: state for address, state in self.final_states.items() if address not in addresses}


class Inventory:
    """What all tenants whose state is here have been given."""

    def __init__(self, objects: Objects, history: History) -> None:
        self._objects = objects
        self._history = history

    def tenants(self) -> list[str]:
        """List the names of the tenants that something was noted of."""
        keys = self._objects.list("inventory")
        return [key.removeprefix("inventory/").removesuffix(".json") for key in keys if key.endswith(".json")]

    def read(self, tenant: str) -> frozenset[str]:
        """Read the addresses of everything that the tenant was given and that has not been deleted since. Writes
        nothing.
        """
        return self.known(tenant).addresses

    def known(self, tenant: str) -> Known:
        """Read the same, and how everything was left."""
        return self._known(tenant, self._objects.get(_key(tenant)))

    def add(
        self,
        tenant: str,
        addresses: Collection[str],
        changing: Collection[str] = (),
        options: Mapping[str, Collection[OptionPath]] | None = None,
        identities: Mapping[str, Identity] | None = None,
    ) -> frozenset[str]:
        """Note that the tenant is about to be given these; return those that it was not given before.

        How it was left is forgotten of what is about to change. `options` are noted as `Known` has them, `identities`
        in place of those that were: an id that is unknown now is forgotten, owners are not.
        """

        def noted(known: Known) -> Known:
            old, new = known.options or {}, options or {}
            both = {one: old.get(one, frozenset()) | {*new.get(one, ())} for one in old.keys() | new.keys()}
            return Known(
                known.addresses | {*addresses},
                known.without(changing),
                known.options if options is None else {one: paths for one, paths in both.items() if paths},
                {**known.identities, **_owned(known, identities or {})},
            )

        before = self._change(tenant, noted)
        return frozenset(addresses) - before.addresses

    def remove(self, tenant: str, addresses: Collection[str]) -> None:
        """Note that the tenant does not have these any more."""
        if addresses:

            def gone(known: Known) -> Known:
                kept = {one: paths for one, paths in (known.options or {}).items() if one not in addresses}
                options = None if known.options is None else kept
                identities = {one: each for one, each in known.identities.items() if one not in addresses}
                return Known(known.addresses - {*addresses}, known.without(addresses), options, identities)

            self._change(tenant, gone)

    def note_final_states(
        self,
        tenant: str,
        states: Mapping[str, FinalState],
        identities: Mapping[str, Identity] | None = None,
        *,
        gaps_only: bool = False,
    ) -> None:
        """Note how resources were left by what ended well, and their identities; `gaps_only` what is not noted yet."""

        def noted(known: Known) -> Known:
            mine = {address: state for address, state in states.items() if address in known.addresses}
            both = {**mine, **known.final_states} if gaps_only else {**known.final_states, **mine}
            given = {one: each for one, each in (identities or {}).items() if one in known.addresses}
            if gaps_only:
                given = {one: _filled(known.identities.get(one), each) for one, each in given.items()}
            return replace(known, final_states=both, identities={**known.identities, **_owned(known, given)})

        if states or identities:
            self._change(tenant, noted)

    def _change(self, tenant: str, change: Callable[[Known], Known]) -> Known:
        """Write what is known after the change; return what was known before it."""
        while True:
            stored = self._objects.get(_key(tenant))
            known = self._known(tenant, stored)
            after = change(known)
            if stored is not None and after == known:
                return known
            data = encode(_record(after))
            if stored is None:
                done = self._objects.put_if_absent(_key(tenant), data)
            else:
                done = self._objects.put_if_match(_key(tenant), data, stored.version)
            if done is not None:  # else somebody else was faster: again, over what they wrote
                return known

    def _known(self, tenant: str, stored: Stored | None) -> Known:
        if stored is not None:
            try:
                record = _Record.model_validate_json(stored.data)
                return Known(frozenset(record.addresses), record.left, _options(record), record.identities)
            except ValidationError:
                pass  # damaged: the history knows as well
        return Known(self._by_history(tenant))

    def _by_history(self, tenant: str) -> frozenset[str]:
        given: set[str] = set()
        for record in reversed(list(self._history.newest_first(tenant))):
            if record.command == "destroy":
                given -= set(record.addresses) if record.result == "succeeded" else set()
            elif record.result != "rolled-back":
                given |= {*record.addresses, *record.given}
        return frozenset(given)


def _owned(known: Known, identities: Mapping[str, Identity]) -> dict[str, Identity]:
    """Keep of each identity the owners and ingredients that are noted already where nothing says others."""
    nothing = Identity()
    return {
        address: one.model_copy(
            update={"owners": one.owners or before.owners, "made_of": one.made_of or before.made_of}
        )
        for address, one in identities.items()
        for before in [known.identities.get(address, nothing)]
    }


def _filled(noted: Identity | None, given: Identity) -> Identity:
    if noted is None:
        return given
    return Identity(
        owners=noted.owners or given.owners,
        id=noted.id or given.id,
        taken_from=given.taken_from or noted.taken_from,
        # Of what stayed as it is, what it is made of now is as true as what was noted, and what later changes go by.
        made_of=given.made_of or noted.made_of,
    )


def _record(known: Known) -> _Record:
    options = known.options
    return _Record(
        addresses=sorted(known.addresses),
        left=dict(sorted(known.final_states.items())),
        options=None if options is None else {one: sorted(map(list, options[one])) for one in sorted(options)},
        identities=dict(sorted(known.identities.items())),
    )


def _options(record: _Record) -> dict[str, frozenset[OptionPath]] | None:
    if record.options is None:
        return None
    return {address: frozenset(map(tuple, paths)) for address, paths in record.options.items()}


def _key(tenant: str) -> str:
    return make_key("inventory", f"{tenant}.json")
