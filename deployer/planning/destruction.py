"""One address in, the plan out that deletes what is there: only what this tool has made, and only what was named."""

from dataclasses import replace
from datetime import UTC, datetime

from deployer import __version__
from deployer.digests import digest
from deployer.errors import DeployerError, RefusedError
from deployer.management.gateway import Gateway
from deployer.planning.compute import change_of
from deployer.planning.leftovers import GONE
from deployer.planning.model import Action, Change, Concern, Plan
from deployer.planning.preparation import Prepared
from deployer.resources.model import Desired, Live
from deployer.resources.notes import NOTE_KEY
from deployer.resources.reading import read_live
from deployer.resources.registry import KINDS
from deployer.text import did_you_mean, one_line


async def make_destruction(prepared: Prepared, gateway: Gateway, address: str) -> Plan:
    """The plan that deletes the resource at an address, or takes ours out of what belongs to everybody.

    Raises:
        DeployerError: where there is no such resource.
        RefusedError: where it was not made by this tool.
    """
    wanted = _wanted(prepared, address)
    have = (await read_live(gateway, [wanted])).get(address)
    if have is None:
        raise DeployerError(
            f"the tenant has no {one_line(address)}",
            where=f"tenant {prepared.tenant.name}",
            hint=f"`deployer plan {prepared.tenant.name}` shows what there is.",
        )
    if NOTE_KEY not in have.notes:
        raise RefusedError(
            f"{one_line(address)} was not made by this tool, and nothing else is ever deleted",
            where=f"tenant {prepared.tenant.name}",
            hint="Delete it in the Auth0 Dashboard, if nobody needs it.",
        )
    remaining = await KINDS[have.kind].without_ours(gateway, have)
    change = _deletion(wanted, have) if remaining is None else change_of(remaining, have, {}, prepared.key)
    if prepared.tenant.protect and change.action is not Action.NO_OP:
        why = f"{prepared.tenant.name} is protected, and this deletes something"
        change = change.model_copy(
            update={"concerns": [*change.concerns, Concern(code="delete", address=address, why=why)]}
        )
    return Plan(
        tenant=prepared.planned,
        created_at=datetime.now(UTC),
        created_by=f"deployer {__version__}",
        key_id=prepared.key.id,
        targets=[address],
        changes=[change],
    )


def dependents(prepared: Prepared, address: str) -> list[str]:
    """What the definitions say needs this resource."""
    return [resource.address for resource in prepared.desired if address in resource.depends_on]


def is_defined(prepared: Prepared, address: str) -> bool:
    """Whether the files still name it, so that the next apply makes it again."""
    return any(resource.address == address for resource in prepared.desired)


def _wanted(prepared: Prepared, address: str) -> Desired:
    """How to look for it. Who named it so by mistake, and who named nothing of ours, is told so."""
    defined = next((resource for resource in prepared.desired if resource.address == address), None)
    if defined is not None:
        return replace(defined, secrets={})
    kind, _, name = address.partition(".")
    if kind not in KINDS or not name:
        near = did_you_mean(kind, KINDS) or f"Kinds are: {', '.join(sorted(KINDS))}."
        raise DeployerError(f"'{one_line(address)}' is no address: it is KIND.NAME", where="ADDRESS", hint=near)
    return Desired(kind, name, {})


def _deletion(wanted: Desired, have: Live) -> Change:
    return Change(
        kind=have.kind,
        name=have.name,
        action=Action.DELETE,
        irreversible=[GONE[have.kind]] if have.kind in GONE else [],
        lookup=dict(wanted.lookup),
        before=have.comparable(),
        live_digest=digest(have.comparable()),
        read=sorted(wanted.attributes),
    )
