"""Works in a local tenant as somebody else does: past its weather, and past this tool."""

import re
import time
from collections.abc import Callable
from typing import Any

from deployer.sandbox import resources
from deployer.sandbox.calls import Call
from deployer.sandbox.resources import action_state
from deployer.sandbox.server import LocalTenant


def others(tenant: LocalTenant) -> None:
    """Two applications that this tool has not made."""
    somebody = Somebody(tenant)
    for name in ("Web App", "Mobile"):
        somebody("POST", "clients", {"name": name})


class Somebody:
    """Somebody else with a token: calls the Management API from within the tenant, past its weather."""

    def __init__(self, tenant: LocalTenant) -> None:
        self._state = tenant.state
        self._endpoints = [
            (each.method, re.compile(re.sub(r"{(\w+)(:path)?}", r"(?P<\1>[^/]+)", each.path)), each.handler)
            for each in resources.endpoints()
        ]

    def __call__(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        """The body of the answer. Raises ApiError."""
        for its_method, pattern, handler in self._endpoints:
            if its_method == method and (found := pattern.fullmatch(f"/api/v2/{path}")):
                scopes = frozenset({"read:connections_options", "update:connections_options", "read:client_keys"})
                asked = {name: [value] for name, value in query.items()}
                with self._state.storage.transaction():
                    return handler(Call(self._state, found.groupdict(), asked, body, scopes)).body
        raise AssertionError(f"the tenant has no {method} {path}")

    def named(self, kind: str, name: str) -> dict[str, Any] | None:
        """A document by its name, as the tenant keeps it."""
        found = [one for one in self._state.storage.all(kind) if name in (one.get("name"), one.get("audience"))]
        return found[0] if found else None

    def makes_action(self, name: str, trigger: str = "post-login") -> str:
        """An Action, built and deployed; its id."""
        triggers = [{"id": trigger, "version": "v3"}]
        made = self("POST", "actions/actions", {"name": name, "supported_triggers": triggers, "code": "exports.x = 1;"})
        document = self._state.storage.get("action", made["id"])
        document["$touched"] -= 60
        self._state.storage.update("action", made["id"], document)
        self("POST", f"actions/actions/{made['id']}/deploy")
        while action_state.deployed_version(self._state, self._state.storage.get("action", made["id"])) is None:
            time.sleep(0.005)
        return str(made["id"])

    def binds(self, order: Callable[[list[str]], list[str]], trigger: str = "post-login") -> None:
        """The Actions of a trigger, by their ids, as `order` makes them of what they are."""
        bound = self._state.storage.get("bindings", trigger) or {"bindings": []}
        entries = {entry["$action"]: entry["id"] for entry in bound["bindings"]}
        body = [
            {"ref": {"type": "binding_id", "value": entries[one]}}
            if one in entries
            else {"ref": {"type": "action_id", "value": one}}
            for one in order(list(entries))
        ]
        self("PATCH", f"actions/triggers/{trigger}/bindings", {"bindings": body})
