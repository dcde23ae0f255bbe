"""Reads and writes Actions: their code, builds, versions, and the ordered list bound to each trigger."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

from deployer.management.calls import Calls, Json
from deployer.management.errors import BuildFailed, OutcomeUnknown, UnexpectedResponse
from deployer.management.session import OMIT
from deployer.text import one_line

_UNFINISHED = {"pending", "building", "packaged", "retrying"}


class ActionCalls(Calls):
    """/api/v2/actions."""

    async def actions(self, *, trigger: str | None = None) -> list[Json]:
        """List all actions, or those for one trigger."""
        return await self._list("actions.list", "actions", trigger_id=trigger)

    async def action(self, id: str) -> Json | None:
        """Read one action with its draft code, None if there is none. Secrets come as names only."""
        return await self._read_object_or_none("actions.get", id)

    async def create_action(self, payload: Mapping[str, Any]) -> Json:
        """Create a draft; Auth0 then builds it (see `wait_for_build`)."""
        return await self._write_object("actions.create", name=OMIT, supported_triggers=OMIT, body=payload)

    async def update_action(self, id: str, payload: Mapping[str, Any]) -> Json:
        """Change the draft; what is deployed stays until `deploy_action`."""
        return await self._write_object("actions.update", id, body=payload)

    async def deploy_action(self, id: str) -> Json:
        """Deploy the built draft as a new version, and return that version."""
        return await self._write_object("actions.deploy", id)

    async def delete_action(self, id: str, *, force: bool = False) -> None:
        """Delete; a bound action only with `force`, which removes its bindings too."""
        await self._write("actions.delete", id, force=True if force else None)

    async def action_versions(self, id: str) -> list[Json]:
        """List the deployed versions of an action, newest first as Auth0 sends them."""
        return await self._list("actions.versions.list", "versions", id)

    async def deploy_action_version(self, id: str, version: str) -> Json:
        """Deploy an older version again, as a new one."""
        return await self._write_object("actions.versions.deploy", id, version)

    async def wait_for_build(self, id: str, *, timeout: float = 120.0) -> Json:
        """Poll until the draft is built, at most `timeout` seconds, and return the action. Raises BuildFailed.

        A build goes through pending and building (https://auth0.com/docs/customize/actions/write-your-first-action).
        """
        began, pause = time.monotonic(), 0.1
        while True:
            action = await self._read_object("actions.get", id)
            status = action.get("status")
            if status == "built":
                return action
            name = one_line(str(action.get("name", id)))
            if status not in _UNFINISHED:
                raise BuildFailed(
                    f"the tenant could not build the action {name}: {_build_errors(action) or one_line(str(status))}",
                    where=self._where,
                    hint="Correct its code or its dependencies; what is deployed has not changed.",
                )
            if time.monotonic() - began + pause > timeout:
                raise BuildFailed(
                    f"the tenant has not built the action {name} after {timeout:g} seconds ({one_line(str(status))})",
                    where=self._where,
                    hint="Its deployed version has not changed; try again.",
                )
            await asyncio.sleep(pause)
            pause = min(2.0, pause * 2)

    async def trigger_bindings(self, trigger: str) -> list[Json]:
        """List the actions bound to a trigger, in the order in which they run."""
        return await self._list("actions.triggers.bindings.list", "bindings", trigger)

    async def set_trigger_bindings(self, trigger: str, bindings: Sequence[Mapping[str, Any]]) -> list[Json]:
        """Replace the whole ordered list, other people's bindings included, and return the new one."""
        body = {"bindings": [dict(binding) for binding in bindings]}
        updated = await self._write_object("actions.triggers.bindings.update_many", trigger, body=body)
        try:
            return self._entries(updated, "bindings")
        except UnexpectedResponse as error:
            raise OutcomeUnknown(error) from error


def _build_errors(action: Json) -> str:
    errors = action.get("errors")
    if not isinstance(errors, list):
        return ""
    return one_line("; ".join(str(error.get("msg", "")) for error in errors if isinstance(error, dict)))
