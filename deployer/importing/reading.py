"""A tenant's gateway in, its connections out with the names of their applications. The only I/O of an import."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from deployer.concurrency import gather_or_cancel
from deployer.errors import DeployerError
from deployer.importing.definition import LiveConnection
from deployer.management.errors import MissingScope
from deployer.resources.connection_kind import client_names
from deployer.text import did_you_mean, one_line

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway


async def read_connections(
    gateway: "Gateway", names: Sequence[str], defined: Collection[str]
) -> tuple[list[LiveConnection], dict[str, str]]:
    """The connections named, or every custom database that is not yet defined; the others with why they are left out.

    Raises:
        DeployerError: for a name that the tenant does not have.
    """
    found = {str(raw.get("name")): LiveConnection(raw, None) for raw in await gateway.connections()}
    for name in names:
        if name not in found:
            near = did_you_mean(name, found) or f"There are: {', '.join(map(one_line, sorted(found))) or 'none'}."
            raise DeployerError(f"the tenant has no database connection '{one_line(name)}'", hint=near)
    left_out = {} if names else {name: why for name, one in found.items() if (why := _why_not(one, defined))}
    chosen = [one for name, one in sorted(found.items()) if (name in names if names else name not in left_out)]
    return await _with_clients(gateway, chosen), left_out


def _why_not(live: LiveConnection, defined: Collection[str]) -> str | None:
    if live.name in defined:
        return "it is defined already"
    if not live.scripts:
        return "it is no custom database"
    return None if live.is_custom else "its scripts are switched off (name it to import it all the same)"


async def _with_clients(gateway: "Gateway", chosen: Sequence[LiveConnection]) -> list[LiveConnection]:
    """The same with the names of their applications, where the token may read those."""
    if not chosen:
        return []
    try:
        clients = await gateway.clients()
        enabled = await gather_or_cancel(*(gateway.connection_clients(str(one.raw["id"])) for one in chosen))
    except MissingScope:
        return list(chosen)
    return [LiveConnection(one.raw, client_names(clients, ids)) for one, ids in zip(chosen, enabled, strict=True)]
