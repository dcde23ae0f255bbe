"""Stores the users of a tenant as documents, made of scripts' profiles or of payloads.

What begins with `$` is never shown. https://auth0.com/docs/manage-users/user-accounts/user-profiles/user-profile-structure
"""

import hashlib
from typing import Any

from deployer.sandbox.clock import milliseconds
from deployer.sandbox.flows.errors import user_exists
from deployer.sandbox.keys import random_hex
from deployer.sandbox.storage import Document, NameTakenError
from deployer.sandbox.tenant import Tenant

KIND = "user"
_USERNAME = "username"
ROOT = ("given_name", "family_name", "name", "nickname", "picture", "phone_number", "phone_verified")
_TOKENS = ("access_token", "access_token_secret", "refresh_token", "expires_in")
_RESERVED_FIELD_NAMES = (
    "user_id id _id connection provider isSocial identities metadata app_metadata user_metadata password blocked "
    "logins_count last_login last_ip last_password_reset created_at updated_at multifactor tenant client_id"
)
_RESERVED_FIELDS = frozenset(_RESERVED_FIELD_NAMES.split())
"""What a script's profile does not set by these names at the root of a user."""


def normalised(email: str) -> str:
    """Normalise an e-mail address or a username to lower case, in which they are compared."""
    return email.strip().lower()


def _unique_emails(connection: Document) -> bool:
    attributes = connection["options"].get("attributes") or {}
    return bool((attributes.get("email") or {}).get("unique", True))


def _name(connection: Document, user: Document) -> str:
    """Name what no two users have in common: connection and e-mail, or the id where e-mails may be shared."""
    if user.get("email") and _unique_emails(connection):
        return f"{connection['id']} {normalised(user['email'])}"
    return f"id {user['user_id']}"


def get(tenant: Tenant, user_id: str) -> Document | None:
    """Find the user with this id."""
    return tenant.storage.get(KIND, user_id)


def of_connection(tenant: Tenant, connection: Document) -> list[Document]:
    """List every user of a connection."""
    storage = tenant.storage
    return [storage.decode(text) for _, text in storage.page(KIND, tags=[connection["id"]])]


def by_email(tenant: Tenant, connection: Document, email: str) -> Document | None:
    """Find the user of the connection with this e-mail address."""
    address = normalised(email)
    found = tenant.storage.named(KIND, f"{connection['id']} {address}")
    if found is not None or _unique_emails(connection):
        return found
    return next((user for user in of_connection(tenant, connection) if user.get("email") == address), None)


def by_username(tenant: Tenant, connection: Document, username: str) -> Document | None:
    """Find the user of the connection with this username."""
    for user_id in tenant.storage.linked(_USERNAME, left=f"{connection['id']} {normalised(username)}"):
        found = get(tenant, user_id)
        if found is not None:
            return found
    return None


def by_identifier(tenant: Tenant, connection: Document, identifier: str) -> Document | None:
    """Find the user who logs in with this: an e-mail address or a username."""
    return by_email(tenant, connection, identifier) or by_username(tenant, connection, identifier)


def new_user(connection: Document, profile: Document, local_id: str | None = None) -> Document:
    """Make a user record, not stored yet and without metadata, of a script's profile or a payload.

    Its id is `auth0|` and what the script calls `user_id` (or `id`); without one, Auth0 makes one up.
    """
    local_id = local_id or local_id_of(profile) or random_hex(24)
    at = milliseconds()
    user: Document = {
        "created_at": at,
        "updated_at": at,
        "user_id": f"auth0|{local_id}",
        "identities": [
            {"connection": connection["name"], "user_id": local_id, "provider": "auth0", "isSocial": False},
        ],
        "email_verified": False,
        "$connection": connection["id"],
    }
    adopt(user, profile)
    email = str(user.get("email") or "")
    shown = email or str(user.get("username") or local_id)
    user.setdefault("name", shown)
    user.setdefault("nickname", shown.partition("@")[0])
    user.setdefault("picture", _picture(shown))
    return user


