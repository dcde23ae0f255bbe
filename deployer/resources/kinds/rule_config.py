"""Deploys the rules' configuration: one secret value under one key.

Auth0 shows the key and nothing else: how it begins says that it is ours, and which value it has is noted in the Rules
that read it. That somebody else has changed it is not seen.

https://auth0.com/docs/api/management/v2/rules-configs
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from deployer.concurrency import gather_or_cancel
from deployer.errors import DeployerError
from deployer.resources.code_marker import unsigned
from deployer.resources.declared_api import grants_needed, guards
from deployer.resources.definitions import DefinedConnection, Definitions
from deployer.resources.kinds.base import BaseKind, Restoration, Update, Write
from deployer.resources.marker import NOTE_KEY, VERSION, OwnershipMarker, name_digest
from deployer.resources.model import Desired, Live, SecretSource

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway

KIND = "rule-config"
IS_SET = "is set"
"""What stands for the ciphertext of a value of which the tenant shows only that it is there."""
_PREFIX = "deployer_"
"""How every key of ours begins, so that it is known for ours even when the Rules that read it are gone."""


class RuleConfigKind(BaseKind):
    """Values of the rules' configuration."""

    name = KIND
    creation_order = 60
    cannot_detect_writes = True
    id_is_name = True
    deletion_note = "its value goes with it, and Auth0 lets nobody read it before"

    @override
    def defined_by(self, definitions: Definitions) -> Iterator[Desired]:
        """Find what the guards read that are Rules. Keys belong to one connection."""
        for one in definitions.connections:
            found: dict[str, Desired] = {}
            for _, secrets in guards(one, "rule"):
                needed = grants_needed(one, secrets)
                for key, source in keyed(one, secrets).items():
                    found.setdefault(key, Desired(KIND, key, {}, {key: source}, needed, owners=(one.address,)))
            yield from found.values()

    @override
    async def read(self, gateway: "Gateway", desired: Sequence[Desired]) -> list[Live]:
        """Read one list of all keys, and one of all Rules."""
        keys, rules = await gather_or_cancel(gateway.rule_configs(), gateway.rules())
        return [live_state(resource.name, rules) for resource in desired if resource.name in keys]

    @override
    async def refresh(self, gateway: "Gateway", desired: Desired, resource_id: str) -> Live | None:
        """Read the lists again."""
        return next((one for one in await self.read(gateway, [desired]) if one.id == resource_id), None)

    @override
    async def create(self, gateway: "Gateway", write: Write) -> str:
        """Set the value: `PUT /rules-configs/{key}`."""
        await _set(gateway, write.desired.name, write.values)
        return write.desired.name

    @override
    async def update(self, gateway: "Gateway", update: Update) -> None:
        """Set the value: `PUT /rules-configs/{key}`."""
        await _set(gateway, update.desired.name, update.values)

    @override
    def is_written(self, write: Write, live: Live) -> bool:
        """Return False: nothing tells, so a lost answer counts as a failure."""
        return False

    @override
    def made_by(self, live: Live, run: str) -> bool:
        """Return True: nothing tells. Asked only about a key that was not there before, under the tenant's lock."""
        return True

    @override
    async def restore(self, gateway: "Gateway", restoration: Restoration) -> None:
        """Set the value, where its reference still gives one."""
        if restoration.before.name in restoration.values:
            await _set(gateway, restoration.before.name, restoration.values)

    @override
    async def delete(self, gateway: "Gateway", live: Live) -> None:
        """Remove the key: `DELETE /rules-configs/{key}`."""
        await gateway.delete_rule_config(live.id)


def keyed(connection: DefinedConnection, secrets: Mapping[str, SecretSource]) -> dict[str, SecretSource]:
    """Give what a Rule reads the keys under which this connection's Rules find it."""
    return {f"{_PREFIX}{connection.name}_{key}": source for key, source in secrets.items()}


def live_state(key: str, rules: Sequence[Mapping[str, Any]]) -> Live:
    """Build the state of a key, with the notes of a Rule that notes a value for it."""
    notes = {NOTE_KEY: VERSION} if key.startswith(_PREFIX) else {}
    for raw in rules:
        pairs = unsigned(str(raw.get("script") or ""))[1]
        noted = OwnershipMarker.read(pairs)
        if noted is not None and name_digest(key) in noted.secrets:
            notes = pairs
    return Live(KIND, key, key, {}, {"key": key}, {key: IS_SET}, notes)


async def _set(gateway: "Gateway", key: str, values: Mapping[str, str]) -> None:
    if key not in values:
        raise DeployerError("its value is not known", where=f"{KIND}.{key}")
    await gateway.set_rule_config(key, values[key])
