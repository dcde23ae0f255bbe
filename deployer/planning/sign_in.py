"""Keeps deployer's hands off the application that it signs in with, and off the Management API. Pure.

With its credentials everything in a tenant can be changed. Whoever adopts it narrows it to what scripts need, which
locks deployer out; whoever gives its secret to scripts gives the tenant to everybody who may edit one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from deployer.config.models import Tenant
from deployer.config.problems import Position, Problem
from deployer.config.tree import SecretReference
from deployer.errors import RefusedError
from deployer.management.access import MANAGEMENT_PATH, Access
from deployer.resources import client_grant_kind, client_kind, resource_server_kind
from deployer.resources.client_kind import CONNECTION_KEY
from deployer.resources.model import Desired, Live
from deployer.text import one_line

_CLIENT = "is the application that deployer signs in with, which is never adopted, changed or deleted"
_OTHER_CLIENT = "Give the scripts an application of their own: leave `client` out, or name another one."
_API = "is an API of Auth0 itself, not one in front of a store"
_OTHER_API = "Give the store's API an identifier of its own, such as https://users.example.com."
_SECRET = "is what deployer signs in with, and no script or Action ever gets that"  # noqa: S105  only words
_OTHER_SECRET = "Take the credentials of an application that may do what is needed here, and no more."  # noqa: S105


@dataclass(frozen=True)
class SignIn:
    """What deployer signs in with: the client id, the identifiers of the Management API, and the secrets.

    As far as it is known: the files alone may say references, which stand for their values then.
    """

    client_id: str | None
    apis: frozenset[str]
    secrets: frozenset[str | SecretReference]

    @classmethod
    def in_files(cls, tenant: Tenant) -> "SignIn":
        """What the tenant's files say, without a secret being read."""
        given = tenant.credentials
        roots = [f"https://{tenant.domain}"] if isinstance(tenant.domain, str) else []
        roots += [tenant.base_url] if isinstance(tenant.base_url, str) else []
        secrets = {source for source in (given.client_secret, given.private_key) if source is not None}
        client_id = given.client_id if isinstance(given.client_id, str) else None
        return cls(client_id, _identifiers(roots, given.audience), frozenset(secrets))

    @classmethod
    def of(cls, access: Access) -> "SignIn":
        """All of it."""
        apis = _identifiers([f"https://{access.domain}", access.root], access.token_audience)
        return cls(access.credentials.client_id, apis, frozenset({access.credentials.secret}))


def sign_in_problems(
    tenant: Tenant, own: SignIn, secrets: Mapping[str, Mapping[str, str | SecretReference]]
) -> Iterator[Problem]:
    """Where definitions name what deployer signs in with.

    Args:
        tenant: the definitions.
        own: what it signs in with.
        secrets: what connections and Actions are given, by address and name: references, or their values.
    """
    for name, definition in tenant.connections.items():
        api, where = definition.api, ("connections", name, "api")
        if api is not None and api.client is not None and api.client == own.client_id:
            yield Problem(tenant.position(*where, "client"), f"connection.{name} api.client {_CLIENT}", _OTHER_CLIENT)
        if api is not None and _plain(api.identifier) in own.apis:
            what = f"connection.{name} api.identifier {_API}"
            yield Problem(tenant.position(*where, "identifier"), what, _OTHER_API)
    for address, given in secrets.items():
        for name, source in given.items():
            if source in own.secrets:
                what = f"{one_line(address)} {one_line(name)} {_SECRET}"
                yield Problem(_place(tenant, address, name), what, _OTHER_SECRET)


def secrets_in_files(tenant: Tenant) -> dict[str, dict[str, str | SecretReference]]:
    """What connections and Actions of a tenant are given by references, by address and name."""
    given = {f"connection.{name}": each.configuration for name, each in tenant.connections.items()}
    found = {address: _references(values) for address, values in given.items()}
    return found | {f"action.{name}": _references(each.secrets) for name, each in tenant.actions.items()}


def check_hands_off(own: SignIn, live: Iterable[Live]) -> None:
    """Refuse to go on with live resources that belong to deployer's own sign-in, or to Auth0.

    Raises:
        RefusedError: naming the first of them; nothing was changed.
    """
    for one in live:
        if one.kind == client_kind.KIND and one.id == own.client_id:
            raise _own_client(one.address, one.raw)
        if one.kind == client_grant_kind.KIND and one.raw.get("client_id") == own.client_id:
            raise RefusedError(f"its application {_CLIENT}", where=one.address, hint=_OTHER_CLIENT)
        if one.kind == resource_server_kind.KIND and one.raw.get("is_system") is True:
            raise RefusedError(f"{one_line(str(one.raw.get('identifier')))} {_API}", where=one.address, hint=_OTHER_API)


def renamed_clients(desired: Iterable[Desired], live: Mapping[str, Live]) -> list[Desired]:
    """The applications that get another name: nothing read so far tells whether deployer's own has it."""
    return [
        wanted
        for wanted in desired
        if wanted.kind == client_kind.KIND
        and (have := live.get(wanted.address)) is not None
        and have.attributes.get("name") != wanted.attributes["name"]
    ]


def check_names(renamed: Iterable[Desired], own_client: Mapping[str, object]) -> None:
    """Refuse to give an application the name of deployer's own, by which that would be adopted later.

    Raises:
        RefusedError: nothing was changed.
    """
    for wanted in renamed:
        if wanted.attributes["name"] == own_client.get("name"):
            raise _own_client(wanted.address, {})


def _own_client(address: str, raw: Mapping[str, object]) -> RefusedError:
    metadata = raw.get("client_metadata")
    marked = isinstance(metadata, Mapping) and CONNECTION_KEY in metadata
    hint = f"{_OTHER_CLIENT} Nothing was changed."
    if marked:
        hint += f" It was adopted before: take `{CONNECTION_KEY}` out of its metadata in the Auth0 Dashboard."
    name = f"'{one_line(str(raw['name']))}' " if raw.get("name") else "it "
    return RefusedError(f"{name}{_CLIENT}", where=address, hint=hint)


def _identifiers(roots: Iterable[str], audience: str | None) -> frozenset[str]:
    found = {f"{root.rstrip('/')}{MANAGEMENT_PATH}" for root in roots}
    return frozenset(_plain(one) for one in (*found, *([audience] if audience else [])))


def _plain(identifier: str) -> str:
    """An identifier without what people mistype in it: a slash at the end, capital letters."""
    return identifier.strip().rstrip("/").casefold()


def _references(values: Mapping[str, object]) -> dict[str, str | SecretReference]:
    return {name: source for name, source in values.items() if isinstance(source, SecretReference)}


def _place(tenant: Tenant, address: str, name: str) -> Position | None:
    kind, _, owner = address.partition(".")
    if kind == "connection":
        return tenant.position("connections", owner, "configuration", name)
    return tenant.position("actions", owner, "secrets", name) if owner in tenant.actions else None
