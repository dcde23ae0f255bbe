"""Stores clients, and the public keys that they authenticate with, as documents of a tenant's storage."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cryptography import x509

from deployer.sandbox.clock import milliseconds
from deployer.sandbox.errors import invalid_body
from deployer.sandbox.keys import random_id, read_public_key, thumbprint
from deployer.sandbox.merging import CLIENT, TYPED_CLIENT
from deployer.sandbox.storage import Document, Storage

_MAX_CREDENTIALS = 2


def add_client(storage: Storage, tenant_name: str, certificate: str, sent: Mapping[str, Any]) -> Document:
    """Store a new client: what was sent, and what Auth0 adds. Raises ApiError 400.

    `certificate` is the PEM of the key that signs the tenant's tokens.
    """
    client_id = random_id(length=32)
    shape = TYPED_CLIENT if sent.get("app_type") else CLIENT
    client = {
        "tenant": tenant_name,
        "global": False,
        "name": sent["name"],
        "client_id": client_id,
        "client_secret": random_id(length=64),
        "signing_keys": [{"cert": certificate}],
        **shape.create(sent),
    }
    for holder in credential_holders(client):
        added = [add_credential(storage, client_id, each) for each in holder["credentials"]]
        holder["credentials"] = [{"id": each["id"]} for each in added]
    storage.insert("client", client_id, client)
    return client


def add_global_client(storage: Storage, tenant_name: str, certificate: str) -> str:
    """Store the client that every tenant has for what holds for all applications, and return its id."""
    client_id = random_id(length=32)
    client: Document = {
        "tenant": tenant_name,
        "global": True,
        "callbacks": [],
        "is_first_party": True,
        "name": "All Applications",
        "refresh_token": CLIENT.absent["refresh_token"],
        "cross_origin_authentication": False,
        "signing_keys": [{"cert": certificate}],
        "client_id": client_id,
        "client_secret": random_id(length=64),
        "custom_login_page_on": True,
    }
    storage.insert("client", client_id, client)
    return client_id


def credential_holders(attributes: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Find those of a client's attributes that name credentials of it."""
    methods = attributes.get("client_authentication_methods") or {}
    holders = (methods.get("private_key_jwt"), attributes.get("signed_request_object"))
    return [holder for holder in holders if holder and holder.get("credentials")]


def add_credential(storage: Storage, client_id: str, sent: Mapping[str, Any]) -> Document:
    """Store a public key of a client. Raises ApiError 400."""
    key = read_public_key(sent["pem"])
    expires = sent.get("expires_at")
    if sent.get("parse_expiry_from_cert") and "BEGIN CERTIFICATE" in sent["pem"]:
        expires = x509.load_pem_x509_certificate(sent["pem"].encode()).not_valid_after_utc.isoformat()
    at = milliseconds()
    credential: Document = {
        "id": random_id("cred_", 22),
        "credential_type": sent["credential_type"],
        "kid": sent.get("kid") or thumbprint(key),
        "alg": sent.get("alg", "RS256"),
        **({"name": sent["name"]} if sent.get("name") else {}),
        "created_at": at,
        "updated_at": at,
        **({"expires_at": normalise_expiry(expires)} if expires else {}),
        "pem": sent["pem"],
        "client_id": client_id,
    }
    if len(credentials_of(storage, client_id)) >= _MAX_CREDENTIALS:
        raise invalid_body(f"A client can have at most {_MAX_CREDENTIALS} credentials")
    storage.insert("client_credential", credential["id"], credential, tag=client_id)
    return credential


def credentials_of(storage: Storage, client_id: str) -> list[Document]:
    """List the public keys of a client, oldest first."""
    return [storage.decode(text) for _, text in storage.page("client_credential", tags=[client_id])]


def normalise_expiry(text: str) -> str:
    """Write a time in ISO 8601 as the Management API does, in UTC with milliseconds. Raises ApiError 400."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except (ValueError, OverflowError) as error:
        raise invalid_body("expires_at is not a date and time in ISO 8601") from error
