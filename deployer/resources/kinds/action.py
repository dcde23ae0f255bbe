"""Deploys Actions: writes the draft, waits until it is built, deploys it, waits until it runs.

An Action that runs is never touched before the new draft is built: a build that fails changes nothing for users.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from deployer.config.models import Tenant
from deployer.config.problems import Position
from deployer.config.tree import KEEP
from deployer.errors import DeployerError
from deployer.management.errors import OutcomeUnknown
from deployer.rendering.guards import guard_of
from deployer.resources import action_payload
from deployer.resources.action_payload import live_state
from deployer.resources.declared_api import grants_needed, guards
from deployer.resources.definitions import Definitions, owning_connection
from deployer.resources.kinds.base import BaseKind, Restoration, Update, Write, choose_owned
from deployer.resources.marker import OwnershipMarker
from deployer.resources.model import Desired, Live, Saved

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway

KIND = action_payload.KIND
_DEPLOY_SECONDS = 120.0


class ActionKind(BaseKind):
    """Actions, those of guards and those that a tenant file declares. Binding them is another resource.

    A write replaces the list of secrets, and one that is named without a value keeps the one that it has
    (https://auth0.com/docs/api/management/v2/actions/patch-action): so `replaces_secrets` is empty.
    """

    name = KIND
    creation_order = 40
    transient_fields = frozenset({("deployed",), ("running",)})
    secrets_section = "secrets"
    section = "actions"
    template_keys = ("code",)
    deletion_note = "its versions go with it, and its place in the flow; the other Actions keep theirs"

    @override
    def defined_by(self, definitions: Definitions) -> Iterator[Desired]:
        """Find the entries of `actions:`, and the guards of connections that are Actions."""
        for own in definitions.actions:
            definition = own.definition
            yield action_payload.desired_state(
                own.name,
                own.rendered.source,
                definition.trigger,
                runtime=definition.runtime,
                dependencies=definition.dependencies,
                secrets=definition.secrets,
                owners=(own.address,),
            )
        for one in definitions.connections:
            for guard, secrets in guards(one, "action"):
                yield action_payload.desired_state(
                    guard.name,
                    guard.source,
                    guard.trigger,
                    secrets=secrets,
                    depends_on=grants_needed(one, secrets),
                    owners=(one.address,),
                )

    @override
    def owners_of(self, live: Live) -> list[str]:
        """Return the connection that the code itself says it guards."""
        guard = guard_of(str(live.attributes["code"]))
        return [owning_connection(guard[0])] if guard else super().owners_of(live)

    @override
    def secret_position(self, tenant: Tenant, resource: str, secret: str) -> Position | None:
        """Find it below `actions:`; what a guard reads is given nowhere by itself."""
        return tenant.position("actions", resource, "secrets", secret) if resource in tenant.actions else None

    @override
    async def read(self, gateway: "Gateway", desired: Sequence[Desired]) -> list[Live]:
        """Read one list of all Actions."""
        everything = [live_state(raw) for raw in await gateway.actions()]
        found = []
        for resource in desired:
            one = choose_owned([live for live in everything if live.name == resource.name], resource.address)
            if one is not None:
                found.append(one)
        return found

    @override
    async def refresh(self, gateway: "Gateway", desired: Desired, resource_id: str) -> Live | None:
        """Read it anew: `GET /actions/actions/{id}`."""
        raw = await gateway.action(resource_id)
        return live_state(raw) if raw is not None else None

    @override
    async def create(self, gateway: "Gateway", write: Write) -> str:
        """Create it with `POST`, build and deploy."""
        desired = write.desired
        draft = action_payload.payload(desired.name, desired.attributes, write.values, write.marker)
        made = await gateway.create_action(draft)
        await self._finish(gateway, write, str(made["id"]))
        return str(made["id"])

    @override
    async def update(self, gateway: "Gateway", update: Update) -> None:
        """Write the draft with `PATCH`, build and deploy. Every secret is sent, those to keep by name: none is lost."""
        desired, live = update.desired, update.live
        body = action_payload.payload(desired.name, desired.attributes, update.values, update.marker)
        body["secrets"] += [{"name": name} for name, source in desired.secrets.items() if source is KEEP]
        if live.attributes["trigger"] == desired.attributes["trigger"]:
            del body["supported_triggers"]
        await gateway.update_action(live.id, body)
        await self._finish(gateway, update, live.id)

    @override
    async def note(self, gateway: "Gateway", update: Update) -> Live:
        """Find the marker in the code, where this kind wrote it; else write and deploy the code again with it."""
        live, marker = update.live, update.marker
        if OwnershipMarker.read(live.notes) == marker:
            return live
        code = action_payload.payload(update.desired.name, live.attributes, {}, marker)["code"]
        await gateway.update_action(live.id, {"code": code})
        if live.attributes["deployed"]:
            await _deploy(gateway, live.id)
        return await self._present(gateway, update.desired, live.id)

    @override
    def is_written(self, write: Write, live: Live) -> bool:
        """Return whether the code names the run, and runs."""
        return live.attributes["deployed"] is True and super().is_written(write, live)

    @override
    async def restore(self, gateway: "Gateway", restoration: Restoration) -> None:
        """Write the old draft again, and let run again what ran. One that was deleted gets another id."""
        before, live, values = restoration.before, restoration.live, restoration.values
        body = action_payload.payload(before.name, before.attributes, values, restoration.marker)
        if live is None:
            action_id = str((await gateway.create_action(body))["id"])
        else:
            action_id = live.id
            if live.attributes["trigger"] == before.attributes["trigger"]:
                del body["supported_triggers"]
            # A secret whose value nobody knows any more keeps the one that it has.
            kept = [name for name in before.secret_digests if name not in values and name in live.ciphertexts]
            body["secrets"] += [{"name": name} for name in kept]
            if running := before.attributes.get("running"):
                await _run_again(gateway, before, action_id, str(running))
            await gateway.update_action(action_id, body)
        if before.attributes["deployed"]:
            await _deploy(gateway, action_id)

    @override
    def not_restorable(self, before: Saved, live: Live) -> list[str]:
        """Say what a deleted Action loses: its id, its versions, and its place in the flow."""
        if before.id == live.id:
            return []
        lost = " what ran beside its draft is gone;" if before.attributes.get("running") else ""
        return [f"it has a new id and none of its versions;{lost} the next apply binds it again"]

    @override
    async def delete(self, gateway: "Gateway", live: Live) -> None:
        """Delete it with `force`, which takes it out of the flow and leaves the others there in their order."""
        await gateway.delete_action(live.id, force=True)

    async def _finish(self, gateway: "Gateway", write: Write, action_id: str) -> None:
        """Note what the secrets became, then build and deploy: once, whatever there is to note."""
        desired, marker = write.desired, write.marker
        if marker.secrets:
            draft = await self._present(gateway, desired, action_id)
            if any(draft.attributes[key] != desired.attributes[key] for key in ("code", "runtime", "dependencies")):
                raise DeployerError("somebody else has changed it while it was written", where=desired.address)
            completed = marker.completed(draft.ciphertexts)
            complete = action_payload.payload(desired.name, desired.attributes, {}, completed)
            await gateway.update_action(action_id, {"code": complete["code"]})
        await _deploy(gateway, action_id)

    async def _present(self, gateway: "Gateway", desired: Desired, action_id: str) -> Live:
        found = await self.refresh(gateway, desired, action_id)
        if found is None:
            raise DeployerError("it was deleted while it was written", where=desired.address)
        return found


async def _run_again(gateway: "Gateway", before: Saved, action_id: str, running: str) -> None:
    for version in await gateway.action_versions(action_id):
        if action_payload.content_digest(version) == running:
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
    draft = action_payload.content_digest(built)
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
        if raw is not None and live_state(raw).attributes["deployed"]:
            return
        if raw is None or action_payload.content_digest(raw) != draft:
            what = "deleted" if raw is None else "changed"
            raise DeployerError(f"somebody else has {what} it while it was deployed", where="action " + action_id)
        if time.monotonic() - began > _DEPLOY_SECONDS:
            raise DeployerError(f"it was not deployed within {_DEPLOY_SECONDS:g} seconds", where="action " + action_id)
        await asyncio.sleep(pause)
        pause = min(2.0, pause * 2)
