"""Finds a resource server by its id or its identifier."""

from typing import Any
from urllib.parse import unquote

from deployer.sandbox.tenant import Tenant


def find_resource_server(tenant: Tenant, key: str) -> dict[str, Any] | None:
    """Find the resource server with this id or identifier; an identifier may be escaped once more."""
    storage = tenant.storage
    return (
        storage.get("resource_server", key)
        or storage.named("resource_server", key)
        or storage.named("resource_server", unquote(key))
    )
