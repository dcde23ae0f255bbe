"""Keeps deployer's hands off the application that it signs in with, and off the Management API. Pure."""

from collections.abc import Iterable, Iterator, Mapping

from deployer.config.models import Tenant
from deployer.config.problems import Position, Problem
from deployer.config.tree import SecretReference
from deployer.resources.kinds import client
from deployer.resources.model import Desired, Live
from deployer.resources.registry import KINDS
from deployer.resources.sign_in import (
    IS_OWN_CLIENT,
    IS_SYSTEM_API,
    OTHER_API,
    OTHER_CLIENT,
    SignIn,
    own_client_refused,
)
from deployer.text import one_line

_SECRET = "is what deployer signs in with, and no script or Action ever gets that"  # noqa: S105  only words
_OTHER_SECRET = "Take the credentials of an application that may do what is needed here, and no more."  # noqa: S105


def sign_in_problems(
    tenant: Tenant, own: SignIn, secrets: Mapping[str, Mapping[str, str | SecretReference]]
) -> Iterator[Problem]:
    """Find where definitions name what deployer signs in with.

    Args:
        tenant: the definitions.
        own: what it signs in with.
        secrets: what connections and Actions are given, by address and name: references, or their values.
    """
    for name, definition in tenant.connections.items():
        api, where = definition.api, ("connections", name, "api")
        if api is not None and api.client is not None and api.client == own.client_id:
            yield Problem(
                tenant.position(*where, "client"), f"connection.{name} api.client {IS_OWN_CLIENT}", OTHER_CLIENT
            )
        if api is not None and own.has_api(api.identifier):
            what = f"connection.{name} api.identifier {IS_SYSTEM_API}"
            yield Problem(tenant.position(*where, "identifier"), what, OTHER_API)
    for address, given in secrets.items():
        for name, source in given.items():
            if source in own.secrets:
                what = f"{one_line(address)} {one_line(name)} {_SECRET}"
                yield Problem(_place(tenant, address, name), what, _OTHER_SECRET)


def secrets_in_files(tenant: Tenant) -> dict[str, dict[str, str | SecretReference]]:
    """Find what connections and Actions of a tenant are given by references, by address and name."""
    given = {f"connection.{name}": each.configuration for name, each in tenant.connections.items()}
    found = {address: _references(values) for address, values in given.items()}
    return found | {f"action.{name}": _references(each.secrets) for name, each in tenant.actions.items()}


def check_hands_off(own: SignIn, live: Iterable[Live]) -> None:
    """Refuse to go on with live resources that belong to deployer's own sign-in, or to Auth0.

    Raises:
        RefusedError: naming the first of them; nothing was changed.
    """
    for one in live:
        KINDS[one.kind].check_hands_off(own, one)


def renamed_clients(desired: Iterable[Desired], live: Mapping[str, Live]) -> list[Desired]:
    """Find the applications that get another name: nothing read so far tells whether deployer's own has it."""
    return [
        one
        for one in desired
        if one.kind == client.KIND
        and (before := live.get(one.address)) is not None
        and before.attributes.get("name") != one.attributes["name"]
    ]


def check_names(renamed: Iterable[Desired], own_client: Mapping[str, object]) -> None:
    """Refuse to give an application the name of deployer's own, by which that would be adopted later.

    Raises:
        RefusedError: nothing was changed.
    """
    for one in renamed:
        if one.attributes["name"] == own_client.get("name"):
            raise own_client_refused(one.address, {})


def _references(values: Mapping[str, object]) -> dict[str, str | SecretReference]:
    return {name: source for name, source in values.items() if isinstance(source, SecretReference)}


def _place(tenant: Tenant, address: str, name: str) -> Position | None:
    kind, _, resource = address.partition(".")
    return KINDS[kind].secret_position(tenant, resource, name)
