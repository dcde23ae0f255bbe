"""Every kind of resource by name, in the order in which they are read."""

from deployer.resources.connection_kind import ConnectionKind
from deployer.resources.kind import Kind

KINDS: dict[str, Kind] = {kind.name: kind for kind in (ConnectionKind(),)}
