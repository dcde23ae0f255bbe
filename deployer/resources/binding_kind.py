"""The Actions of a trigger in their order. `PATCH /actions/triggers/{trigger}/bindings` replaces the whole list, so
what is written is always everybody's: the others' entries as they are and in their order, ours in front or at the end.

https://auth0.com/docs/api/management/v2/actions/patch-bindings
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from deployer.concurrency import gather_or_cancel
from deployer.errors import DeployerError
from deployer.resources import action
from deployer.resources.base import BaseKind, choose_owned
from deployer.resources.marker import NOTE_KEY, VERSION, OwnershipMarker
from deployer.resources.model import Desired, Live, Saved
from deployer.text import one_line

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway

KIND = "binding"


def desired(trigger: str, first: Iterable[str], last: Iterable[str]) -> Desired:
    """Where our Actions stand in a trigger's flow."""
    ends = {"first": list(first), "last": list(last)}
    addresses = tuple(f"{action.KIND}.{name}" for name in (*ends["first"], *ends["last"]))
    return Desired(KIND, trigger, ends, depends_on=addresses)


def releasing(wanted: Desired, action_ids: Iterable[str]) -> Desired:
    """The same flow, without the Actions of these ids, which would else count as somebody else's and stay."""
    return replace(wanted, attributes={**wanted.attributes, "released": list(action_ids)})


def action_id(entry: Mapping[str, Any]) -> str | None:
    """The id of the Action of an entry."""
    found = (entry.get("action") or {}).get("id")
    return None if found is None else str(found)


def live(trigger: str, bindings: Sequence[Mapping[str, Any]]) -> Live:
    """The order of the flow. It belongs to everybody, and is there from the beginning."""
    raw = {"entries": dict(zip(_labels(bindings), bindings, strict=True))}
    return Live(KIND, trigger, trigger, {"order": list(raw["entries"])}, raw, notes={NOTE_KEY: VERSION})


def _labels(bindings: Sequence[Mapping[str, Any]]) -> list[str]:
    """What each entry is called: its Action's name, with the id where several have it."""
    names = [str((entry.get("action") or {}).get("name") or entry.get("display_name")) for entry in bindings]
    often = Counter(names)
    return [
        name if often[name] == 1 else f"{name} ({entry.get('id')})" for name, entry in zip(names, bindings, strict=True)
    ]


