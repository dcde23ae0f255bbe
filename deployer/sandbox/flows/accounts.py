"""Creates, changes, verifies and deletes accounts, in the tenant or by the scripts of a connection.

With import, the tenant keeps its users itself and asks `get_user` only whether the store knows somebody; without, every
change goes through the script for it.
https://auth0.com/docs/authenticate/database-connections/custom-db/templates
"""

from typing import Any

from deployer.sandbox.clock import milliseconds
from deployer.sandbox.flows import users
from deployer.sandbox.flows.errors import FlowError, user_exists
from deployer.sandbox.flows.login import complete, import_user, split_profile
from deployer.sandbox.flows.passwords import hash_password
from deployer.sandbox.flows.scripts import has_script, imports, is_custom, is_remote, run_script
from deployer.sandbox.storage import Document
from deployer.sandbox.tenant import Tenant

_CREATE = ("email", "password", "username", "phone_number", "user_metadata", "app_metadata", "email_verified")


async def look_up(tenant: Tenant, connection: Document, identifier: str) -> Document | None:
    """Ask the store for somebody's profile; None, too, where it cannot be asked: `get_user` is optional."""
    if not is_custom(connection) or not has_script(connection, "get_user"):
        return None
    profile = await run_script(tenant, connection, "get_user", identifier)
    return profile if isinstance(profile, dict) and profile else None


async def create(tenant: Tenant, connection: Document, sent: dict[str, Any], client_id: str) -> Document:
    """Create a user, in the store or in the tenant. Raises FlowError: `user_exists` and what scripts say.

    https://auth0.com/docs/authenticate/database-connections/custom-db/templates/create
    """
    for field, find in (("email", users.by_email), ("username", users.by_username)):
        if sent.get(field):
            if find(tenant, connection, sent[field]) is not None:
                raise user_exists()
            if await look_up(tenant, connection, sent[field]) is not None:
                raise user_exists()
    profile = {key: value for key, value in sent.items() if key not in ("password", "connection", "verify_email")}
    if is_remote(connection):
        given = {key: sent[key] for key in _CREATE if sent.get(key) is not None}
        account = {"tenant": tenant.name, "client_id": client_id, "connection": connection["name"]}
        await run_script(tenant, connection, "create", {**account, **given})
        # Auth0 logs the new user in at once, to see that they are there; this is also where their id comes from.
        identifier = str(sent.get("email") or sent.get("username"))
        made = await run_script(tenant, connection, "login", identifier, sent["password"])
        if not isinstance(made, dict):
            raise FlowError("invalid_signup", "The user was not created.", 400)
        profile = {**profile, **split_profile(connection, made)[0]}
    user = users.new_user(connection, profile)
    for field in ("user_metadata", "app_metadata"):
        if sent.get(field):
            users.merge(user, field, sent[field])
    if sent.get("blocked"):
        user["blocked"] = True
    if not is_remote(connection):
        user["$password"] = await hash_password(str(sent["password"]))
    users.insert(tenant, connection, user)
    return user


async def set_password(
    tenant: Tenant, connection: Document, user: Document | None, email: str, password: str, *, verified: bool = False
) -> Document | None:
    """Change a password; `user` is None for somebody whom only the store knows. Raises FlowError.

    With import, such a user is in the tenant from then on. `verified`: the e-mail address was proved on the way.
    """
    if is_remote(connection):
        if await run_script(tenant, connection, "change_password", email, password) is False:
            raise FlowError("password_change_error", "The password was not updated.", 400)
    elif user is None:
        profile = await look_up(tenant, connection, email) if imports(connection) else None
        if profile is None:
            raise FlowError("invalid_user", "The user does not exist.", 400)
        user = complete(tenant, connection, await import_user(tenant, connection, profile, password))
    hashed = None if is_remote(connection) else await hash_password(password)
    user = users.get(tenant, user["user_id"]) if user is not None else None
    if user is None:
        return None
    if hashed is not None:
        user["$password"] = hashed
    if verified and user.get("email") == users.normalised(email):
        user["email_verified"] = True
    user["last_password_reset"] = milliseconds()
    users.save(tenant, connection, user)
    return user


async def set_email(tenant: Tenant, connection: Document, user: Document, email: str, *, verified: bool) -> Document:
    """Change an e-mail address, once neither the tenant nor the store knows it. Raises FlowError."""
    email = users.normalised(email)
    if email != user.get("email"):
        if users.by_email(tenant, connection, email) is not None:
            raise FlowError("email_exists", "The specified new email already exists", 400)
        if await look_up(tenant, connection, email) is not None:
            raise FlowError("email_exists", "The specified new email already exists", 400)
        if is_remote(connection):
            await run_script(tenant, connection, "change_email", user.get("email"), email, verified)
    return _store_changes(tenant, connection, user, {"email": email, "email_verified": verified})


async def set_username(tenant: Tenant, connection: Document, user: Document, username: str) -> Document:
    """Change a username, once neither the tenant nor the store knows it. Raises FlowError."""
    username = users.normalised(username)
    if username != user.get("username"):
        if users.by_username(tenant, connection, username) is not None:
            raise FlowError("username_exists", "The specified new username already exists", 400)
        if await look_up(tenant, connection, username) is not None:
            raise FlowError("username_exists", "The specified new username already exists", 400)
        if is_remote(connection):
            await run_script(tenant, connection, "change_username", user.get("username"), username)
    return _store_changes(tenant, connection, user, {"username": username})


async def set_phone_number(
    tenant: Tenant, connection: Document, user: Document, phone_number: str, *, verified: bool
) -> Document:
    """Change a phone number. Raises FlowError."""
    if is_remote(connection):
        before = user.get("phone_number")
        await run_script(tenant, connection, "change_phone_number", before, phone_number, verified)
    return _store_changes(tenant, connection, user, {"phone_number": phone_number, "phone_verified": verified})


async def verify_email(tenant: Tenant, connection: Document, user: Document) -> Document:
    """Note that the user followed the link in the verification e-mail. Raises FlowError."""
    if is_remote(connection):
        await run_script(tenant, connection, "verify", user.get("email"))
    return _store_changes(tenant, connection, user, {"email_verified": True})


async def delete(tenant: Tenant, connection: Document, user: Document) -> None:
    """Delete a user, from the store first where that is where users live. Raises FlowError."""
    if is_remote(connection):
        await run_script(tenant, connection, "delete", user["identities"][0]["user_id"])
    users.remove(tenant, user)


def _store_changes(tenant: Tenant, connection: Document, user: Document, changes: Document) -> Document:
    """Store changes to the user as it is by now: a script ran in between. Raises FlowError where it is gone."""
    current = users.get(tenant, user["user_id"])
    if current is None:
        raise FlowError("inexistent_user", "The user does not exist.", 404)
    current.update(changes)
    users.save(tenant, connection, current)
    return current
