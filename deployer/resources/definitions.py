"""Hands the kinds what a tenant file defines: its connections and Actions, each with what was rendered for it."""

from collections.abc import Mapping
from dataclasses import dataclass

from deployer.config.models import ActionDefinition, Connection, Tenant
from deployer.rendering.guards import RenderedAction
from deployer.rendering.scripts import RenderedConnection


@dataclass(frozen=True, slots=True)
class DefinedConnection:
    """A connection of the tenant file and its rendered scripts and guards."""

    tenant: Tenant
    name: str
    definition: Connection
    rendered: RenderedConnection

    @property
    def address(self) -> str:
        """`connection.name`: how it is noted as the owner of what is deployed for it."""
        return owning_connection(self.name)


@dataclass(frozen=True, slots=True)
class DefinedAction:
    """An entry of `actions:` and its rendered code."""

    name: str
    definition: ActionDefinition
    rendered: RenderedAction

    @property
    def address(self) -> str:
        """`action.name`: how it is noted as the owner of what is deployed for it."""
        return f"action.{self.name}"


@dataclass(frozen=True, slots=True)
class Definitions:
    """A tenant file and what was rendered of it: all of its connections and Actions, or some of them.

    A kind that is defined in another section finds that in `tenant`.
    """

    tenant: Tenant
    connections: tuple[DefinedConnection, ...]
    actions: tuple[DefinedAction, ...]

    @classmethod
    def of(
        cls, tenant: Tenant, rendered: Mapping[str, RenderedConnection], actions: Mapping[str, RenderedAction]
    ) -> "Definitions":
        """Put the definitions of a tenant beside what was rendered for them, in the order of its file."""
        connections = [
            DefinedConnection(tenant, name, definition, rendered[name])
            for name, definition in tenant.connections.items()
            if name in rendered
        ]
        own = [DefinedAction(name, tenant.actions[name], code) for name, code in actions.items()]
        return cls(tenant, tuple(connections), tuple(own))

    @property
    def owners(self) -> list[str]:
        """The addresses of the connections and Actions, for which everything else is deployed."""
        return [*(one.address for one in self.connections), *(one.address for one in self.actions)]


def owning_connection(name: str) -> str:
    """Return the address of a connection, as the owner of what was made for it."""
    return f"connection.{name}"