def local_id_of(profile: Document) -> str | None:
    """Find the id that a profile carries, without `auth0|`."""
    for key in ("user_id", "id", "_id"):
        value = profile.get(key)
        if isinstance(value, (str, int)) and not isinstance(value, bool) and str(value):
            return str(value).removeprefix("auth0|")[:255]
    return None


def adopt(user: Document, profile: Document) -> None:
    """Take over what a profile says of the root of a user; tokens of a provider go into the identity."""
    for key, value in profile.items():
        if key in _TOKENS:
            user["identities"][0][key] = value
        elif key not in _RESERVED_FIELDS and not key.startswith("$") and value is not None:
            user[key] = value
    for key in ("email", "username"):
        if key in user:
            user[key] = normalised(str(user[key]))
    user["email_verified"] = bool(user.get("email_verified"))


def metadata_of(profile: Document) -> Document:
    """Find the metadata that a script's profile sets.

    A script calls `app_metadata` `metadata`. Under its own name it is seen too, but lost at the first change through
    the API. https://auth0.com/docs/connections/database/custom-db/templates (the checklist)
    """
    found: Document = {}
    for field, key in (("metadata", "app_metadata"), ("user_metadata", "user_metadata")):
        if isinstance(profile.get(field), dict):
            found[key] = profile[field]
    if "app_metadata" not in found and isinstance(profile.get("app_metadata"), dict):
        found["$fleeting_metadata"] = profile["app_metadata"]
    return found


def merge(user: Document, field: str, changes: dict[str, Any]) -> None:
    """Change metadata by its first level: null removes a key, and an empty map all of them."""
    merged = {**user.get(field, {}), **changes} if changes else {}
    user[field] = {key: value for key, value in merged.items() if value is not None}
    if field == "app_metadata":
        user.pop("$fleeting_metadata", None)


def insert(tenant: Tenant, connection: Document, user: Document) -> None:
    """Store a new user. Raises FlowError for one whose id, e-mail address or username is taken."""
    with tenant.storage.transaction():
        username = user.get("username")
        if username and by_username(tenant, connection, username) is not None:
            raise user_exists()
        try:
            tenant.storage.insert(KIND, user["user_id"], user, name=_name(connection, user), tag=connection["id"])
        except NameTakenError as error:
            raise user_exists() from error
        if username:
            tenant.storage.link(_USERNAME, f"{connection['id']} {username}", user["user_id"])


def save(tenant: Tenant, connection: Document, user: Document, *, touch: bool = True) -> None:
    """Store a user that has changed. Raises FlowError where the e-mail address or username is another user's."""
    if touch:
        user["updated_at"] = milliseconds()
    with tenant.storage.transaction():
        username = user.get("username")
        holder = by_username(tenant, connection, username) if username else None
        if holder is not None and holder["user_id"] != user["user_id"]:
            raise user_exists()
        try:
            tenant.storage.update(KIND, user["user_id"], user, name=_name(connection, user))
        except NameTakenError as error:
            raise user_exists() from error
        tenant.storage.unlink(_USERNAME, right=user["user_id"])
        if username:
            tenant.storage.link(_USERNAME, f"{connection['id']} {username}", user["user_id"])


def remove(tenant: Tenant, user: Document) -> None:
    """Take a user out of the tenant."""
    with tenant.storage.transaction():
        tenant.storage.delete(KIND, user["user_id"])
        tenant.storage.unlink(_USERNAME, right=user["user_id"])


def shown(user: Document, *, idp_tokens: bool) -> Document:
    """Show a user as the Management API answers; tokens of an identity take `read:user_idp_tokens`."""
    body = {key: value for key, value in user.items() if not key.startswith("$")}
    if "$fleeting_metadata" in user and "app_metadata" not in body:
        body["app_metadata"] = user["$fleeting_metadata"]
    if not idp_tokens:
        body["identities"] = [
            {key: value for key, value in identity.items() if key not in _TOKENS} for identity in body["identities"]
        ]
    return body


def _picture(text: str) -> str:
    digest = hashlib.md5(normalised(text).encode(), usedforsecurity=False).hexdigest()
    return f"https://s.gravatar.com/avatar/{digest}?s=480&r=pg"
