"""Deploys Rules, for tenants that still have them.

The marker stands in the script, as with an Action; the values that it reads from the rules' configuration are noted
here too, since Auth0 shows of them nothing but the keys.

https://auth0.com/docs/api/management/v2/rules
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from deployer.concurrency import gather_or_cancel
from deployer.rendering.guards import guard_of
from deployer.resources.code_marker import signed, unsigned
from deployer.resources.declared_api import guards
from deployer.resources.definitions import Definitions, owning_connection
from deployer.resources.kinds import rule_config
from deployer.resources.kinds.base import BaseKind, Restoration, Update, Write, choose_owned
from deployer.resources.marker import OwnershipMarker, name_digest
from deployer.resources.model import Desired, Live

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway

KIND = "rule"


class RuleKind(BaseKind):
    """Rules. Their order is left to the tenant: a new one comes last."""

    name = KIND
    creation_order = 70
    keeps_secrets = False

    @override
    def defined_by(self, definitions: Definitions) -> Iterator[Desired]:
        """Find the guards that are Rules, each after the values that it reads.

        They come one after the other: a new one comes last, and two at once would want the same place.
        """
        for one in definitions.connections:
            earlier: list[str] = []
            for guard, secrets in guards(one, "rule"):
                read = rule_config.keyed(one, secrets)
                after = (*(f"{rule_config.KIND}.{key}" for key in read), *earlier)
                script = guard.source if guard.source.endswith("\n") else guard.source + "\n"
                attributes = {"script": script, "enabled": True}
                yield Desired(KIND, guard.name, attributes, read, after, owners=(one.address,))
                earlier.append(f"{KIND}.{guard.name}")

    @override
    def owners_of(self, live: Live) -> list[str]:
        """Return the connection that the script itself says it guards."""
        guard = guard_of(str(live.attributes.get("script")))
        return [owning_connection(guard[0])] if guard else super().owners_of(live)

    @override
    async def read(self, gateway: "Gateway", desired: Sequence[Desired]) -> list[Live]:
        """Read one list of all Rules, and one of the configuration's keys."""
        rules, keys = await gather_or_cancel(gateway.rules(), gateway.rule_configs())
        found = []
        for resource in desired:
            same = [live_state(raw, keys) for raw in rules if raw.get("name") == resource.name]
            if (one := choose_owned(same, resource.address)) is not None:
                found.append(one)
        return found

    @override
    async def refresh(self, gateway: "Gateway", desired: Desired, resource_id: str) -> Live | None:
        """Read it anew: `GET /rules/{id}`."""
        raw, keys = await gather_or_cancel(gateway.rule(resource_id), gateway.rule_configs())
        return live_state(raw, keys) if raw is not None else None

    @override
    async def create(self, gateway: "Gateway", write: Write) -> str:
        """Create it: `POST /rules`."""
        body = {"name": write.desired.name, **_body(write.desired.attributes, write.marker)}
        return str((await gateway.create_rule(body))["id"])

    @override
    async def update(self, gateway: "Gateway", update: Update) -> None:
        """Write the script and its marker: `PATCH /rules/{id}`."""
        await gateway.update_rule(update.live.id, _body(update.desired.attributes, update.marker))

    @override
    async def note(self, gateway: "Gateway", update: Update) -> Live:
        """Write the script with this marker, where it has another."""
        live, marker = update.live, update.marker
        if OwnershipMarker.read(live.notes) == marker:
            return live
        await gateway.update_rule(live.id, {"script": signed(live.attributes["script"], marker.write())})
        return await self.refresh(gateway, update.desired, live.id) or live

    @override
    async def restore(self, gateway: "Gateway", restoration: Restoration) -> None:
        """Write what was with `PATCH`; a Rule that was deleted is created again at its place in the order."""
        before, live = restoration.before, restoration.live
        body = _body(before.attributes, restoration.marker)
        if live is None:
            await gateway.create_rule({"name": before.name, "order": before.attributes["order"], **body})
        else:
            await gateway.update_rule(live.id, body)

    @override
    async def delete(self, gateway: "Gateway", live: Live) -> None:
        """Delete it: `DELETE /rules/{id}`."""
        await gateway.delete_rule(live.id)


def live_state(raw: Mapping[str, Any], keys: Iterable[str]) -> Live:
    """Read the comparable state out of the tenant's answer; `keys` are those of the rules' configuration."""
    script, notes = unsigned(str(raw.get("script") or ""))
    noted = OwnershipMarker.read(notes)
    shown = {key: rule_config.IS_SET for key in keys if noted is not None and name_digest(key) in noted.secrets}
    attributes = {"script": script, "enabled": raw.get("enabled"), "order": raw.get("order")}
    return Live(KIND, str(raw.get("name")), str(raw.get("id")), attributes, raw, shown, notes)


def _body(attributes: Mapping[str, Any], marker: OwnershipMarker | None) -> dict[str, Any]:
    script = str(attributes["script"])
    return {"script": signed(script, marker.write()) if marker else script, "enabled": attributes["enabled"]}
