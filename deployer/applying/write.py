"""Makes one change: writes, reads back, compares, notes.

A lost answer is resolved by reading: what was written carries the name of this run in its notes. Nothing is repeated.
"""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from deployer.applying.verification import mismatches, verify
from deployer.errors import DeployerError
from deployer.management.errors import OutcomeUnknown
from deployer.planning.model import Action, Change
from deployer.resources.kinds.base import BaseKind, Update, Write
from deployer.resources.marker import OwnershipMarker
from deployer.resources.model import Desired, Live
from deployer.resources.registry import KINDS
from deployer.text import one_line

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway


class Writer:
    """Writes changes of one run. `key_id`, `release`, `run` and the tenant file's name go into the marker."""

    def __init__(self, gateway: "Gateway", key_id: str, release: str | None, run: str, tenant: str) -> None:
        self._gateway = gateway
        self._key_id = key_id
        self._release = release
        self._run = run
        self._tenant = tenant

    async def write(
        self, change: Change, live: Live | None, values: Mapping[str, str], digests: Mapping[str, str]
    ) -> Live | None:
        """Make one change; the state that was read back, None after a deletion. `digests` are those of the values.

        Raises:
            DeployerError: where the change did not take place, or did not take place whole.
        """
        kind = KINDS[change.kind]
        desired = change.to_desired()
        if change.action is Action.DELETE:
            await self._delete(kind, desired, live)
            return None
        now = verify(desired, await self._put(kind, Write(desired, values, self._marker(digests)), live))
        return await self.note(kind, desired, now, digests)

    async def note(self, kind: BaseKind, desired: Desired, now: Live, digests: Mapping[str, str]) -> Live:
        """Note what the secrets became, and what the tenant has added where only a note can tell that later.

        Nothing is written for a resource that has neither.
        """
        added = kind.addition(desired, now)
        if not digests and added is None:
            return now
        marker = self._marker(digests, now.ciphertexts, added)
        try:
            noted = await kind.note(self._gateway, Update(desired, {}, marker, now))
        except OutcomeUnknown:
            found = await kind.refresh(self._gateway, desired, now.id)
            if found is None or not written_by(found, marker):
                raise
            noted = found
        _check_unchanged(desired, now, noted)
        return noted

    async def _put(self, kind: BaseKind, write: Write, live: Live | None) -> Live | None:
        answered: Live | None = None
        desired = write.desired
        try:
            if live is None:
                resource_id = await kind.create(self._gateway, write)
            else:
                resource_id = live.id
                answered = await kind.update(self._gateway, Update(desired, write.values, write.marker, live))
        except OutcomeUnknown:
            found = await find(self._gateway, kind, desired, live.id if live else None)
            if found is None or not kind.is_written(write, found):
                raise
            return found
        found = await kind.refresh(self._gateway, desired, resource_id)
        if answered is not None and found is not None:
            _check_unchanged(desired, answered, found)
        return found

    async def _delete(self, kind: BaseKind, desired: Desired, live: Live | None) -> None:
        if live is None:
            return
        try:
            await kind.delete(self._gateway, live)
        except OutcomeUnknown:
            if await kind.refresh(self._gateway, desired, live.id) is not None:
                raise
        # A deletion may be answered before it is done (202 for a connection with its users).
        for pause in (0.0, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0):
            await asyncio.sleep(pause)
            if await kind.refresh(self._gateway, desired, live.id) is None:
                return
        raise DeployerError("it is still there after the deletion", where=desired.address)

    def _marker(
        self, digests: Mapping[str, str], ciphertexts: Mapping[str, str] | None = None, added: str | None = None
    ) -> OwnershipMarker:
        return OwnershipMarker.make(self._key_id, digests, ciphertexts, self._release, self._run, added, self._tenant)


async def find(gateway: "Gateway", kind: BaseKind, desired: Desired, resource_id: str | None) -> Live | None:
    """Read a resource by its id, or by its name where it has none yet."""
    if resource_id is not None:
        return await kind.refresh(gateway, desired, resource_id)
    found = await kind.read(gateway, [desired])
    return found[0] if found else None


def _check_unchanged(desired: Desired, then: Live, now: Live) -> None:
    """Raise DeployerError where somebody else came in between: else their secret would be noted as ours."""
    wrong = mismatches(desired, now)
    wrong += [f"secret {name}" for name, shown in then.ciphertexts.items() if now.ciphertexts.get(name) != shown]
    if wrong:
        what = one_line(", ".join(wrong))
        raise DeployerError(f"somebody else changed it while it was written: {what}", where=desired.address)


def written_by(live: Live, marker: OwnershipMarker) -> bool:
    """Return whether a live resource has exactly this marker."""
    return OwnershipMarker.read(live.notes) == marker
