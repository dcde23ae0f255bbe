"""Collects every resource that a tenant file defines, from all kinds, with what depends on what."""

from collections import Counter
from collections.abc import Mapping

from deployer.config.models import Tenant
from deployer.errors import DeployerError
from deployer.rendering.guards import RenderedAction
from deployer.rendering.scripts import RenderedConnection
from deployer.resources.definitions import Definitions
from deployer.resources.model import Desired
from deployer.resources.registry import KINDS
from deployer.text import one_line


def desired_resources(
    tenant: Tenant, rendered: Mapping[str, RenderedConnection], actions: Mapping[str, RenderedAction] | None = None
) -> list[Desired]:
    """Find what the tenant is to have, kind by kind; of one kind, in the order of the tenant file.

    Args:
        tenant: the tenant.
        rendered: its connections, or some of them.
        actions: the code of the Actions that it declares, or of some of them.

    Raises:
        DeployerError: where two of them are the same resource, or a guard lacks what it needs.
    """
    definitions = Definitions.of(tenant, rendered, actions or {})
    found = [resource for kind in KINDS.values() for resource in kind.defined_by(definitions)]
    _check_unique(found)
    return found


def _check_unique(resources: list[Desired]) -> None:
    often = Counter(resource.address for resource in resources)
    twice = [address for address, number in often.items() if number > 1]
    if twice:
        raise DeployerError(
            f"two definitions make {one_line(twice[0])}", hint="Give the Action under `actions:` another name."
        )
