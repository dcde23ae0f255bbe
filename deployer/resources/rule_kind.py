"""Rules, for tenants that still have them. The notes stand in the script, as with an Action; the values that it reads
from the rules' configuration are noted here too, since Auth0 shows of them nothing but the keys.

https://auth0.com/docs/api/management/v2/rules
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from deployer.concurrency import gather_or_cancel
from deployer.resources.base import BaseKind, choose_owned
from deployer.resources.code_marker import signed, unsigned
from deployer.resources.marker import OwnershipMarker, name_digest
from deployer.resources.model import Desired, Live, Saved, SecretSource

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway

KIND = "rule"
IS_SET = "is set"
"""What stands for the ciphertext of a value of which the tenant shows only that it is there."""


def desired(name: str, script: str, secrets: Mapping[str, SecretSource], depends_on: tuple[str, ...] = ()) -> Desired:
    """What is wanted of the Rule `name`; `secrets` are the keys of the rules' configuration that it reads."""
    script = script if script.endswith("\n") else script + "\n"
    return Desired(KIND, name, {"script": script, "enabled": True}, dict(secrets), depends_on)


def live(raw: Mapping[str, Any], keys: Iterable[str]) -> Live:
    """The comparable state behind an answer of the tenant; `keys` are those of the rules' configuration."""
    script, notes = unsigned(str(raw.get("script") or ""))
    noted = OwnershipMarker.read(notes)
    shown = {key: IS_SET for key in keys if noted is not None and name_digest(key) in noted.secrets}
    attributes = {"script": script, "enabled": raw.get("enabled"), "order": raw.get("order")}
    return Live(KIND, str(raw.get("name")), str(raw.get("id")), attributes, raw, shown, notes)


class RuleKind(BaseKind):
    """Rules. Their order is left to the tenant: a new one comes last."""

    name = KIND
    keeps_secrets = False

    async def read(self, gateway: "Gateway", wanted: Sequence[Desired]) -> list[Live]:
        """One list of all rules, and one of the configuration's keys."""
        rules, keys = await gather_or_cancel(gateway.rules(), gateway.rule_configs())
        found = []
        for resource in wanted:
            same = [live(raw, keys) for raw in rules if raw.get("name") == resource.name]
            if (one := choose_owned(same, resource.address)) is not None:
                found.append(one)
        return found

    async def refresh(self, gateway: "Gateway", wanted: Desired, resource_id: str) -> Live | None:  # noqa: ARG002
        """`GET /rules/{id}`."""
        raw, keys = await gather_or_cancel(gateway.rule(resource_id), gateway.rule_configs())
        return live(raw, keys) if raw is not None else None

    async def create(
        self,
        gateway: "Gateway",
        wanted: Desired,
        values: Mapping[str, str],  # noqa: ARG002
        notes: OwnershipMarker,
    ) -> str:
        """`POST /rules`."""
        return str((await gateway.create_rule({"name": wanted.name, **_body(wanted.attributes, notes)}))["id"])

    async def update(
        self,
        gateway: "Gateway",
        wanted: Desired,
        have: Live,
        values: Mapping[str, str],  # noqa: ARG002
        notes: OwnershipMarker,
    ) -> None:
        """`PATCH /rules/{id}`."""
        await gateway.update_rule(have.id, _body(wanted.attributes, notes))

    async def note(self, gateway: "Gateway", wanted: Desired, have: Live, notes: OwnershipMarker) -> Live:
        """`PATCH` the script with these notes, where it has others."""
        if OwnershipMarker.read(have.notes) == notes:
            return have
        await gateway.update_rule(have.id, {"script": signed(have.attributes["script"], notes.write())})
        return await self.refresh(gateway, wanted, have.id) or have

    async def restore(
        self,
        gateway: "Gateway",
        before: Saved,
        now: Live | None,
        values: Mapping[str, str],  # noqa: ARG002
        notes: OwnershipMarker | None,
    ) -> None:
        """`PATCH` with what was; a rule that was deleted is created again at its place in the order."""
        body = _body(before.attributes, notes)
        if now is None:
            await gateway.create_rule({"name": before.name, "order": before.attributes["order"], **body})
        else:
            await gateway.update_rule(now.id, body)

    async def delete(self, gateway: "Gateway", have: Live) -> None:
        """`DELETE /rules/{id}`."""
        await gateway.delete_rule(have.id)


def _body(attributes: Mapping[str, Any], notes: OwnershipMarker | None) -> dict[str, Any]:
    script = str(attributes["script"])
    return {"script": signed(script, notes.write()) if notes else script, "enabled": attributes["enabled"]}
