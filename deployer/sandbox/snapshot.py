"""Writes everything in a tenant but its secrets as a JSON fixture, and loads such fixtures.

A snapshot holds no key and no client's secret, and of `configuration` only ciphertexts that nobody can read any more.
At loading, every `configuration` value is encrypted as it stands (as Auth0 does with what it is sent), so a fixture
that is written by hand holds plain test values; a client without a secret gets a new one.
"""

import json
import os
from pathlib import Path
from typing import Any

from deployer.errors import DeployerError
from deployer.sandbox.keys import random_id
from deployer.sandbox.storage import NameTakenError
from deployer.sandbox.tenant import Tenant

FORMAT = "deployer sandbox snapshot 1"
_SECRET_SETTINGS = ("signing_key", "vault", "client_secret")
_SECRET_FIELDS = {
    "client": ("client_secret", "signing_keys"),
    "action": ("$secrets",),
    "rules_config": ("value",),
    "user": ("$password",),
}
_NEEDED = {
    "connection": ("id", "name", "strategy", "options", "enabled_clients"),
    "client": ("client_id", "name", "global", "is_first_party"),
    "client_grant": ("id", "audience"),
    "client_credential": ("id", "client_id", "pem", "alg"),
    "resource_server": ("id", "identifier", "token_lifetime", "token_lifetime_for_web"),
    "action": (
        "id",
        "name",
        "supported_triggers",
        "code",
        "dependencies",
        "runtime",
        "secrets",
        "created_at",
        "updated_at",
        "$touched",
        "$revision",
        "$versions",
        "$deployments",
    ),
    "action_version": (
        "id",
        "number",
        "code",
        "dependencies",
        "runtime",
        "supported_triggers",
        "secrets",
        "created_at",
        "$action",
        "$revision",
        "$ready",
        "$built_at",
        "$updated_at",
    ),
    "bindings": ("bindings",),
    "rule": ("id", "name", "script", "order", "enabled"),
    "rules_config": ("key",),
    "user": ("user_id", "identities", "created_at", "$connection"),
}
"""What the endpoints rely on in a document of each kind."""


def snapshot(tenant: Tenant) -> dict[str, Any]:
    """Collect everything in the tenant but its secrets, as JSON values."""
    data = tenant.storage.dump()
    for key in _SECRET_SETTINGS:
        data["settings"].pop(key, None)
    for entry in data["documents"]:
        for field in _SECRET_FIELDS.get(entry["kind"], ()):
            entry["body"].pop(field, None)
    return {"format": FORMAT, **data}


def write_snapshot(tenant: Tenant, file: Path) -> None:
    """Write a snapshot. Raises DeployerError."""
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
            file.chmod(0o600)
            stream.write(json.dumps(snapshot(tenant), indent=2) + "\n")
    except OSError as error:
        raise DeployerError(f"the snapshot cannot be written: {error.strerror}", where=str(file)) from error


def load(tenant: Tenant, data: Any) -> None:
    """Make the tenant what the snapshot says; all of it, or nothing when it is not one. Raises DeployerError."""
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise _not_a_snapshot(f"its format is not {FORMAT!r}")
    storage = tenant.storage
    kept = {key: storage.setting(key) for key in ("signing_key", "vault")}
    try:
        with storage.transaction():
            documents = [_restored(tenant, entry) for entry in data["documents"]]
            settings = {**data["settings"], **kept}
            client_id = settings.get("client_id")
            for entry in documents:
                if entry["kind"] == "client" and entry["id"] == client_id:
                    settings["client_secret"] = entry["body"]["client_secret"]
            storage.restore({"documents": documents, "links": data["links"], "settings": settings})
            tenant.prepare()
    except (KeyError, TypeError, AttributeError, ValueError, NameTakenError) as error:
        raise _not_a_snapshot(f"{type(error).__name__} at {error}") from error


def read_snapshot(tenant: Tenant, file: Path) -> None:
    """Load a snapshot from a file. Raises DeployerError."""
    try:
        data = json.loads(file.read_text())
    except OSError as error:
        raise DeployerError(f"the snapshot cannot be read: {error.strerror}", where=str(file)) from error
    except (ValueError, RecursionError) as error:
        raise DeployerError(f"the snapshot is not JSON: {error}", where=str(file)) from error
    try:
        load(tenant, data)
    except DeployerError as error:
        raise DeployerError(error.what, where=str(file), hint=error.hint) from error


def _not_a_snapshot(why: str) -> DeployerError:
    return DeployerError(
        f"this is not a snapshot of a sandbox: {why}",
        hint="Make one with `deployer sandbox --snapshot FILE`; nothing was loaded.",
    )


def _restored(tenant: Tenant, entry: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {**entry["body"]}
    if entry["kind"] == "client":
        body.setdefault("client_secret", random_id(length=64))
        body["signing_keys"] = [{"cert": tenant.signing_key.certificate}]
    if entry["kind"] == "connection" and body["options"].get("configuration"):
        values = body["options"]["configuration"]
        body["options"] = {
            **body["options"],
            "configuration": {key: tenant.vault.encrypt(value) for key, value in values.items() if value is not None},
        }
    if entry["kind"] == "action":
        body["$secrets"] = {name: tenant.vault.encrypt(value) for name, value in body.get("$secrets", {}).items()}
    if entry["kind"] == "rules_config":
        body["value"] = tenant.vault.encrypt(body.get("value", ""))
    missing = [key for key in _NEEDED.get(entry["kind"], ()) if key not in body]
    if missing:
        raise KeyError(f"{entry['kind']} {entry['id']}: {missing[0]} is missing")
    return {"kind": entry["kind"], "id": entry["id"], "name": entry["name"], "tag": entry["tag"], "body": body}
