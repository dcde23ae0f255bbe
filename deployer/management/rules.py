"""Reads and writes Rules and their configuration, in tenants that still have them (end of life: 2026-11-18)."""

from collections.abc import Mapping
from typing import Any

from deployer.management.calls import Calls, Json
from deployer.management.session import OMIT


class RuleCalls(Calls):
    """/api/v2/rules and /rules-configs."""

    async def rules(self) -> list[Json]:
        """List all rules with their scripts."""
        return await self._list("rules.list", "rules", include_totals=True)

    async def rule(self, id: str) -> Json | None:
        """Read one rule, None if there is none."""
        return await self._read_object_or_none("rules.get", id)

    async def create_rule(self, payload: Mapping[str, Any]) -> Json:
        """Create a rule from `name`, `script`, and perhaps `order` and `enabled`."""
        return await self._write_object("rules.create", name=OMIT, script=OMIT, body=payload)

    async def update_rule(self, id: str, payload: Mapping[str, Any]) -> Json:
        """Send a PATCH, which changes only the keys given."""
        return await self._write_object("rules.update", id, body=payload)

    async def delete_rule(self, id: str) -> None:
        """Delete a rule."""
        await self._write("rules.delete", id)

    async def rule_configs(self) -> list[str]:
        """List the keys of the rules' configuration; Auth0 never shows their values."""
        return [str(entry["key"]) for entry in self._entries(await self._session.read("rules_configs.list"), "configs")]

    async def set_rule_config(self, key: str, value: str) -> None:
        """Set one value, which is secret: it is never shown again."""
        await self._write("rules_configs.set", key, value=value)

    async def delete_rule_config(self, key: str) -> None:
        """Remove one key."""
        await self._write("rules_configs.delete", key)
