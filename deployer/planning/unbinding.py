"""Takes out of the flows what was bound from here and is no longer defined, and says what is open or at risk then.

A guard that stays behind goes on: `mark-migrated` locks people out once users no longer move. Nothing is deleted here:
the Action stays in the tenant, outside of every flow, until `destroy` names it. What others have bound keeps its place.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from deployer.planning.model import Change, Plan
from deployer.rendering.guards import guard_of
from deployer.resources.concerns import Concern, ConcernCode
from deployer.resources.kinds import action, binding, connection
from deployer.resources.model import Desired, Live
from deployer.resources.registry import KINDS

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway

BOUND_KIND = action.KIND
"""The kind of what stands in a flow."""

_WITHOUT = {
    ("restrict-audience", "post-login"): (
        "whoever logs in gets a token for the store's API by asking for its audience, unless the API refuses users"
    ),
    ("restrict-audience", "credentials-exchange"): (
        "every application that has a grant for the store's API gets a token for it, not the scripts' client alone"
    ),
    ("backfill-metadata", "post-login"): (
        "users whom a migration left without metadata get none any more, and whatever their metadata allows is refused "
        "to them"
    ),
    ("mark-migrated", "post-login"): (
        "the store is no longer told who has moved: it goes on to know those users, by their old passwords too. Those "
        "marked already stay marked: where `migration` is `off`, the store does not find them and they cannot log in"
    ),
}
_OTHERWISE = "what it refused is let in, and what it did for users is done no longer"


@dataclass(frozen=True, slots=True)
class Unbound:
    """An Action in a trigger's flow that was bound from here and that no definition names.

    `guard` and `connection` are what its own first line says that it was made for, None for one of `actions:`.
    """

    name: str
    action_id: str
    trigger: str
    guard: str | None
    connection: str | None

    @property
    def concern(self) -> Concern:
        """Why taking it out must be named."""
        text = _WITHOUT.get((self.guard or "", self.trigger), _OTHERWISE)
        return Concern(
            code=ConcernCode.REMOVES_GUARD,
            address=f"{action.KIND}.{self.name}",
            why=f"it is taken out of {self.trigger} and no longer runs: {text}",
        )


def is_flow(address: str) -> bool:
    """Return whether an address is that of a trigger's flow."""
    return address.startswith(f"{binding.KIND}.")


async def still_bound(
    gateway: "Gateway", leftovers: Iterable[Live], live: Mapping[str, Live], targets: Collection[str] = ()
) -> tuple[list[Unbound], dict[str, Live]]:
    """Find the Actions among the leftovers that stand in a flow, and the flows that were read to find that out.

    Args:
        gateway: how the tenant is reached.
        leftovers: live resources that were deployed from here and are no longer defined.
        live: what was read already, by address.
        targets: the only addresses that are looked at; every flow where there are none.
    """
    actions = [one for one in leftovers if one.kind == action.KIND]
    looked_at = {f"{binding.KIND}.{one.attributes['trigger']}" for one in actions}
    looked_at = looked_at & {*targets} if targets else looked_at
    unread = [_flow(address.partition(".")[2]) for address in sorted(looked_at - live.keys())]
    read = await KINDS[binding.KIND].read(gateway, unread) if unread else []
    flows = {flow.address: flow for flow in read}
    return find_unbound(actions, [{**live, **flows}[address] for address in sorted(looked_at)]), flows


def find_unbound(actions: Iterable[Live], flows: Iterable[Live]) -> list[Unbound]:
    """Find those of the Actions that stand in one of the flows, in the flow's order. Pure."""
    known = {one.id: one for one in actions}
    found = []
    for flow in flows:
        for entry in flow.raw["entries"].values():
            one = known.get(binding.action_id(entry) or "")
            if one is not None:
                made_for, guard = guard_of(str(one.attributes["code"])) or (None, None)
                found.append(Unbound(one.name, one.id, flow.name, guard, made_for))
    return found


def unbinding(desired: Sequence[Desired], unbound: Sequence[Unbound]) -> list[Desired]:
    """Desire flows that no longer hold these Actions: also flows in which nothing is defined any more.

    A connection that a guard was made for comes after the flow: until its guard is out, users are told to the store.
    """
    released: dict[str, tuple[str, ...]] = {}
    for one in unbound:
        released[one.trigger] = (*released.get(one.trigger, ()), one.action_id)
    flows = {resource.name: resource for resource in desired if resource.kind == binding.KIND}
    added = [_flow(trigger) for trigger in released if trigger not in flows]
    return [_with_unbinding(resource, released, unbound) for resource in (*added, *desired)]


def name_unbound(plan: Plan, unbound: Sequence[Unbound]) -> Plan:
    """Make every Action that is taken out of a flow a concern of that flow's change."""
    return plan.model_copy(update={"changes": [_named(change, unbound) for change in plan.changes]})


def _flow(trigger: str) -> Desired:
    return binding.flow_of(trigger, [], [])


def _with_unbinding(resource: Desired, released: Mapping[str, tuple[str, ...]], unbound: Sequence[Unbound]) -> Desired:
    if resource.kind == binding.KIND and resource.name in released:
        return binding.releasing(resource, released[resource.name])
    if resource.kind == connection.KIND:
        flows = [f"{binding.KIND}.{one.trigger}" for one in unbound if one.connection == resource.name]
        return replace(resource, depends_on=tuple(dict.fromkeys([*resource.depends_on, *flows])))
    return resource


def _named(change: Change, unbound: Sequence[Unbound]) -> Change:
    mine = [one.concern for one in unbound if (change.kind, change.name) == (binding.KIND, one.trigger)]
    return change.model_copy(update={"concerns": [*change.concerns, *mine]}) if mine else change
