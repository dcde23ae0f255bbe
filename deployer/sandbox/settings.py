"""Keeps a tenant's settings in its storage, with Auth0's value for each that nobody has changed."""

from typing import Any

from deployer.sandbox.storage import Storage

_KEY = "tenant_settings"
_DEFAULTS: dict[str, Any] = {
    "enabled_locales": ["en"],
    "session_lifetime": 168,
    "idle_session_lifetime": 72,
    "sandbox_version": "22",
}
_FLAGS = {"enable_client_connections": False, "enable_pipeline2": True, "enable_apis_section": False}
"""Auth0 documents `enable_client_connections` as true; the recorded tenants have it off, and so new ones here."""


def read_settings(storage: Storage) -> dict[str, Any]:
    """Read all settings of a tenant, its flags among them."""
    kept: dict[str, Any] = storage.setting(_KEY) or {}
    return {**_DEFAULTS, **kept, "flags": {**_FLAGS, **kept.get("flags", {})}}


def change_settings(storage: Storage, sent: dict[str, Any]) -> None:
    """Replace these settings, and of the flags these alone; null takes one back to its default. In a transaction."""
    kept: dict[str, Any] = storage.setting(_KEY) or {}
    flags = {**kept.get("flags", {}), **(sent.get("flags") or {})}
    merged = {**kept, **sent, "flags": {name: value for name, value in flags.items() if value is not None}}
    storage.set(_KEY, {name: value for name, value in merged.items() if value is not None})


def enables_new_clients(storage: Storage) -> bool:
    """Return whether a new application is enabled on every connection at once."""
    return bool(read_settings(storage)["flags"]["enable_client_connections"])
