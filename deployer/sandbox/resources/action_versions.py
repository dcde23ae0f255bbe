"""Serves the deployment of an action and its versions: /api/v2/actions/actions/{id}/deploy and /versions.

https://auth0.com/docs/api/management/v2/actions/get-action-versions
"""

from deployer.sandbox.calls import Call, Endpoint, Response
from deployer.sandbox.errors import ApiError
from deployer.sandbox.paging import counted_page
from deployer.sandbox.resources import action_state
from deployer.sandbox.resources.actions import find
from deployer.sandbox.schema import Boolean, Nullable, Object
from deployer.sandbox.storage import Document

_ROLLBACK = Nullable(Object({"update_draft": Boolean()}))


def _show(action: Document, version: Document, *, deployed: bool) -> Document:
    return {**action_state.show_version(version, deployed=deployed), "action": action_state.show_reference(action)}


def deploy(call: Call) -> Response:
    """Answer `POST /actions/actions/{id}/deploy`: the draft as a new version; 400 before it is built."""
    action = find(call)
    if action_state.build_status(call.tenant, action) != "built":
        raise ApiError(
            400, "A draft must be in the 'built' state before it can be deployed.", "draft_action_not_deployable"
        )
    return Response(body=_show(action, action_state.deploy(call.tenant, action), deployed=False))


def _versions(call: Call, action: Document) -> list[Document]:
    texts = call.tenant.storage.page("action_version", tags=[action["id"]])
    found = [call.tenant.storage.decode(text) for _, text in texts]
    return found[::-1]


def list_versions(call: Call) -> Response:
    """Answer `GET /actions/actions/{id}/versions`, the newest first."""
    action = find(call)
    running = action_state.deployed_version(call.tenant, action)
    running_id = running["id"] if running else None
    return counted_page(
        call,
        "versions",
        _versions(call, action),
        lambda version: _show(action, version, deployed=version["id"] == running_id),
    )


def _find_version(call: Call, action: Document) -> Document:
    version = call.tenant.storage.get("action_version", call.params["version"])
    if version is None or version["$action"] != action["id"]:
        raise ApiError(404, "That action version does not exist.", "action_version_not_found")
    return version


def read(call: Call) -> Response:
    """Answer `GET /actions/actions/{id}/versions/{version}`."""
    action = find(call)
    version = _find_version(call, action)
    running = action_state.deployed_version(call.tenant, action)
    return Response(body=_show(action, version, deployed=running is not None and running["id"] == version["id"]))


def roll_back(call: Call) -> Response:
    """Answer `POST /actions/actions/{id}/versions/{version}/deploy`: that version again, as a new one."""
    action = find(call)
    version = _find_version(call, action)
    sent = call.payload(_ROLLBACK) or {}
    if sent.get("update_draft"):
        for field in ("code", "dependencies", "runtime"):
            action[field] = version[field]
        action_state.touch(action)
        action["$revision"] = version["$revision"]
    return Response(body=_show(action, action_state.deploy(call.tenant, action, source=version), deployed=False))


ENDPOINTS = [
    Endpoint("POST", "/api/v2/actions/actions/{id}/deploy", ("create:actions", "update:actions"), deploy),
    Endpoint("GET", "/api/v2/actions/actions/{id}/versions", ("read:actions",), list_versions),
    Endpoint("GET", "/api/v2/actions/actions/{id}/versions/{version}", ("read:actions",), read),
    Endpoint(
        "POST",
        "/api/v2/actions/actions/{id}/versions/{version}/deploy",
        ("create:actions", "update:actions"),
        roll_back,
    ),
]
