"""Checks that what a tenant sends has the types that Auth0 documents, as far as anything here relies on them.

An answer that has not is refused in one sentence which names the place, before any other code sees it. Keys that are
missing are no matter of types; keys that are not named here may be anything.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Shape = Any
"""A type, a list with the shape of its elements, a map of keys to shapes, or `{...: shape}` for every key."""

_PAIRS = {...: str}
_SECRETS = [{"name": str}]
SHAPES: Mapping[str, Shape] = {
    # https://auth0.com/docs/api/management/v2/connections/get-connections-by-id
    "connections": {
        "id": str,
        "name": str,
        "strategy": str,
        "metadata": _PAIRS,
        "options": {"customScripts": _PAIRS, "configuration": _PAIRS, "import_mode": bool},
    },
    "clients": {"client_id": str, "name": str, "client_metadata": _PAIRS, "grant_types": [str], "app_type": str},
    "resource_servers": {"id": str, "identifier": str, "name": str, "scopes": [{"value": str}], "token_lifetime": int},
    "client_grants": {"id": str, "client_id": str, "audience": str, "scope": [str]},
    # https://auth0.com/docs/api/management/v2/actions/get-action
    "actions": {
        "id": str,
        "name": str,
        "code": str,
        "runtime": str,
        "status": str,
        "secrets": _SECRETS,
        "dependencies": [{"name": str, "version": str}],
        "supported_triggers": [{"id": str}],
        "deployed_version": {"code": str, "secrets": _SECRETS, "dependencies": [{"name": str, "version": str}]},
    },
    "bindings": {"id": str, "display_name": str, "action": {"id": str, "name": str}},
    "rules": {"id": str, "name": str, "script": str, "enabled": bool, "order": int},
    "configs": {"key": str},
    # https://auth0.com/docs/api/management/v2/tenants/tenant-settings-route
    "settings": {"flags": {"enable_client_connections": bool}},
}
_TYPE_NAMES: Mapping[type, str] = {str: "text", bool: "true or false", int: "a number"}


def find_mismatch(value: Any, kind: str) -> str | None:
    """Find where an object of a kind (a key of `SHAPES`) is not as documented: `options is a list, not an object`."""
    return next(_mismatches(value, SHAPES.get(kind, {}), ""), None)


def _mismatches(value: Any, shape: Shape, path: str) -> Iterator[str]:
    if value is None and path:
        return
    where = path or "it"
    if isinstance(shape, type):
        if not isinstance(value, shape) or (shape is int and isinstance(value, bool)):
            yield f"{where} is {_type_name(value)}, not {_TYPE_NAMES[shape]}"
    elif isinstance(shape, list):
        if not isinstance(value, list):
            yield f"{where} is {_type_name(value)}, not a list"
            return
        for number, item in enumerate(value):
            if item is None:
                yield f"{path}[{number}] is null"
            yield from _mismatches(item, shape[0], f"{path}[{number}]")
    elif not isinstance(value, dict):
        yield f"{where} is {_type_name(value)}, not an object"
    elif ... in shape:
        for key, item in value.items():
            yield from _mismatches(item, shape[...], f"{path}.{key}")
    else:
        for key, below in shape.items():
            if key in value:
                yield from _mismatches(value[key], below, f"{path}.{key}" if path else key)


def _type_name(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
