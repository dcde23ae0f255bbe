"""Names of a tenant in, names out that are safe for folders and environment variables, and unlike those in use."""

import re
from collections.abc import Container, Iterator

from deployer.config.models import CONNECTION_NAME, MAX_CONNECTION_NAME
from deployer.errors import DeployerError
from deployer.rendering.templates import NO_STORES
from deployer.text import one_line

_WINDOWS_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"{kind}{n}" for kind in ("com", "lpt") for n in range(10))}
)


def store_folders(connection: str, tenant: str) -> Iterator[str]:
    """Folders below `templates/` that a connection's scripts may have, the best first: `users`, `users-prod`, ...

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


def variable_name(tenant: str, connection: str, key: str, used: Container[str]) -> str:
    """The environment variable for a key of `configuration`: `PROD_LEGACY_USERS_PG_URL`.

    It begins with the tenant's file name, which is ours: a key's name, which is not, can never make it the name of
    another variable that happens to hold a secret.
    """
    text = re.sub(r"[^A-Za-z0-9]+", "_", f"{tenant}_{connection}_{key}").upper().strip("_")[:200]
    text = f"_{text}" if text[:1].isdigit() else text
    candidates = [text, *(f"{text}_{n}" for n in range(2, 1000))]
    return next(name for name in candidates if name not in used)
