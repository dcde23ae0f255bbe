"""Finding a resource server by its id or its identifier."""

from typing import Any

from deployer.sandbox.tenant import Tenant


def find_resource_server(tenant: Tenant, key: str) -> dict[str, Any] | None:
    """The resource server with this id or identifier, or None."""
    return tenant.storage.get("resource_server", key) or tenant.storage.named("resource_server", key)
