"""Serves the settings of the tenant: /api/v2/tenants/settings.

https://auth0.com/docs/api/management/v2/tenants/tenant-settings-route
"""

from deployer.sandbox.calls import Call, Endpoint, Response
from deployer.sandbox.paging import choose_fields
from deployer.sandbox.schema import Anything, Boolean, Nullable, Number, Object, String
from deployer.sandbox.settings import change_settings, read_settings

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


def read(call: Call) -> Response:
    """Answer `GET /tenants/settings`."""
    keep = choose_fields(call)
    body = read_settings(call.tenant.storage)
    return Response(body=keep(body) if keep else body)


def update(call: Call) -> Response:
    """Answer `PATCH /tenants/settings`."""
    change_settings(call.tenant.storage, call.payload(UPDATE))
    return Response(body=read_settings(call.tenant.storage))


ENDPOINTS = [
    Endpoint("GET", "/api/v2/tenants/settings", ("read:tenant_settings",), read),
    Endpoint("PATCH", "/api/v2/tenants/settings", ("update:tenant_settings",), update),
]
