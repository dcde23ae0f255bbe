"""The rules' configuration: one secret value under one key. Auth0 shows the key and nothing else: how it begins says
that it is ours, and which value it has is noted in the rules that read it. That somebody else has changed it is not
seen.

https://auth0.com/docs/api/management/v2/rules-configs
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from deployer.concurrency import gather_or_cancel
from deployer.errors import DeployerError
from deployer.resources.base import BaseKind
from deployer.resources.code_marker import unsigned
from deployer.resources.marker import NOTE_KEY, VERSION, OwnershipMarker, name_digest
from deployer.resources.model import Desired, Live, Saved, SecretSource
from deployer.resources.rule_kind import IS_SET

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway

KIND = "rule-config"
PREFIX = "deployer_"
"""How every key of ours begins, so that it is known for ours even when the rules that read it are gone."""


def desired(key: str, source: SecretSource, depends_on: tuple[str, ...] = ()) -> Desired:
    """What is wanted under a key."""
    return Desired(KIND, key, {}, {key: source}, depends_on)


def live(key: str, rules: Sequence[Mapping[str, Any]]) -> Live:
    """The key, with the notes of a rule that notes a value for it."""
    notes = {NOTE_KEY: VERSION} if key.startswith(PREFIX) else {}
    for raw in rules:
        pairs = unsigned(str(raw.get("script") or ""))[1]
        noted = OwnershipMarker.read(pairs)
        if noted is not None and name_digest(key) in noted.secrets:
            notes = pairs
    return Live(KIND, key, key, {}, {"key": key}, {key: IS_SET}, notes)


class RuleConfigKind(BaseKind):
    """Values of the rules' configuration."""

    name = KIND
    cannot_detect_writes = True

    async def read(self, gateway: "Gateway", wanted: Sequence[Desired]) -> list[Live]:
        """One list of all keys, and one of all rules."""
        keys, rules = await gather_or_cancel(gateway.rule_configs(), gateway.rules())
        return [live(resource.name, rules) for resource in wanted if resource.name in keys]

    async def refresh(self, gateway: "Gateway", wanted: Desired, resource_id: str) -> Live | None:
        """The lists, read again."""
        return next((one for one in await self.read(gateway, [wanted]) if one.id == resource_id), None)

    async def create(
        self,
        gateway: "Gateway",
        wanted: Desired,
        values: Mapping[str, str],
        notes: OwnershipMarker,  # noqa: ARG002
    ) -> str:
        """`PUT /rules-configs/{key}`."""
        await self._set(gateway, wanted.name, values)
        return wanted.name

    async def update(
        self,
        gateway: "Gateway",
        wanted: Desired,
        have: Live,  # noqa: ARG002
        values: Mapping[str, str],
        notes: OwnershipMarker,  # noqa: ARG002
    ) -> None:
        """`PUT /rules-configs/{key}`."""
        await self._set(gateway, wanted.name, values)

    def is_written(self, wanted: Desired, now: Live, notes: OwnershipMarker) -> bool:  # noqa: ARG002
        """Nothing tells, so a lost answer counts as a failure."""
        return False

    def made_by(self, now: Live, run: str) -> bool:  # noqa: ARG002
        """Nothing tells. Asked only about a key that was not there before, under the tenant's lock."""
        return True

    async def restore(
        self,
        gateway: "Gateway",
        before: Saved,
        now: Live | None,  # noqa: ARG002
        values: Mapping[str, str],
        notes: OwnershipMarker | None,  # noqa: ARG002
    ) -> None:
        """`PUT` the value, where its reference still gives one."""
        if before.name in values:
            await self._set(gateway, before.name, values)

    async def delete(self, gateway: "Gateway", have: Live) -> None:
        """`DELETE /rules-configs/{key}`."""
        await gateway.delete_rule_config(have.id)

    async def _set(self, gateway: "Gateway", key: str, values: Mapping[str, str]) -> None:
        if key not in values:
            raise DeployerError("its value is not known", where=f"{KIND}.{key}")
        await gateway.set_rule_config(key, values[key])
