"""Binds our Actions in a trigger's flow, in front of those of others or behind them.

`PATCH /actions/triggers/{trigger}/bindings` replaces the whole list, so what is written is always everybody's: the
others' entries as they are and in their order, ours in front or at the end.

https://auth0.com/docs/api/management/v2/actions/patch-bindings
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from deployer.concurrency import gather_or_cancel
from deployer.errors import DeployerError
from deployer.resources import action_payload
from deployer.resources.definitions import Definitions
from deployer.resources.kinds.base import BaseKind, Restoration, Update, Write, choose_owned
from deployer.resources.marker import NOTE_KEY, VERSION
from deployer.resources.model import Desired, Live, Saved
from deployer.text import one_line

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway

KIND = "binding"


@dataclass(slots=True)
class _Flow:
    """The names of our Actions in one trigger, in front and at the end, and for whom they are bound there."""

    first: list[str] = field(default_factory=list)
    last: list[str] = field(default_factory=list)
    owners: dict[str, None] = field(default_factory=dict)

    def bind(self, name: str, position: str, owner: str) -> None:
        """Put an Action of an owner in front of the others or at the end."""
        (self.first if position == "first" else self.last).append(name)
        self.owners[owner] = None


class BindingKind(BaseKind):
    """The flow of one trigger. It belongs to everybody, and is there from the beginning."""

    name = KIND
    creation_order = 50
    shared = True
    id_is_name = True

    @override
    def defined_by(self, definitions: Definitions) -> Iterator[Desired]:
        """Find the flow of every trigger in which something is bound, after the Actions that stand in it."""
        flows: defaultdict[str, _Flow] = defaultdict(_Flow)
        for own in definitions.actions:
            flows[own.definition.trigger].bind(own.name, own.definition.position, own.address)
        for one in definitions.connections:
            for guard in one.rendered.guards:
                if guard.form == "action":
                    flows[guard.trigger].bind(guard.name, guard.position, one.address)
        for trigger, flow in flows.items():
            yield replace(flow_of(trigger, flow.first, flow.last), owners=tuple(flow.owners))

    @override
    def resolve_against(self, desired: Desired, live: Live | None) -> Desired:
        """Return the whole order: ours in front and at the end, everybody else's between them as they are."""
        if "first" not in desired.attributes:
            return desired
        first, last = desired.attributes["first"], desired.attributes["last"]
        released = desired.attributes.get("released", ())
        entries = live.raw["entries"] if live else {}
        others = [
            name for name, entry in entries.items() if name not in (*first, *last) and action_id(entry) not in released
        ]
        return replace(desired, attributes={"order": [*first, *others, *last]})

    @override
    async def read(self, gateway: "Gateway", desired: Sequence[Desired]) -> list[Live]:
        """Read one list for each trigger."""
        names = [resource.name for resource in desired]
        found = await gather_or_cancel(*(gateway.trigger_bindings(name) for name in names))
        return [live_state(name, bindings) for name, bindings in zip(names, found, strict=True)]

    @override
    async def refresh(self, gateway: "Gateway", desired: Desired, resource_id: str) -> Live | None:
        """Read the list again."""
        return live_state(resource_id, await gateway.trigger_bindings(resource_id))

    @override
    async def create(self, gateway: "Gateway", write: Write) -> str:
        """Write into an empty flow: none is ever created."""
        await _write(gateway, write.desired.name, [], write.desired.attributes["order"])
        return write.desired.name

    @override
    async def update(self, gateway: "Gateway", update: Update) -> None:
        """Write the whole list with `PATCH`, unless somebody has changed it since it was planned."""
        before, after = update.live.attributes["order"], update.desired.attributes["order"]
        await _write(gateway, update.desired.name, before, after)

    @override
    def is_written(self, write: Write, live: Live) -> bool:
        """Return whether the order is the one that was written."""
        return bool(live.attributes["order"] == write.desired.attributes["order"])

    @override
    def made_by(self, live: Live, run: str) -> bool:
        """Return True: a flow belongs to everybody, and whether it is as written its order tells."""
        return True

    @override
    async def restore(self, gateway: "Gateway", restoration: Restoration) -> None:
        """Write the order that was, without Actions that are gone, and with what others have bound since."""
        before = restoration.before
        there = restoration.live.attributes["order"] if restoration.live else []
        actions = [action_payload.live_state(raw) for raw in await gateway.actions(trigger=before.name)]
        ours = {one.name for one in actions if NOTE_KEY in one.notes}
        known = {*there, *(one.name for one in actions)}
        was = before.attributes["order"]
        order = [name for name in was if name in known]
        order += [name for name in there if name not in was and name not in ours]
        await _write(gateway, before.name, there, order)

    @override
    def not_restorable(self, before: Saved, live: Live) -> list[str]:
        """Name the Actions that others have deleted or bound meanwhile."""
        was, order = before.attributes["order"], live.attributes["order"]
        gone = [f"{one_line(name)} is gone, and with it its place in the flow" for name in was if name not in order]
        more = [one_line(name) for name in order if name not in was]
        return gone + [f"{name}, which somebody else has bound meanwhile, stays in the flow" for name in more]

    @override
    async def without_ours(self, gateway: "Gateway", live: Live) -> Desired | None:
        """Return the flow without every Action that this tool has made."""
        actions = [action_payload.live_state(raw) for raw in await gateway.actions(trigger=live.name)]
        ours = {one.id for one in actions if NOTE_KEY in one.notes}
        entries = live.raw["entries"]
        kept = [name for name in live.attributes["order"] if action_id(entries[name]) not in ours]
        return Desired(KIND, live.name, {"order": kept})

    @override
    async def delete(self, gateway: "Gateway", live: Live) -> None:
        """Refuse it, which is never asked for: see `without_ours`."""
        raise DeployerError("a flow belongs to everybody and is not deleted", where=live.address)


