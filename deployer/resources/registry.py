"""Holds every kind of resource by name.

They stand in the order in which resources are created: each kind after those that it refers to. Leftovers are listed
the other way round, which is the order in which they can be deleted.
"""

from deployer.resources.kinds.action import ActionKind
from deployer.resources.kinds.base import BaseKind
from deployer.resources.kinds.binding import BindingKind
from deployer.resources.kinds.client import ClientKind
from deployer.resources.kinds.client_grant import ClientGrantKind
from deployer.resources.kinds.connection import ConnectionKind
from deployer.resources.kinds.resource_server import ResourceServerKind
from deployer.resources.kinds.rule import RuleKind
from deployer.resources.kinds.rule_config import RuleConfigKind

_ALL: tuple[BaseKind, ...] = (
    ResourceServerKind(),
    ClientKind(),
    ClientGrantKind(),
    ActionKind(),
    BindingKind(),
    RuleConfigKind(),
    RuleKind(),
    ConnectionKind(),
)
KINDS: dict[str, BaseKind] = {kind.name: kind for kind in _ALL}
