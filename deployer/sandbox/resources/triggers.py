"""Serves triggers and the actions bound to them, in order: /api/v2/actions/triggers.

https://auth0.com/docs/api/management/v2/actions/patch-bindings
"""

import uuid
from typing import Any

from deployer.sandbox.calls import Call, Endpoint, Response
from deployer.sandbox.clock import nanoseconds
from deployer.sandbox.errors import ApiError, invalid_body
from deployer.sandbox.paging import counted_page
from deployer.sandbox.resources import action_state
from deployer.sandbox.resources.trigger_kinds import LISTED, TRIGGERS
from deployer.sandbox.schema import Anything, Array, Object, String
from deployer.sandbox.storage import Document

_BINDING = Object(
    {
        "ref": Object(
            {"type": String(enum=("binding_id", "action_id", "action_name")), "value": String(min=1)},
            required=("type", "value"),
        ),
        "display_name": String(min=1, max=255),
        "secrets": Array(Object(extra=Anything())),
    },
    required=("ref",),
)
UPDATE = Object({"bindings": Array(_BINDING, max=100)}, required=("bindings",))


def list_triggers(_call: Call) -> Response:
    """Answer `GET /actions/triggers`."""
    return Response(body={"triggers": [version.as_listed() for version in LISTED]})


def _trigger(call: Call) -> str:
    trigger = call.params["trigger"]
    if trigger not in TRIGGERS:
        raise ApiError(404, "That trigger does not exist.", "trigger_not_found")
    return trigger


def _stored(call: Call, trigger: str) -> Document:
    return call.tenant.storage.get("bindings", trigger) or {"bindings": []}


def _show(call: Call, trigger: str, binding: Document) -> Document:
    action = call.tenant.storage.get("action", binding["$action"])
    shown: Document = {"id": binding["id"], "trigger_id": trigger}
    if action is not None:
        shown["action"] = action_state.with_versions(call.tenant, action, action_state.show_reference(action))
    return {
        **shown,
        "created_at": binding["created_at"],
        "updated_at": binding["updated_at"],
        "display_name": binding["display_name"],
    }


def list_bindings(call: Call) -> Response:
    """Answer `GET /actions/triggers/{trigger}/bindings`, in their order; empty where nothing can be bound."""
    trigger = _trigger(call)
    bindings = _stored(call, trigger)["bindings"]
    return counted_page(call, "bindings", bindings, lambda binding: _show(call, trigger, binding))


def update(call: Call) -> Response:
    """Answer `PATCH /actions/triggers/{trigger}/bindings`: this list instead of the one that was there."""
    trigger = _trigger(call)
    if not TRIGGERS[trigger].bindable:
        raise ApiError(400, "cannot update action bindings for an entity-bound trigger", "invalid_trigger")
    sent = call.payload(UPDATE)["bindings"]
    before = _stored(call, trigger)
    bindings = [_bind(call, trigger, entry, before) for entry in sent]
    actions = [binding["$action"] for binding in bindings]
    if len(set(actions)) < len(actions):
        raise invalid_body("An action can be bound to a trigger only once.")
    body = {"bindings": bindings}
    storage = call.tenant.storage
    if storage.text("bindings", trigger) is None:
        storage.insert("bindings", trigger, body)
    else:
        storage.update("bindings", trigger, body)
    return Response(body={"bindings": [_show(call, trigger, binding) for binding in bindings]})


def _bind(call: Call, trigger: str, entry: dict[str, Any], before: Document) -> Document:
    kind, value = entry["ref"]["type"], entry["ref"]["value"]
    if kind == "binding_id":
        for binding in before["bindings"]:
            if binding["id"] == value:
                return {**binding, "display_name": entry.get("display_name", binding["display_name"])}
        raise ApiError(404, "That binding does not exist.", "binding_not_found")
    storage = call.tenant.storage
    if kind == "action_id":
        action = storage.get("action", value)
    else:
        action = next((action for action in storage.all("action") if action["name"] == value), None)
    if action is None:
        raise ApiError(404, "That action does not exist.", "action_not_found")
    if all(known["id"] != trigger for known in action["supported_triggers"]):
        raise invalid_body(f"The action does not support the trigger {trigger}.")
    if action_state.deployed_version(call.tenant, action) is None:
        raise invalid_body("Trying to create a binding for an action that has not been deployed.")
    at = nanoseconds()
    return {
        "id": str(uuid.uuid4()),
        "$action": action["id"],
        "created_at": at,
        "updated_at": at,
        "display_name": entry.get("display_name", action["name"]),
    }


ENDPOINTS = [
    Endpoint("GET", "/api/v2/actions/triggers", ("read:actions",), list_triggers),
    Endpoint("GET", "/api/v2/actions/triggers/{trigger}/bindings", ("read:actions",), list_bindings),
    Endpoint("PATCH", "/api/v2/actions/triggers/{trigger}/bindings", ("update:actions",), update),
]