def flow_of(trigger: str, first: Iterable[str], last: Iterable[str]) -> Desired:
    """Build the flow of a trigger in which our Actions stand, by name."""
    ends = {"first": list(first), "last": list(last)}
    addresses = tuple(f"{action_payload.KIND}.{name}" for name in (*ends["first"], *ends["last"]))
    return Desired(KIND, trigger, ends, depends_on=addresses)


def releasing(desired: Desired, action_ids: Iterable[str]) -> Desired:
    """Build the same flow without the Actions of these ids, which would else count as somebody else's and stay."""
    return replace(desired, attributes={**desired.attributes, "released": list(action_ids)})


def action_id(entry: Mapping[str, Any]) -> str | None:
    """Return the id of the Action of an entry."""
    found = (entry.get("action") or {}).get("id")
    return None if found is None else str(found)


def live_state(trigger: str, bindings: Sequence[Mapping[str, Any]]) -> Live:
    """Read the order of the flow out of the tenant's answer."""
    raw = {"entries": dict(zip(_labels(bindings), bindings, strict=True))}
    return Live(KIND, trigger, trigger, {"order": list(raw["entries"])}, raw, notes={NOTE_KEY: VERSION})


def _labels(bindings: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name each entry: by its Action, with the id where several Actions have that name."""
    names = [str((entry.get("action") or {}).get("name") or entry.get("display_name")) for entry in bindings]
    often = Counter(names)
    return [
        name if often[name] == 1 else f"{name} ({entry.get('id')})" for name, entry in zip(names, bindings, strict=True)
    ]


async def _write(gateway: "Gateway", trigger: str, expected: Sequence[str], order: Sequence[str]) -> None:
    live = live_state(trigger, await gateway.trigger_bindings(trigger))
    if live.attributes["order"] != list(expected):
        shown = one_line(", ".join(live.attributes["order"])) or "empty"
        raise DeployerError(
            f"somebody else has changed the flow meanwhile: {shown}",
            where=live.address,
            hint="Nothing was changed in it. Plan again.",
        )
    entries = live.raw["entries"]
    new = [name for name in order if name not in entries]
    actions = [action_payload.live_state(raw) for raw in await gateway.actions(trigger=trigger)] if new else []
    body: list[dict[str, Any]] = []
    for name in order:
        if name in entries:
            reference, shown = {"type": "binding_id", "value": entries[name]["id"]}, entries[name]["display_name"]
        else:
            address = f"{action_payload.KIND}.{name}"
            one = choose_owned([each for each in actions if each.name == name], address)
            if one is None:
                raise DeployerError(f"there is no Action {one_line(name)} to bind", where=live.address)
            reference, shown = {"type": "action_id", "value": one.id}, name
        body.append({"ref": reference, "display_name": shown})
    await gateway.set_trigger_bindings(trigger, body)
