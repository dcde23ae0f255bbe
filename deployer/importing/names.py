"""Chooses names for the folders of imported scripts, safe for every file system and unlike those in use."""

from collections.abc import Iterator

from deployer.config.models import CONNECTION_NAME, MAX_CONNECTION_NAME
from deployer.errors import DeployerError
from deployer.rendering.templates import NO_STORES
from deployer.text import one_line

_WINDOWS_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"{kind}{n}" for kind in ("com", "lpt") for n in range(10))}
)


def store_folders(connection: str, tenant: str) -> Iterator[str]:
    """Name the folders below `templates/` that a connection's scripts may have, the best first: `users`, `users-prod`.

    Raises:
        DeployerError: for a name that Auth0 itself would not take for a connection.
    """
    if len(connection) > MAX_CONNECTION_NAME or not CONNECTION_NAME.fullmatch(connection):
        raise DeployerError(
            f"'{one_line(connection, 60)}' is no name of a connection that a definition can have",
            hint="Name the connections to import, without this one.",
        )
    named = f"{connection}-{tenant}"
    candidates = [connection, named, *(f"{named}-{number}" for number in range(2, 100))]
    return (name for name in candidates if name.lower() not in NO_STORES | _WINDOWS_DEVICES)