class BindingKind(BaseKind):
    """The flow of one trigger."""

    name = KIND

    def resolve_against(self, wanted: Desired, have: Live | None) -> Desired:
        """The whole order: ours in front and at the end, everybody else's between them as they are."""
        if "first" not in wanted.attributes:
            return wanted
        first, last = wanted.attributes["first"], wanted.attributes["last"]
        released = wanted.attributes.get("released", ())
        entries = have.raw["entries"] if have else {}
        others = [
            name for name, entry in entries.items() if name not in (*first, *last) and action_id(entry) not in released
        ]
        return replace(wanted, attributes={"order": [*first, *others, *last]})

    async def read(self, gateway: "Gateway", wanted: Sequence[Desired]) -> list[Live]:
        """One list for each trigger."""
        names = [resource.name for resource in wanted]
        found = await gather_or_cancel(*(gateway.trigger_bindings(name) for name in names))
        return [live(name, bindings) for name, bindings in zip(names, found, strict=True)]

    async def refresh(self, gateway: "Gateway", wanted: Desired, resource_id: str) -> Live | None:  # noqa: ARG002
        """The list, read again."""
        return live(resource_id, await gateway.trigger_bindings(resource_id))

    async def create(
        self,
        gateway: "Gateway",
        wanted: Desired,
        values: Mapping[str, str],  # noqa: ARG002
        notes: OwnershipMarker,  # noqa: ARG002
    ) -> str:
        """A flow is never created: an empty one is there."""
        await self._write(gateway, wanted.name, [], wanted.attributes["order"])
        return wanted.name

    async def update(
        self,
        gateway: "Gateway",
        wanted: Desired,
        have: Live,
        values: Mapping[str, str],  # noqa: ARG002
        notes: OwnershipMarker,  # noqa: ARG002
    ) -> None:
        """`PATCH` the whole list, unless somebody has changed it since it was planned."""
        await self._write(gateway, wanted.name, have.attributes["order"], wanted.attributes["order"])

    def is_written(self, wanted: Desired, now: Live, notes: OwnershipMarker) -> bool:  # noqa: ARG002
        """The order is the one that was written."""
        return bool(now.attributes["order"] == wanted.attributes["order"])

    def made_by(self, now: Live, run: str) -> bool:  # noqa: ARG002
        """A flow belongs to everybody; whether it is as written, its order tells."""
        return True

    async def restore(
        self,
        gateway: "Gateway",
        before: Saved,
        now: Live | None,
        values: Mapping[str, str],  # noqa: ARG002
        notes: OwnershipMarker | None,  # noqa: ARG002
    ) -> None:
        """`PATCH` the order that was, without Actions that are gone, and with what others have bound since."""
        there = now.attributes["order"] if now else []
        actions = [action.live(raw) for raw in await gateway.actions(trigger=before.name)]
        ours = {one.name for one in actions if NOTE_KEY in one.notes}
        known = {*there, *(one.name for one in actions)}
        was = before.attributes["order"]
        order = [name for name in was if name in known]
        order += [name for name in there if name not in was and name not in ours]
        await self._write(gateway, before.name, there, order)

    def not_restorable(self, before: Saved, now: Live) -> list[str]:
        """Actions that others have deleted or bound meanwhile."""
        was, order = before.attributes["order"], now.attributes["order"]
        gone = [f"{one_line(name)} is gone, and with it its place in the flow" for name in was if name not in order]
        more = [one_line(name) for name in order if name not in was]
        return gone + [f"{name}, which somebody else has bound meanwhile, stays in the flow" for name in more]

    async def without_ours(self, gateway: "Gateway", have: Live) -> Desired | None:
        """The flow without every Action that this tool has made."""
        actions = [action.live(raw) for raw in await gateway.actions(trigger=have.name)]
        ours = {one.id for one in actions if NOTE_KEY in one.notes}
        entries = have.raw["entries"]
        kept = [name for name in have.attributes["order"] if action_id(entries[name]) not in ours]
        return Desired(KIND, have.name, {"order": kept})

    async def delete(self, gateway: "Gateway", have: Live) -> None:  # noqa: ARG002
        """Never asked for: see `without_ours`."""
        raise DeployerError("a flow belongs to everybody and is not deleted", where=have.address)

    async def _write(self, gateway: "Gateway", trigger: str, expected: Sequence[str], order: Sequence[str]) -> None:
        now = live(trigger, await gateway.trigger_bindings(trigger))
        if now.attributes["order"] != list(expected):
            shown = one_line(", ".join(now.attributes["order"])) or "empty"
            raise DeployerError(
                f"somebody else has changed the flow meanwhile: {shown}",
                where=now.address,
                hint="Nothing was changed in it. Plan again.",
            )
        entries = now.raw["entries"]
        new = [name for name in order if name not in entries]
        actions = [action.live(raw) for raw in await gateway.actions(trigger=trigger)] if new else []
        body: list[dict[str, Any]] = []
        for name in order:
            if name in entries:
                reference, shown = {"type": "binding_id", "value": entries[name]["id"]}, entries[name]["display_name"]
            else:
                one = choose_owned([each for each in actions if each.name == name], f"{action.KIND}.{name}")
                if one is None:
                    raise DeployerError(f"there is no Action {one_line(name)} to bind", where=now.address)
                reference, shown = {"type": "action_id", "value": one.id}, name
            body.append({"ref": reference, "display_name": shown})
        await gateway.set_trigger_bindings(trigger, body)
