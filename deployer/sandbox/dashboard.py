"""Makes the changes in a local tenant that a person makes in the Auth0 Dashboard: drift, for those who deploy to it.

Every function works on the state of a running tenant (`LocalTenant.state`), in process and from any thread.
"""

from collections.abc import Callable, Mapping
from typing import Any

from deployer.auth0_defaults import OLD_PASSWORD_FIELDS
from deployer.errors import DeployerError
from deployer.sandbox.resources.connection_options import to_password_options
from deployer.sandbox.resources.connections import remove
from deployer.sandbox.storage import Document
from deployer.sandbox.tenant import Tenant

FORGOTTEN = "change_email"
"""The Dashboard does not know this script and drops it whenever it saves the others."""


def save_scripts(tenant: Tenant, connection: str, scripts: Mapping[str, str] | None = None) -> None:
    """Press Save on the Custom Database tab, with `scripts` typed in first; `change_email` is lost."""

    def change(document: Document) -> None:
        kept = {**document["options"].get("customScripts", {}), **(scripts or {})}
        kept.pop(FORGOTTEN, None)
        document["options"].update(customScripts=kept, enabledDatabaseCustomization=True)

    _edit(tenant, connection, change)


def edit_option(tenant: Tenant, connection: str, option: str, value: Any) -> None:
    """Set one option, named by its path below `options` (`import_mode`, `mfa.active`); None removes it."""

    def change(document: Document) -> None:
        *parents, last = option.split(".")
        place = document["options"]
        for parent in parents:
            place = place.setdefault(parent, {})
            if not isinstance(place, dict):
                raise DeployerError(f"{parent} is not a map of options", where=f"connection.{connection}")
        if value is None:
            place.pop(last, None)
        else:
            place[last] = value

    _edit(tenant, connection, change)


def change_secret(tenant: Tenant, connection: str, key: str, value: str) -> None:
    """Save another value under Database Settings; only this key's ciphertext changes."""

    def change(document: Document) -> None:
        document["options"].setdefault("configuration", {})[key] = tenant.vault.encrypt(value)

    _edit(tenant, connection, change)


def activate_flexible_passwords(tenant: Tenant, connection: str) -> None:
    """Press Activate in the banner of the Flexible Password Policy: the old password fields become `password_options`.

    https://auth0.com/docs/authenticate/database-connections/flexible-password-policy
    """

    def change(document: Document) -> None:
        options = document["options"]
        if "password_options" in options:
            raise DeployerError("the Flexible Password Policy is active already", where=f"connection.{connection}")
        kept = {name: value for name, value in options.items() if name not in OLD_PASSWORD_FIELDS}
        document["options"] = {**kept, "password_options": to_password_options(options)}

    _edit(tenant, connection, change)


def delete_connection(tenant: Tenant, connection: str) -> None:
    """Delete the connection, its users included."""
    with tenant.storage.transaction():
        remove(tenant, _find(tenant, connection)["id"])


def _find(tenant: Tenant, connection: str) -> Document:
    document = tenant.storage.named("connection", connection)
    if document is None:
        raise DeployerError("the tenant has no such connection", where=f"connection.{connection}")
    return document


def _edit(tenant: Tenant, connection: str, change: Callable[[Document], None]) -> None:
    with tenant.storage.transaction():
        document = _find(tenant, connection)
        change(document)
        tenant.storage.update("connection", document["id"], document)


ACTIONS: dict[str, Callable[..., None]] = {
    "save_scripts": save_scripts,
    "edit_option": edit_option,
    "change_secret": change_secret,
    "activate_flexible_passwords": activate_flexible_passwords,
    "delete_connection": delete_connection,
}
"""The functions by the name that the endpoint `/__sandbox__/dashboard` calls them by."""
