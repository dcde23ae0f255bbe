"""A tenant and its rendered scripts in, every resource that is wanted out."""

from collections.abc import Mapping

from deployer.config.models import Tenant
from deployer.rendering.scripts import RenderedConnection
from deployer.resources import connection
from deployer.resources.model import Desired


def desired_resources(tenant: Tenant, rendered: Mapping[str, RenderedConnection]) -> list[Desired]:
    """What the tenant is to have, in the order of its file."""
    return [
        connection.desired(name, definition, rendered[name].sources)
        for name, definition in tenant.connections.items()
        if name in rendered
    ]
