"""The settings of the tenant: /api/v2/tenants/settings.

https://auth0.com/docs/api/management/v2/tenants/tenant-settings-route
"""

from typing import Any

from deployer.sandbox.calls import Call, Endpoint, Response
from deployer.sandbox.paging import choose_fields
from deployer.sandbox.schema import Anything, Boolean, Nullable, Number, Object, String
from deployer.sandbox.tenant import Tenant

_KEY = "tenant_settings"
_DEFAULTS: dict[str, Any] = {
    "enabled_locales": ["en"],
    "session_lifetime": 168,
    "idle_session_lifetime": 72,
    "sandbox_version": "22",
}
_FLAGS = {"enable_client_connections": False, "enable_pipeline2": True, "enable_apis_section": False}
"""Auth0 documents `enable_client_connections` as true; the recorded tenants have it off, and so new ones here."""
UPDATE = Object(
    {
        "flags": Nullable(Object(extra=Nullable(Boolean()))),
        "friendly_name": Nullable(String()),
        "default_directory": Nullable(String()),
        "default_audience": Nullable(String()),
        "session_lifetime": Nullable(Number(min=1, integer=False)),
        "idle_session_lifetime": Nullable(Number(min=1, integer=False)),
    },
    extra=Anything(),
    min=1,
)


def settings(tenant: Tenant) -> dict[str, Any]:
    """All settings of a tenant, its flags among them."""
    kept: dict[str, Any] = tenant.storage.setting(_KEY) or {}
    return {**_DEFAULTS, **kept, "flags": {**_FLAGS, **kept.get("flags", {})}}


def change(tenant: Tenant, sent: dict[str, Any]) -> None:
    """Replace these settings, and of the flags these alone; null takes one back to its default. In a transaction."""
    kept: dict[str, Any] = tenant.storage.setting(_KEY) or {}
    flags = {**kept.get("flags", {}), **(sent.get("flags") or {})}
    merged = {**kept, **sent, "flags": {name: value for name, value in flags.items() if value is not None}}
    tenant.storage.set(_KEY, {name: value for name, value in merged.items() if value is not None})


def enables_new_clients(tenant: Tenant) -> bool:
    """Whether a new application is enabled on every connection at once."""
    return bool(settings(tenant)["flags"]["enable_client_connections"])


def read(call: Call) -> Response:
    """GET /tenants/settings."""
    keep = choose_fields(call)
    body = settings(call.tenant)
    return Response(body=keep(body) if keep else body)


def update(call: Call) -> Response:
    """PATCH /tenants/settings."""
    change(call.tenant, call.payload(UPDATE))
    return Response(body=settings(call.tenant))


ENDPOINTS = [
    Endpoint("GET", "/api/v2/tenants/settings", ("read:tenant_settings",), read),
    Endpoint("PATCH", "/api/v2/tenants/settings", ("update:tenant_settings",), update),
]
