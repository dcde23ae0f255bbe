"""Every kind of resource by name, in the order in which they are read."""

from deployer.resources.action_kind import ActionKind
from deployer.resources.binding_kind import BindingKind
from deployer.resources.client_grant_kind import ClientGrantKind
from deployer.resources.client_kind import ClientKind
from deployer.resources.connection_kind import ConnectionKind
from deployer.resources.kind import Kind
from deployer.resources.resource_server_kind import ResourceServerKind
from deployer.resources.rule_config_kind import RuleConfigKind
from deployer.resources.rule_kind import RuleKind

_ALL: tuple[Kind, ...] = (
    ConnectionKind(),
    ResourceServerKind(),
    ClientKind(),
    ClientGrantKind(),
    ActionKind(),
    BindingKind(),
    RuleConfigKind(),
    RuleKind(),
)
KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}
