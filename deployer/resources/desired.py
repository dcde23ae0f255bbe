"""A tenant and everything that was rendered for it in, every resource that is wanted out, with what depends on what.

API and client come before their grant; Actions before the flow that they are bound in; all of it before the connection.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from deployer.config.models import Connection, Tenant
from deployer.errors import DeployerError
from deployer.rendering.guards import RenderedAction, RenderedGuard
from deployer.rendering.scripts import RenderedConnection
from deployer.resources import action, binding_kind, client_grant_kind, connection, rule_config_kind, rule_kind
from deployer.resources.declared_api import api_resources, configuration, guard_secrets
from deployer.resources.model import Desired, Output, SecretSource
from deployer.text import one_line


class _Flow:
    """The names of our Actions in one trigger, in front and at the end, and for whom they are bound there."""

    def __init__(self) -> None:
        self.first: list[str] = []
        self.last: list[str] = []
        self.owners: dict[str, None] = {}

    def bind(self, name: str, position: str, owner: str) -> None:
        """Put an Action of an owner in front of the others or at the end."""
        (self.first if position == "first" else self.last).append(name)
        self.owners[owner] = None

    def desired(self, trigger: str) -> Desired:
        """The flow as it is wanted."""
        return replace(binding_kind.desired(trigger, self.first, self.last), owners=tuple(self.owners))


def desired_resources(
    tenant: Tenant, rendered: Mapping[str, RenderedConnection], actions: Mapping[str, RenderedAction] | None = None
) -> list[Desired]:
    """What the tenant is to have, in the order of its file.

    Args:
        tenant: the tenant.
        rendered: its connections, or some of them.
        actions: the code of the Actions that it declares, or of some of them.

    Raises:
        DeployerError: where two of them are the same resource, or a guard lacks what it needs.
    """
    _check_audiences(tenant)
    flows: defaultdict[str, _Flow] = defaultdict(_Flow)
    found: list[Desired] = []
    for name, rendered_action in (actions or {}).items():
        found.append(_declared_action(tenant, name, rendered_action))
        declared = tenant.actions[name]
        flows[declared.trigger].bind(name, declared.position, found[-1].address)
    last = []
    for name, definition in tenant.connections.items():
        if name in rendered:
            last.append(_Connected(tenant, name, definition, rendered[name]))
            found += last[-1].before(flows)
    found += [flow.desired(trigger) for trigger, flow in flows.items()]
    found += [one.connection() for one in last]
    _check_unique(found)
    return found


class _Connected:
    """A connection and what stands around it."""

    def __init__(self, tenant: Tenant, name: str, definition: Connection, rendered: RenderedConnection) -> None:
        self._tenant = tenant
        self._name = name
        self._definition = definition
        self._rendered = rendered
        self._after: list[str] = []

    def before(self, flows: defaultdict[str, _Flow]) -> list[Desired]:
        """Its API and its guards, noted as its own; the guards' Actions are entered into the flows."""
        return [replace(one, owners=(self._address,)) for one in self._around(flows)]

    @property
    def _address(self) -> str:
        return f"{connection.KIND}.{self._name}"

    def _around(self, flows: defaultdict[str, _Flow]) -> list[Desired]:
        found: list[Desired] = []
        if self._definition.api is not None:
            found += api_resources(self._name, self._definition.api)
            self._after.append(f"{client_grant_kind.KIND}.{self._name}")
        for guard in self._rendered.guards:
            _check_migration(self._tenant, self._name, guard)
            secrets = guard_secrets(self._tenant, self._name, self._definition, guard)
            if guard.form == "rule":
                known = {resource.address for resource in found}
                found += [one for one in self._rule(guard, secrets) if one.address not in known]
                self._after.append(f"{rule_kind.KIND}.{guard.name}")
                continue
            depends_on = self._needed_by(secrets)
            found.append(
                action.desired(guard.name, guard.source, guard.trigger, secrets=secrets, depends_on=depends_on)
            )
            flows[guard.trigger].bind(guard.name, guard.position, self._address)
            self._after.append(f"{binding_kind.KIND}.{guard.trigger}")
        return found

    def connection(self) -> Desired:
        """The connection itself, after all of that."""
        secrets = configuration(self._tenant, self._name, self._definition, self._rendered.manifest)
        depends_on = tuple(dict.fromkeys(self._after))
        made = connection.desired(self._name, self._definition, self._rendered.sources, depends_on, secrets)
        return replace(made, owners=(made.address,))

    def _rule(self, guard: RenderedGuard, secrets: Mapping[str, SecretSource]) -> Iterator[Desired]:
        """The rule, after the values that it reads: keys of the rules' configuration belong to one connection."""
        keyed = {f"{rule_config_kind.PREFIX}{self._name}_{key}": source for key, source in secrets.items()}
        needed = self._needed_by(secrets)
        configs = [rule_config_kind.desired(key, source, needed) for key, source in keyed.items()]
        yield from configs
        # One after the other: a new rule comes last, and two at once would want the same place.
        earlier = [address for address in self._after if address.startswith(f"{rule_kind.KIND}.")]
        after = (*(config.address for config in configs), *earlier)
        yield rule_kind.desired(guard.name, guard.source, keyed, after)

    def _needed_by(self, secrets: Mapping[str, SecretSource]) -> tuple[str, ...]:
        """The grant, for whatever signs in with the client of the declared API."""
        uses_client = any(isinstance(source, Output) for source in secrets.values())
        return (f"{client_grant_kind.KIND}.{self._name}",) if uses_client else ()


def _declared_action(tenant: Tenant, name: str, rendered: RenderedAction) -> Desired:
    definition = tenant.actions[name]
    made = action.desired(
        name,
        rendered.source,
        definition.trigger,
        runtime=definition.runtime,
        dependencies=definition.dependencies,
        secrets=definition.secrets,
    )
    return replace(made, owners=(made.address,))


def _check_migration(tenant: Tenant, name: str, guard: RenderedGuard) -> None:
    if guard.guard == "mark-migrated" and tenant.connections[name].migration == "off":
        raise DeployerError(
            "mark-migrated tells the store that users have moved, and with `migration: off` none does: they would all "
            "be locked out",
            where=tenant.where(f"connection.{name} guards", "connections", name, "guards"),
            hint="Take the guard out, or migrate with `migration: trickle`.",
        )


def _check_audiences(tenant: Tenant) -> None:
    declared: set[str] = set()
    for name, each in tenant.connections.items():
        if each.api is None:
            continue
        if each.api.identifier in declared:
            raise DeployerError(
                f"several connections declare the API {one_line(each.api.identifier)}",
                where=tenant.where(f"connection.{name} api", "connections", name, "api", "identifier"),
                hint="Declare it in one of them, and give its values to the others in `configuration`.",
            )
        declared.add(each.api.identifier)


def _check_unique(resources: list[Desired]) -> None:
    often = Counter(resource.address for resource in resources)
    twice = [address for address, number in often.items() if number > 1]
    if twice:
        raise DeployerError(
            f"two definitions make {one_line(twice[0])}", hint="Give the Action under `actions:` another name."
        )
