"""`api:` of a connection in, out the API, the client and the grant that it needs, and where their values are found."""

from collections.abc import Mapping

from deployer.config.models import ApiDefinition, Connection, Tenant
from deployer.config.tree import Marker
from deployer.errors import DeployerError
from deployer.rendering.guards import API_KEYS, RenderedGuard, api_keys
from deployer.rendering.manifest import Manifest
from deployer.resources import client_grant_kind, client_kind, resource_server_kind
from deployer.resources.model import Desired, Output, SecretSource
from deployer.text import one_line


def client_name(name: str, api: ApiDefinition) -> str:
    """The name of the client in the tenant."""
    return api.client or f"{name} scripts"


def api_resources(name: str, api: ApiDefinition) -> list[Desired]:
    """The resource server, the client, and the grant with exactly the declared scopes."""
    server = Desired(
        resource_server_kind.KIND,
        name,
        {
            "identifier": api.identifier,
            "name": resource_server_kind.server_name(api.name or f"{name} store", name),
            "scopes": [{"value": value, "description": text} for value, text in sorted(api.scopes.items())],
            "token_lifetime": api.token_lifetime,
            "allow_offline_access": False,
            "signing_alg": "RS256",
        },
        lookup={"identifier": api.identifier},
    )
    called = client_name(name, api)
    client = Desired(
        client_kind.KIND,
        name,
        {
            "name": called,
            "app_type": "non_interactive",
            "grant_types": ["client_credentials"],
            "token_endpoint_auth_method": "client_secret_post",
            "oidc_conformant": True,
        },
        lookup={"client": called},
    )
    grant = Desired(
        client_grant_kind.KIND,
        name,
        {"audience": api.identifier, "scope": sorted(api.scopes), "allow_all_scopes": False},
        depends_on=(server.address, client.address),
        lookup={"client": called, "audience": api.identifier},
    )
    return [server, client, grant]


def api_values(tenant: Tenant, name: str, api: ApiDefinition) -> dict[str, SecretSource]:
    """Where each value of a declared API is found. The client's are read from the tenant when they are needed."""
    client = f"{client_kind.KIND}.{name}"
    return {
        "client_id": Output(client, "client_id"),
        "client_secret": Output(client, "client_secret"),
        "audience": api.identifier,
        "domain": tenant.base_url or tenant.domain,
    }


def configuration(tenant: Tenant, name: str, definition: Connection, manifest: Manifest) -> dict[str, SecretSource]:
    """The connection's `configuration`: what the definition gives, and the values of its API."""
    found: dict[str, SecretSource] = dict(definition.configuration)
    if definition.api is not None:
        values = api_values(tenant, name, definition.api)
        found |= {key: values[value] for value, key in api_keys(definition, manifest.configuration).items()}
    return found


def guard_secrets(tenant: Tenant, name: str, definition: Connection, guard: RenderedGuard) -> dict[str, SecretSource]:
    """Where the values are found that a guard reads: in the declared API, else in the connection's `configuration`.

    Raises:
        DeployerError: where one is nowhere.
    """
    given: Mapping[str, SecretSource] = definition.configuration
    known: dict[str, SecretSource] = {key: each for key, each in given.items() if not isinstance(each, Marker)}
    if definition.api is not None:
        values = api_values(tenant, name, definition.api)
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
