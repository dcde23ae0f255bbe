"""Checks the first factor: an identifier and a password, against the tenant's record or a connection's store.

Without import, the login script runs every time and the record mirrors what it says. With import, it runs for whoever
is not in the tenant yet, who then is: with password and profile at once, and with app_metadata and user_metadata when
the login is completed. On the login page these are two requests, `/usernamepassword/login` and `/login/callback`; what
ends between them leaves a user whose metadata is lost.
https://auth0.com/docs/manage-users/user-migration/configure-automatic-migration-from-your-database and, for the two
requests, https://auth0.com/docs/videos/get-started/03-provision-import-users (Custom Database Script Templates)
"""

from dataclasses import dataclass, field

from deployer.sandbox.clock import milliseconds
from deployer.sandbox.flows import users
from deployer.sandbox.flows.errors import FlowError, user_exists, wrong_credentials
from deployer.sandbox.flows.passwords import check_password, hash_password
from deployer.sandbox.flows.scripts import imports, is_remote, run_script
from deployer.sandbox.storage import Document
from deployer.sandbox.tenant import Tenant

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class FirstFactor:
    """A login whose password was right: the record as it is stored, fields that live for this login only, and metadata
    of an import that is not stored yet."""

    user: Document
    transient: Document
    metadata: Document = field(default_factory=dict)


async def authenticate(tenant: Tenant, connection: Document, identifier: str, password: str) -> FirstFactor:
    """Check a password, and store the user with one login more. Raises FlowError."""
    known = users.by_identifier(tenant, connection, identifier)
    if is_remote(connection):
        profile = await _login_script(tenant, connection, identifier, password)
        first = FirstFactor(*_mirror(tenant, connection, profile))
    elif known is not None and known.get("$password"):
        if not await check_password(password, known["$password"]):
            raise wrong_credentials()
        first = FirstFactor(users.get(tenant, known["user_id"]) or known, {})
    elif imports(connection):
        profile = await _login_script(tenant, connection, identifier, password)
        first = await import_user(tenant, connection, profile, password)
    else:
        raise wrong_credentials()
    user = first.user
    if user.get("blocked"):
        raise FlowError("unauthorized", "user is blocked")
    user["logins_count"] = int(user.get("logins_count", 0)) + 1
    user["last_login"] = milliseconds()
    user["last_ip"] = LOOPBACK
    users.save(tenant, connection, user)
    return first


def complete(tenant: Tenant, connection: Document, first: FirstFactor) -> Document:
    """Store the metadata of an import; return the user as Rules and Actions see it, transient fields included.

    What somebody has written into the metadata since then stays. Raises FlowError where the user is gone.
    """
    with tenant.storage.transaction():
        user = users.get(tenant, first.user["user_id"])
        if user is None:
            raise wrong_credentials()
        for name, value in first.metadata.items():
            user[name] = {**value, **user.get(name, {})}
        if first.metadata:
            users.save(tenant, connection, user)
    return {**user, **first.transient}


async def _login_script(tenant: Tenant, connection: Document, identifier: str, password: str) -> Document:
    profile = await run_script(tenant, connection, "login", identifier, password)
    if not isinstance(profile, dict):
        # A no-op script, as after a finished migration, knows nobody.
        raise wrong_credentials()
    return profile


def split_profile(connection: Document, profile: Document) -> tuple[Document, Document]:
    """Split a profile into what is kept and the `non_persistent_attrs`, which live for one login only."""
    names = set(connection["options"].get("non_persistent_attrs") or [])
    kept = {key: value for key, value in profile.items() if key not in names}
    return kept, {key: value for key, value in profile.items() if key in names}


def _mirror(tenant: Tenant, connection: Document, profile: Document) -> tuple[Document, Document]:
    """Record a user who lives in the store: make the record at the first login, update it at the others."""
    kept, transient = split_profile(connection, profile)
    with tenant.storage.transaction():
        user = _find_record(tenant, connection, kept)
        if user is None:
            user = users.new_user(connection, kept)
            user.update(users.metadata_of(kept))
            users.insert(tenant, connection, user)
            return user, transient
        if user["$connection"] != connection["id"]:
            raise user_exists()
        if connection["options"].get("set_user_root_attributes", "on_each_login") == "on_each_login":
            users.adopt(user, kept)
        for field, value in users.metadata_of(kept).items():
            user[field] = {**user.get(field, {}), **value}
        users.save(tenant, connection, user)
        return user, transient


def _find_record(tenant: Tenant, connection: Document, profile: Document) -> Document | None:
    local_id = users.local_id_of(profile)
    if local_id is not None:
        return users.get(tenant, f"auth0|{local_id}")
    email = profile.get("email")
    return users.by_email(tenant, connection, str(email)) if email else None


def _same_user(connection: Document, known: Document, profile: Document) -> bool:
    """Return whether a record is what an import of the profile would make; with another e-mail it is not."""
    email = profile.get("email")
    return known["$connection"] == connection["id"] and (
        email is None or known.get("email") == users.normalised(str(email))
    )


async def import_user(tenant: Tenant, connection: Document, profile: Document, password: str) -> FirstFactor:
    """Store a user of the store in the tenant, without metadata: `complete` stores that.

    Raises FlowError; `user_exists` for a second import.
    """
    kept, transient = split_profile(connection, profile)
    hashed = await hash_password(password)
    local_id = users.local_id_of(kept)
    known = users.get(tenant, f"auth0|{local_id}") if local_id is not None else None
    if known is not None and _same_user(connection, known, kept):
        # Moved by another login a moment ago, or come with a snapshot, which has no passwords.
        known.setdefault("$password", hashed)
        users.save(tenant, connection, known)
        return FirstFactor(known, transient)
    user = users.new_user(connection, kept)
    user["$password"] = hashed
    users.insert(tenant, connection, user)
    return FirstFactor(user, transient, users.metadata_of(kept))
