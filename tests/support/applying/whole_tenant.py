"""Reads the whole of a local tenant in a form in which two moments can be compared, field by field."""

from typing import Any

from deployer.resources.code_marker import unsigned
from deployer.sandbox.resources import action_state
from deployer.sandbox.server import LocalTenant

# Fields in which two tenants that are the same may differ: times.
_FLEETING = ("created_at", "updated_at")


# The tenant completes these maps by itself at a write, and keeps what it has added.
_COMPLETED = ("authentication_methods", "passkey_options", "mfa")


def everything(tenant: LocalTenant, names: dict[str, str]) -> dict[str, Any]:
    """The whole tenant, field by field, secrets by value; without what differs from write to write.

    `names` are what ids and secrets are called; it is added to, so that what was deleted keeps its name.
    """
    dump = tenant.state.storage.dump()
    for entry in dump["documents"]:
        body = entry["body"]
        names[entry["id"]] = f"{entry['kind']}/{_name(entry)}"
        if secret := body.get("client_secret"):
            names[secret] = f"secret of {names[entry['id']]}"
    found: dict[str, Any] = {}
    for entry in dump["documents"]:
        empty_flow = entry["kind"] == "bindings" and not entry["body"]["bindings"]
        if entry["kind"] != "action_version" and not empty_flow:
            name = names[entry["id"]]
            if entry["kind"] == "client_grant":
                name += f" of {names[entry['body']['client_id']]}"
            assert name not in found, f"there are two of {name}"
            found[name] = _renamed(_plain(tenant, entry["kind"], entry["body"]), names)
    found["links"] = sorted([kind, *(names.get(one, one) for one in ends)] for kind, *ends in dump["links"])
    return found


def _name(entry: dict[str, Any]) -> str:
    """What a document is called whatever its id is: a client of ours by the connection that it belongs to."""
    body = entry["body"]
    ours = body.get("client_metadata", {}).get("deployer_connection")
    known_by = (body[key] for key in ("name", "audience", "domain") if key in body)
    return str(ours or entry["name"] or next(known_by, entry["id"]))


def _plain(tenant: LocalTenant, kind: str, body: dict[str, Any]) -> Any:
    """A document without this tool's notes, its secrets decrypted."""
    decrypt = tenant.state.vault.decrypt
    match kind:
        case "connection":
            options = {key: value for key, value in body["options"].items() if key not in _COMPLETED}
            options["configuration"] = {k: decrypt(v) for k, v in options.get("configuration", {}).items()}
            return _unnoted({**body, "options": options})
        case "action":
            running = action_state.deployed_version(tenant.state, body)
            secrets = {name: decrypt(value) for name, value in body["$secrets"].items()}
            return {
                "supported_triggers": body["supported_triggers"],
                "draft": {**_code(body), "secrets": secrets},
                "running": running and {**_code(running), "secrets": [secret["name"] for secret in running["secrets"]]},
            }
        case "rule":
            return {**body, "script": unsigned(body["script"])[0]}
        case "rules_config":
            return {**body, "value": decrypt(body["value"])}
        case "bindings":
            return [[entry["display_name"], entry["$action"]] for entry in body["bindings"]]
    return _unnoted(body)


def _code(body: dict[str, Any]) -> dict[str, Any]:
    return {"code": unsigned(body["code"])[0], "dependencies": body["dependencies"], "runtime": body["runtime"]}


def _unnoted(body: dict[str, Any]) -> dict[str, Any]:
    """The document without our notes in any map of metadata."""
    return {name: _theirs(value) if name.endswith("metadata") else value for name, value in body.items()}


def _theirs(metadata: Any) -> Any:
    if not isinstance(metadata, dict):
        return metadata
    return {key: value for key, value in metadata.items() if not key.startswith("deployer")}


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {names.get(k, k): _renamed(v, names) for k, v in value.items() if k not in _FLEETING}
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value
