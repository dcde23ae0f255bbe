"""Finds the values that a connection's scripts and guards read: of its declared API, and of its `configuration`."""

from collections.abc import Iterator, Mapping

from deployer.config.tree import Marker
from deployer.errors import DeployerError
from deployer.rendering.guards import API_KEYS, RenderedGuard, api_keys
from deployer.resources.definitions import DefinedConnection
from deployer.resources.kinds import client, client_grant
from deployer.resources.model import Output, SecretSource
from deployer.text import one_line

Secrets = dict[str, SecretSource]


def api_values(connection: DefinedConnection) -> Secrets:
    """Find the values of a declared API, none where there is no `api:`.

    The client's are read from the tenant when they are needed.
    """
    api, tenant = connection.definition.api, connection.tenant
    if api is None:
        return {}
    address = f"{client.KIND}.{connection.name}"
    return {
        "client_id": Output(address, "client_id"),
        "client_secret": Output(address, "client_secret"),
        "audience": api.identifier,
        "domain": tenant.base_url or tenant.domain,
    }


def configuration(connection: DefinedConnection) -> Secrets:
    """Find the connection's `configuration`: what the definition gives, and the values of its API."""
    definition = connection.definition
    found: Secrets = dict(definition.configuration)
    if values := api_values(connection):
        keys = api_keys(definition, connection.rendered.manifest.configuration)
        found |= {key: values[value] for value, key in keys.items()}
    return found


def guards(connection: DefinedConnection, form: str) -> Iterator[tuple[RenderedGuard, Secrets]]:
    """Find the guards of a connection that are Actions, or Rules (`form`), and where what each reads is found.

    Raises:
        DeployerError: for a guard that would lock people out, or lacks what it needs.
    """
    for guard in connection.rendered.guards:
        _check_migration(connection, guard)
        secrets = _guard_secrets(connection, guard)
        if guard.form == form:
            yield guard, secrets


def grants_needed(connection: DefinedConnection, secrets: Mapping[str, SecretSource]) -> tuple[str, ...]:
    """Return the address of the grant, for whatever signs in with the client of the declared API."""
    uses_client = any(isinstance(source, Output) for source in secrets.values())
    return (f"{client_grant.KIND}.{connection.name}",) if uses_client else ()


def _guard_secrets(connection: DefinedConnection, guard: RenderedGuard) -> Secrets:
    """Find the values that a guard reads: in the declared API, else in the connection's `configuration`."""
    definition, tenant, name = connection.definition, connection.tenant, connection.name
    given: Mapping[str, SecretSource] = definition.configuration
    known: Secrets = {key: each for key, each in given.items() if not isinstance(each, Marker)}
    if values := api_values(connection):
        known |= {key: values[value] for value, key in API_KEYS.items()}
    missing = [key for key in guard.reads if key not in known]
    if missing:
        keys = [key for key in missing if definition.api is not None or key not in API_KEYS.values()]
        remedy = f"give {', '.join(keys or missing)} in `configuration`"
        if definition.api is None:
            remedy = f"declare the store's API under `api:`, {'and' if keys else 'or'} {remedy}"
        raise DeployerError(
            f"the guard {guard.guard} talks to the store's API and lacks {one_line(', '.join(missing))}",
            where=tenant.where(f"connection.{name} guards", "connections", name, "guards"),
            hint=f"{remedy[0].upper()}{remedy[1:]}.",
        )
    return {key: known[key] for key in guard.reads}


def _check_migration(connection: DefinedConnection, guard: RenderedGuard) -> None:
    if guard.guard == "mark-migrated" and connection.definition.migration == "off":
        tenant, name = connection.tenant, connection.name
        raise DeployerError(
            "mark-migrated tells the store that users have moved, and with `migration: off` none does: they would all "
            "be locked out",
            where=tenant.where(f"connection.{name} guards", "connections", name, "guards"),
            hint="Take the guard out, or migrate with `migration: trickle`.",
        )
