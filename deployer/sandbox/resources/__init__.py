"""Lists the modules whose endpoints are served, one for each resource of the Management API.

To add a resource: write a module whose handlers take a Call and return a Response, and name it in MODULES.
"""

from collections.abc import Iterator
from importlib import import_module

from deployer.sandbox.calls import Endpoint

MODULES = (
    "oauth",
    "connections",
    "connection_clients",
    "tenant_settings",
    "connection_users",
    "clients",
    "client_connections",
    "client_credentials",
    "client_grants",
    "resource_servers",
    "actions",
    "action_versions",
    "triggers",
    "rules",
    "users",
    "user_tickets",
    "userinfo",
    "dbconnections",
    "authorize",
    "usernamepassword",
    "outbox",
    "sandbox_admin",
)


def endpoints() -> Iterator[Endpoint]:
    """Yield every endpoint of every module."""
    for name in MODULES:
        yield from import_module(f"deployer.sandbox.resources.{name}").ENDPOINTS
