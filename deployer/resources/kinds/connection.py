"""Deploys database connections: reads in as few requests as can be, and one write that carries everything."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from deployer.concurrency import gather_or_cancel
from deployer.config.models import Tenant
from deployer.config.option_checks import is_unchecked, refused, unlisted
from deployer.config.problems import Position, Problem
from deployer.errors import DeployerError
from deployer.management.errors import MissingScope, NotFound
from deployer.resources import connection_payload
from deployer.resources.changes import AttributeChange
from deployer.resources.concerns import Concern
from deployer.resources.connection_clients import client_names, find_switches, switch
from deployer.resources.connection_concerns import connection_concerns, turns_on_script_context
from deployer.resources.connection_defaults import SERVER_COMPLETED
from deployer.resources.connection_payload import live_state
from deployer.resources.connection_policy_changes import conversion
from deployer.resources.declared_api import configuration
from deployer.resources.definitions import DefinedConnection, Definitions
from deployer.resources.importable import Candidate, Imported, ImportRequest
from deployer.resources.kinds import binding, client_grant, rule
from deployer.resources.kinds.base import BaseKind, Comparison, Restoration, Update, Write
from deployer.resources.marker import OwnershipMarker
from deployer.resources.model import Desired, Live, Saved
from deployer.resources.server_completed import Path
from deployer.text import count

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway

KIND = connection_payload.KIND


class ConnectionKind(BaseKind):
    """Database connections (strategy `auth0`). Enabled applications are read only where a definition names some."""

    name = KIND
    creation_order = 80
    server_completed = SERVER_COMPLETED
    secrets_section = "configuration"
    replaces_secrets = frozenset({"options"})
    notes_apart = True
    deletion_note = "every user of the connection is deleted with it, and nothing brings them back"
    holds_users = True
    section = "connections"
    template_keys = ("store", "from")
    importable = True
    title = "database connection"

    @override
    def defined_by(self, definitions: Definitions) -> Iterator[Desired]:
        """Find the connections of the tenant file, each after all that its scripts and guards need."""
        for one in definitions.connections:
            yield connection_payload.desired_state(
                one.name,
                one.definition,
                one.rendered.sources,
                _needs(one),
                configuration(one),
                owners=(one.address,),
            )

    @override
    def unknown_options(self, attributes: Any) -> Iterator[Path]:
        """Find the options under names that Auth0 is not known to have, as paths below `options`."""
        return iter(unlisted(attributes.get("options") or {}))

    @override
    def secret_position(self, tenant: Tenant, resource: str, secret: str) -> Position | None:
        """Find it in the connection's `configuration`."""
        return tenant.position("connections", resource, "configuration", secret)

    @override
    async def read(self, gateway: "Gateway", desired: Sequence[Desired]) -> list[Live]:
        """Read one list of all connections; `/clients` only for those whose definition has `clients`."""
        names = {resource.name for resource in desired}
        with_clients = {r.name: connection_payload.defined_clients(r) for r in desired if "clients" in r.attributes}
        reads = [gateway.connections(), *([gateway.clients()] if with_clients else [])]
        connections, *applications = await gather_or_cancel(*reads)
        found = [raw for raw in connections if raw.get("name") in names]

        async def one(raw: dict[str, Any]) -> Live | None:
            if raw["name"] not in with_clients:
                return live_state(raw)
            try:
                ids = await gateway.connection_clients(raw["id"])
            except NotFound:  # deleted since it was listed
                return None
            return live_state(raw, client_names(applications[0], ids, with_clients[raw["name"]]))

        return [live for live in await gather_or_cancel(*(one(raw) for raw in found)) if live is not None]

    @override
    async def refresh(self, gateway: "Gateway", desired: Desired, resource_id: str) -> Live | None:
        """Read `GET /connections/{id}`, and its enabled applications where the definition has `clients`."""
        raw = await gateway.connection(resource_id)
        if raw is None:
            return None
        if "clients" not in desired.attributes:
            return live_state(raw)
        try:
            ids, clients = await gather_or_cancel(gateway.connection_clients(resource_id), gateway.clients())
        except NotFound:
            return None
        return live_state(raw, client_names(clients, ids, connection_payload.defined_clients(desired)))

    @override
    def removed_by_write(self, desired: Desired, live: Live) -> list[Path]:
        """Find scripts that no definition names, and options that exclude what is desired."""
        return connection_payload.removed_by_write(desired, live)

    @override
    def tenants_own(self, desired: Desired, live: Live, *, just_written: bool = False) -> frozenset[Path]:
        """Find password options that the tenant added beside the old ones, and old ones beside the new."""
        return connection_payload.tenants_own(desired, live, just_written=just_written)

    @override
    def addition(self, desired: Desired, live: Live) -> str | None:
        """Digest password options that are not those which tenants are known to add."""
        return connection_payload.addition(desired, live)

    @override
    def concerns(self, comparison: Comparison) -> Iterator[Concern]:
        """Find the ways in that close, a weaker password policy, and scripts that find other users."""
        return connection_concerns(comparison)

    @override
    def irreversible(self, comparison: Comparison) -> list[str]:
        """Say what no request turns off again."""
        return ["enable_script_context stays on"] if turns_on_script_context(comparison) else []

    @override
    def unwritable(self, tenant: Tenant, desired: Desired, live: Live | None) -> Iterator[Problem]:
        """Find options that Auth0 would answer with 400 beside those that the connection has."""
        definition = tenant.connections.get(desired.name)
        if definition is None:
            return
        before = live.attributes.get("options", {}) if live else None
        for mistake in refused(connection_payload.written_options(desired, live), before):
            if not is_unchecked(mistake.path, definition.unchecked_options):
                position = tenant.position("connections", desired.name, "options", *mistake.path)
                yield Problem(position, f"{desired.address}: {mistake.what}", mistake.hint)

    @override
    def known_as(self, changes: Sequence[AttributeChange]) -> list[str]:
        """Name the conversion to the Flexible Password Policy, a button of the Dashboard."""
        converted = conversion(changes)
        return [converted] if converted else []

    @override
    async def create(self, gateway: "Gateway", write: Write) -> str:
        """Create it with every script (`POST /connections`), then enable its applications."""
        switches = await find_switches(gateway, write.desired, [])
        body = connection_payload.payload(write.desired, None, write.values, write.marker)
        made = await gateway.create_connection(body)
        await switch(gateway, str(made["id"]), switches)
        return str(made["id"])

    @override
    async def update(self, gateway: "Gateway", update: Update) -> Live:
        """Write every script and the merged options in one `PATCH /connections/{id}`, then switch applications."""
        live = update.live
        switches = await find_switches(gateway, update.desired, list(live.attributes.get("clients", [])))
        body = connection_payload.payload(update.desired, live, update.values, update.marker)
        raw = await gateway.update_connection(live.id, body)
        await switch(gateway, live.id, switches)
        return live_state(raw)

    @override
    async def note(self, gateway: "Gateway", update: Update) -> Live:
        """Write `metadata` alone with `PATCH /connections/{id}`: the options stay as they are."""
        live = update.live
        metadata = {**live.attributes.get("metadata", {}), **update.marker.write()}
        raw = await gateway.update_connection(live.id, {"metadata": metadata})
        return live_state(raw, live.attributes.get("clients"))

    @override
    def is_written(self, write: Write, live: Live) -> bool:
        """Return whether the marker is there, which travels in the same request as everything else."""
        return OwnershipMarker.read(live.notes) == write.marker

    @override
    async def restore(self, gateway: "Gateway", restoration: Restoration) -> None:
        """Write everything that was with `PATCH`, and the applications that were enabled.

        Raises:
            DeployerError: for a connection that is gone: its users went with it, and no request brings them back.
        """
        before, live = restoration.before, restoration.live
        if live is None:
            raise DeployerError("the connection is gone, and its users with it", where=before.address)
        body = connection_payload.restoring(before, live, restoration.values, restoration.marker)
        await gateway.update_connection(live.id, body)
        if "clients" in before.attributes:
            desired = Desired(before.kind, before.name, {"clients": before.attributes["clients"]})
            switches = await find_switches(gateway, desired, list(live.attributes.get("clients", [])))
            await switch(gateway, live.id, switches)

    @override
    def not_restorable(self, before: Saved, live: Live) -> list[str]:
        """Say what no request takes back."""
        return connection_payload.irrevocable(before, live)

    @override
    async def delete(self, gateway: "Gateway", live: Live) -> None:
        """Delete it with every user: `DELETE /connections/{id}`."""
        await gateway.delete_connection(live.id)

    @override
    async def deletion_details(self, gateway: "Gateway", live: Live) -> str:
        """Count the users who would be deleted."""
        users = await gateway.count_users(live.name)
        number = "an unknown number of users: read:users is not granted" if users is None else count(users, "user")
        return f"it has {number}; {self.deletion_note}"

    @override
    async def candidates(self, gateway: "Gateway", tenant: Tenant) -> list[Candidate]:
        """List every connection, and say of each that is no custom database, or defined already, why it is left out."""
        from deployer.resources.connection_import import why_not

        return [
            Candidate(str(raw.get("name")), raw, why_not(raw, tenant.connections))
            for raw in await gateway.connections()
        ]

    @override
    async def describe(self, gateway: "Gateway", chosen: Sequence[Candidate], request: ImportRequest) -> list[Imported]:
        """Describe connections with their scripts and, where the token may read those, the names of applications."""
        from deployer.resources.connection_import import LiveConnection, define

        try:
            clients = await gateway.clients()
            enabled = await gather_or_cancel(*(gateway.connection_clients(str(one.raw["id"])) for one in chosen))
        except MissingScope:
            found = [LiveConnection(one.raw, None) for one in chosen]
        else:
            found = [
                LiveConnection(one.raw, client_names(clients, ids)) for one, ids in zip(chosen, enabled, strict=True)
            ]
        used = request.used_variables
        described = []
        for live in found:
            described.append(define(live, request.tenant.name, used))
            used |= described[-1].variables.keys()
        return described


def _needs(one: DefinedConnection) -> tuple[str, ...]:
    """Return the addresses of what is deployed before a connection: its grant, and all that guards it."""
    needed = [f"{client_grant.KIND}.{one.name}"] if one.definition.api is not None else []
    for guard in one.rendered.guards:
        is_rule = guard.form == "rule"
        needed.append(f"{rule.KIND}.{guard.name}" if is_rule else f"{binding.KIND}.{guard.trigger}")
    return tuple(dict.fromkeys(needed))
