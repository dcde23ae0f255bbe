"""Serves Actions: /api/v2/actions/actions.

https://auth0.com/docs/api/management/v2/actions
"""

import uuid
from typing import Any

from deployer.sandbox.calls import Call, Endpoint, Response
from deployer.sandbox.clock import nanoseconds
from deployer.sandbox.errors import ApiError, invalid_body
from deployer.sandbox.paging import counted_page
from deployer.sandbox.resources import action_state
from deployer.sandbox.resources.trigger_kinds import TRIGGERS
from deployer.sandbox.schema import Anything, Array, Boolean, Object, Schema, String
from deployer.sandbox.storage import Document

DEFAULT_RUNTIME = "node22"
_TRIGGER = Object({"id": String(enum=tuple(TRIGGERS)), "version": String()}, required=("id",), extra=Anything())
_SHARED: dict[str, Schema] = {
    "name": String(min=1, max=255),
    "supported_triggers": Array(_TRIGGER, min=1, max=1),
    "code": String(max=100_000),
    "dependencies": Array(
        Object(
            {"name": String(min=1, max=214), "version": String(min=1, max=100), "registry_url": String()},
            required=("name", "version"),
        ),
        max=100,
    ),
    "runtime": String(enum=("node12", "node16", "node18", "node18-actions", "node22", "node24")),
    "secrets": Array(
        Object({"name": String(min=1, max=255), "value": String(max=4096)}, required=("name",), extra=Anything()),
        max=100,
    ),
    "modules": Array(),
    "deploy": Boolean(),
}
CREATE = Object(_SHARED, required=("name", "supported_triggers"))
UPDATE = Object(_SHARED)


def not_found() -> ApiError:
    """Build the 404 for an action."""
    return ApiError(404, "That action does not exist.", "action_not_found")


def find(call: Call, id: str | None = None) -> Document:
    """Find the action of the path. Raises ApiError 404."""
    action = call.tenant.storage.get("action", id or call.params["id"])
    if action is None:
        raise not_found()
    return action


def _apply(call: Call, action: Document, sent: dict[str, Any]) -> None:
    for field in ("name", "code", "dependencies", "runtime"):
        if field in sent:
            action[field] = sent[field]
    if "supported_triggers" in sent:
        action["supported_triggers"] = [
            {"id": trigger["id"], "version": trigger.get("version", TRIGGERS[trigger["id"]].version)}
            for trigger in sent["supported_triggers"]
        ]
    if "secrets" in sent:
        names = [secret["name"] for secret in sent["secrets"]]
        if len(set(names)) < len(names):
            raise invalid_body("Secret names must be unique")
        action_state.merge_secrets(call.tenant, action, sent["secrets"])
    action_state.touch(action)


def create(call: Call) -> Response:
    """Answer `POST /actions/actions`: 201 with the build pending."""
    sent = call.payload(CREATE)
    action: Document = {
        "id": str(uuid.uuid4()),
        "created_at": nanoseconds(),
        "code": "",
        "dependencies": [],
        "runtime": DEFAULT_RUNTIME,
        "secrets": [],
        "$secrets": {},
        "$versions": 0,
        "$deployments": [],
    }
    _apply(call, action, sent)
    call.tenant.storage.insert("action", action["id"], action)
    if sent.get("deploy"):
        action_state.deploy(call.tenant, action)
    return Response(201, action_state.show(call.tenant, action, "pending"))


def read(call: Call) -> Response:
    """Answer `GET /actions/actions/{id}`."""
    return Response(body=action_state.show(call.tenant, find(call)))


def list_actions(call: Call) -> Response:
    """Answer `GET /actions/actions`, by `triggerId`, `actionName`, `deployed` and `installed`."""
    trigger, name = call.first("triggerId"), call.first("actionName")
    deployed, installed = call.flag("deployed"), call.flag("installed")
    actions = [
        action
        for action in call.tenant.storage.all("action")
        if (trigger is None or any(known["id"] == trigger for known in action["supported_triggers"]))
        and (name is None or action["name"] == name)
        and (deployed is None or bool(action["$deployments"]) == deployed)
        and not installed
    ]
    return counted_page(call, "actions", actions, lambda action: action_state.show(call.tenant, action))


def update(call: Call) -> Response:
    """Answer `PATCH /actions/actions/{id}`: 200 with the build pending."""
    action = find(call)
    _apply(call, action, call.payload(UPDATE))
    call.tenant.storage.update("action", action["id"], action)
    return Response(body=action_state.show(call.tenant, action, "pending"))


def delete(call: Call) -> Response:
    """Answer `DELETE /actions/actions/{id}`: 204, or 409 while it is bound and `force` is not true."""
    action = find(call)
    storage = call.tenant.storage
    force = call.flag("force")
    for trigger in TRIGGERS:
        bindings = storage.get("bindings", trigger)
        if bindings is None or all(binding["$action"] != action["id"] for binding in bindings["bindings"]):
            continue
        if not force:
            raise ApiError(409, "Unable to delete an action bound to a trigger.", "action_bound")
        bindings["bindings"] = [binding for binding in bindings["bindings"] if binding["$action"] != action["id"]]
        storage.update("bindings", trigger, bindings)
    storage.delete("action", action["id"])
    storage.delete_tagged("action_version", action["id"])
    return Response(204)


ENDPOINTS = [
    Endpoint("GET", "/api/v2/actions/actions", ("read:actions",), list_actions),
    Endpoint("POST", "/api/v2/actions/actions", ("create:actions",), create),
    Endpoint("GET", "/api/v2/actions/actions/{id}", ("read:actions",), read),
    Endpoint("PATCH", "/api/v2/actions/actions/{id}", ("update:actions",), update),
    Endpoint("DELETE", "/api/v2/actions/actions/{id}", ("delete:actions",), delete),
]
