"""Takes a change back: makes a resource what it was, and says what could not be taken back."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from deployer.applying.own_effects import without_effects
from deployer.applying.write import find
from deployer.errors import DeployerError
from deployer.management.errors import ManagementError, OutcomeUnknown
from deployer.planning.differences import all_differences
from deployer.planning.model import Action, Change
from deployer.resources.kinds.base import BaseKind, Restoration, Update
from deployer.resources.marker import DigestKey, OwnershipMarker, name_digest
from deployer.resources.model import Desired, Live, Saved
from deployer.resources.overlay import overlay
from deployer.resources.registry import KINDS
from deployer.text import one_line

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway


@dataclass(slots=True)
class Undone:
    """What was taken back, in words: `not_restorable` could not be, `overwritten` was somebody else's work."""

    not_restorable: list[str] = field(default_factory=list)
    overwritten: list[str] = field(default_factory=list)


class Undoer:
    """Takes back changes of one run. `run` is its name, `key` that of the digests."""

    def __init__(self, gateway: "Gateway", key: DigestKey, run: str) -> None:
        self._gateway = gateway
        self._key = key
        self._run = run

    async def undo(
        self,
        change: Change,
        before: Saved | None,
        values: Mapping[str, str],
        *,
        done: bool = True,
        made: Mapping[str, str] | None = None,
    ) -> Undone:
        """Take one change back.

        Args:
            change: the change.
            before: the resource as it was, None where there was none.
            values: the values of secrets as they can be read now.
            done: whether the change was made whole, so that what is there tells what somebody else did since.
            made: the applications that the run has created, by client id, which connections may have by themselves.

        Raises:
            DeployerError: where the tenant could not be made what it was.
        """
        kind = KINDS[change.kind]
        desired = change.to_desired()
        now = await find(self._gateway, kind, desired, before.id if before else None)
        if before is None:
            return Undone(await self._uncreate(change, now))
        found = None if now is None else without_effects(now, made or {})
        if found is not None and same_state(before, found) and not kind.cannot_detect_writes:
            return Undone()
        if now is None and change.action is not Action.DELETE:
            # Nothing of ours deletes it: what comes back would be another one, without what went with it.
            return Undone([f"{change.address}: somebody else has deleted it meanwhile; it is left so"])
        former, lost = self._former(before, values)
        try:
            # After a lost answer the state that is read below tells whether the write took place.
            with contextlib.suppress(OutcomeUnknown):
                restoration = Restoration(before, now, former, self._marker(before, former))
                await kind.restore(self._gateway, restoration)
        except ManagementError:
            raise
        except DeployerError as error:
            if now is not None:
                raise
            # Nothing brings it back: to say so again and again would only block every later apply.
            return Undone([f"{change.address}: {error.what}"])
        # What is created again has another id than the one by which it was known.
        anew = replace(desired, lookup={key: value for key, value in desired.lookup.items() if key != "id"})
        restored = await find(self._gateway, kind, *((anew, None) if now is None else (desired, before.id)))
        if restored is None:
            raise DeployerError("it could not be restored", where=change.address)
        stands = [*lost, *kind.not_restorable(before, restored), *_left_over(kind, before, restored)]
        if missing := sorted(set(former) - set(restored.ciphertexts)):
            if kind.keeps_secrets:
                raise DeployerError(f"secrets are missing: {one_line(', '.join(missing))}", where=change.address)
            stands += [f"the value {one_line(name)} that it reads is gone" for name in missing]
        if (marker := self._marker(before, former, restored)) is not None and marker.secrets:
            await self._note(kind, Update(desired, {}, marker, restored))
        overwritten = _by_others(kind, desired, before, found, done=done) if found is not None else []
        return Undone(*([f"{change.address}: {text}" for text in texts] for texts in (stands, overwritten)))

    async def _note(self, kind: BaseKind, update: Update) -> None:
        try:
            await kind.note(self._gateway, update)
        except OutcomeUnknown:
            found = await kind.refresh(self._gateway, update.desired, update.live.id)
            if found is None or OwnershipMarker.read(found.notes) != update.marker:
                raise

    async def _uncreate(self, change: Change, now: Live | None) -> list[str]:
        if now is None:
            return []
        kind = KINDS[change.kind]
        if not kind.made_by(now, self._run):
            return [f"{change.address}: somebody else created it at the same moment; it was left alone"]
        with contextlib.suppress(OutcomeUnknown):
            await kind.delete(self._gateway, now)
        if await kind.refresh(self._gateway, change.to_desired(), now.id) is not None:
            raise DeployerError("it could not be deleted again", where=change.address)
        return []

    def _former(self, before: Saved, values: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
        """Find the values to restore secrets with, and in words those whose former value nobody knows."""
        notes = OwnershipMarker.read(before.notes)
        former: dict[str, str] = {}
        lost = []
        for name in before.secret_digests:
            noted = notes.secrets.get(name_digest(name)) if notes and notes.key_id == self._key.id else None
            value = values.get(name)
            if value is not None:
                former[name] = value
            if value is None or noted is None or noted.value != self._key.of(before.address, name, value):
                end = "it is gone" if value is None else "it has the value that its reference gives now"
                lost.append(f"the former value of the secret {one_line(name)} cannot be restored; {end}")
        return former, lost

    def _marker(self, before: Saved, former: Mapping[str, str], restored: Live | None = None) -> OwnershipMarker | None:
        """Build the marker that belongs to the restored state, None where the resource had none."""
        old = OwnershipMarker.read(before.notes)
        if old is None:
            return None
        digests = {name: self._key.of(before.address, name, value) for name, value in former.items()}
        ciphertexts = restored.ciphertexts if restored else None
        return OwnershipMarker.make(self._key.id, digests, ciphertexts, old.release, old.run, old.added, old.tenant)


def _left_over(kind: BaseKind, before: Saved, restored: Live) -> list[str]:
    """Say what the tenant added and does not let go of.

    Raises:
        DeployerError: where something that was there is not, or is another.
    """
    said = " ".join(kind.not_restorable(before, restored))
    ignored = set(kind.server_completed.ignored(before.attributes))
    left: dict[str, None] = {}
    for found in all_differences(dict(before.attributes), dict(restored.attributes)):
        path = ".".join(found.path)
        if found.action == "add" and kind.server_completed.adds(found.path, found.after):
            continue
        if found.action == "remove" and found.path[:2] in ignored:
            left[f"{'.'.join(found.path[:2])} is not written again: Auth0 ignored it"] = None
        elif found.action == "add":
            left[f"{path} stays: the tenant adds it by itself"] = None
        elif not said:
            raise DeployerError(f"{path} is not what it was", where=before.address)
    return list(left)


def _by_others(kind: BaseKind, desired: Desired, before: Saved, now: Live, *, done: bool) -> list[str]:
    """Say what somebody else had changed or removed between our write and its roll-back.

    Of a change that was not `done`, only what is neither as it was nor as it was to be.
    """
    gone = kind.removed_by_write(desired, Live(before.kind, before.name, before.id, before.attributes, {}))
    was = dict(before.attributes)
    found = []
    for one in all_differences(overlay(was, desired.attributes), dict(now.attributes)):
        half_done = not all_differences(_at(was, one.path), _at(now.attributes, one.path))
        completed = one.path[:2] in kind.server_completed.completed
        if one.action == "add" or half_done or completed or any(one.path[: len(path)] == path for path in gone):
            continue
        if not done and one.path[:1] in kind.transient_fields:
            continue
        found.append(f"{'.'.join(one.path)}, which somebody else had changed meanwhile, is what it was before again")
    return found


def _at(value: object, path: tuple[str, ...]) -> object:
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def same_state(before: Saved, now: Live) -> bool:
    """Return whether a resource is what it was. Secrets that are resources of their own are not a part of it."""
    one, other = before.comparable(), now.comparable()
    if not KINDS[before.kind].keeps_secrets:
        del one["secrets"], other["secrets"]
    return one == other
