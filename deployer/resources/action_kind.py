"""Actions through the gateway: write the draft, wait until it is built, deploy it, wait until it runs.

An Action that runs is never touched before the new draft is built: a build that fails changes nothing for users.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from deployer.config.tree import KEEP
from deployer.errors import DeployerError
from deployer.management.errors import OutcomeUnknown
from deployer.resources import action
from deployer.resources.base import BaseKind, choose_owned
from deployer.resources.marker import OwnershipMarker
from deployer.resources.model import Desired, Live, Saved

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway

_DEPLOY_SECONDS = 120.0


class ActionKind(BaseKind):
    """Actions, ours and those that a tenant file declares. Binding them is another resource."""

    name = action.KIND
    transient_fields: frozenset[tuple[str, ...]] = frozenset({("deployed",), ("running",)})
    # https://auth0.com/docs/api/management/v2/actions/patch-action: the list of secrets is replaced, and one that is
    # named without a value keeps the one that it has.
    keeps_unsent_secrets = True

    async def read(self, gateway: "Gateway", wanted: Sequence[Desired]) -> list[Live]:
        """One list of all Actions."""
        everything = [action.live(raw) for raw in await gateway.actions()]
        found = []
        for resource in wanted:
            one = choose_owned([live for live in everything if live.name == resource.name], resource.address)
            if one is not None:
                found.append(one)
        return found

    async def refresh(self, gateway: "Gateway", wanted: Desired, resource_id: str) -> Live | None:  # noqa: ARG002
        """`GET /actions/actions/{id}`."""
        raw = await gateway.action(resource_id)
        return action.live(raw) if raw is not None else None

    async def create(
        self, gateway: "Gateway", wanted: Desired, values: Mapping[str, str], notes: OwnershipMarker
    ) -> str:
        """`POST`, build and deploy."""
        made = await gateway.create_action(action.payload(wanted.name, wanted.attributes, values, notes))
        await self._finish(gateway, wanted, str(made["id"]), notes)
        return str(made["id"])

    async def update(
        self, gateway: "Gateway", wanted: Desired, have: Live, values: Mapping[str, str], notes: OwnershipMarker
    ) -> None:
        """`PATCH` the draft, build and deploy. Every secret is sent, those to keep by name, so that none is lost."""
        body = action.payload(wanted.name, wanted.attributes, values, notes)
        body["secrets"] += [{"name": name} for name, source in wanted.secrets.items() if source is KEEP]
        if have.attributes["trigger"] == wanted.attributes["trigger"]:
            del body["supported_triggers"]
        await gateway.update_action(have.id, body)
        await self._finish(gateway, wanted, have.id, notes)

    async def note(self, gateway: "Gateway", wanted: Desired, have: Live, notes: OwnershipMarker) -> Live:
        """The notes are in the code already, where this kind wrote it; else the code is written and deployed again."""
        if OwnershipMarker.read(have.notes) == notes:
            return have
        code = action.payload(wanted.name, have.attributes, {}, notes)["code"]
        await gateway.update_action(have.id, {"code": code})
        if have.attributes["deployed"]:
            await _deploy(gateway, have.id)
        return await self._present(gateway, wanted, have.id)

    def is_written(self, wanted: Desired, now: Live, notes: OwnershipMarker) -> bool:  # noqa: ARG002
        """The code names the run, and runs."""
        return now.attributes["deployed"] is True and notes.run is not None and self.made_by(now, notes.run)

    async def restore(
        self,
        gateway: "Gateway",
        before: Saved,
        now: Live | None,
        values: Mapping[str, str],
        notes: OwnershipMarker | None,
    ) -> None:
        """The old draft is written again, and what ran runs again. One that was deleted gets another id."""
        body = action.payload(before.name, before.attributes, values, notes)
        if now is None:
            action_id = str((await gateway.create_action(body))["id"])
        else:
            action_id = now.id
            if now.attributes["trigger"] == before.attributes["trigger"]:
                del body["supported_triggers"]
            # A secret whose value nobody knows any more keeps the one that it has.
            kept = [name for name in before.secret_digests if name not in values and name in now.ciphertexts]
            body["secrets"] += [{"name": name} for name in kept]
            if running := before.attributes.get("running"):
                await self._run_again(gateway, before, action_id, str(running))
            await gateway.update_action(action_id, body)
        if before.attributes["deployed"]:
            await _deploy(gateway, action_id)

    def not_restorable(self, before: Saved, now: Live) -> list[str]:
        """A deleted Action loses its id, its versions, and its place in the flow."""
        if before.id == now.id:
            return []
        lost = " what ran beside its draft is gone;" if before.attributes.get("running") else ""
        return [f"it has a new id and none of its versions;{lost} the next apply binds it again"]

    async def delete(self, gateway: "Gateway", have: Live) -> None:
        """`DELETE` with `force`, which takes it out of the flow and leaves the others there in their order."""
        await gateway.delete_action(have.id, force=True)

    async def _finish(self, gateway: "Gateway", wanted: Desired, action_id: str, notes: OwnershipMarker) -> None:
        """Note what the secrets became, then build and deploy: once, whatever there is to note."""
        if notes.secrets:
            draft = await self._present(gateway, wanted, action_id)
            if any(draft.attributes[key] != wanted.attributes[key] for key in ("code", "runtime", "dependencies")):
                raise DeployerError("somebody else has changed it while it was written", where=wanted.address)
            complete = action.payload(wanted.name, wanted.attributes, {}, notes.completed(draft.ciphertexts))
            await gateway.update_action(action_id, {"code": complete["code"]})
        await _deploy(gateway, action_id)

    async def _present(self, gateway: "Gateway", wanted: Desired, action_id: str) -> Live:
        found = await self.refresh(gateway, wanted, action_id)
        if found is None:
            raise DeployerError("it was deleted while it was written", where=wanted.address)
        return found

    async def _run_again(self, gateway: "Gateway", before: Saved, action_id: str, running: str) -> None:
        for version in await gateway.action_versions(action_id):
            if action.content_digest(version) == running:
                await gateway.deploy_action_version(action_id, str(version["id"]))
                return
        raise DeployerError("the version that ran before is no longer kept", where=before.address)


async def _deploy(gateway: "Gateway", action_id: str) -> None:
    """Wait for the build, deploy, and wait until what was deployed runs.

    Raises:
        DeployerError: where it does not run in time; the version that ran before still does then. Where somebody else
            changes the draft meanwhile.
    """
    built = await gateway.wait_for_build(action_id)
    draft = action.content_digest(built)
    before = int((built.get("deployed_version") or {}).get("number") or 0)
    try:
        await gateway.deploy_action(action_id)
    except OutcomeUnknown:
        # Deploying is asked for once: where it took place there is a version more, and it is waited for.
        if all(int(version.get("number") or 0) <= before for version in await gateway.action_versions(action_id)):
            raise
    began, pause = time.monotonic(), 0.05
    while True:
        raw: dict[str, Any] | None = await gateway.action(action_id)
        if raw is not None and action.live(raw).attributes["deployed"]:
            return
        if raw is None or action.content_digest(raw) != draft:
            what = "deleted" if raw is None else "changed"
            raise DeployerError(f"somebody else has {what} it while it was deployed", where="action " + action_id)
        if time.monotonic() - began > _DEPLOY_SECONDS:
            raise DeployerError(f"it was not deployed within {_DEPLOY_SECONDS:g} seconds", where="action " + action_id)
        await asyncio.sleep(pause)
        pause = min(2.0, pause * 2)
