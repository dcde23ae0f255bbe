"""Serves resource servers (APIs), found by id or by identifier: /api/v2/resource-servers.

https://auth0.com/docs/api/management/v2/resource-servers
"""

from dataclasses import replace
from typing import Any

from deployer.sandbox.ages import Age
from deployer.sandbox.calls import Call, Endpoint, Response
from deployer.sandbox.errors import ApiError, invalid_body
from deployer.sandbox.keys import random_hex, random_id, read_public_key, thumbprint
from deployer.sandbox.merging import RESOURCE_SERVER, Shape
from deployer.sandbox.paging import listed_page
from deployer.sandbox.resources.resource_servers_lookup import find_resource_server
from deployer.sandbox.schema import Anything, Array, Boolean, Nullable, Number, Object, Schema, String
from deployer.sandbox.storage import NameTakenError

_MONTH = 2_592_000
_SCOPE = Object({"value": String(min=1, max=280), "description": Nullable(String(max=500))}, required=("value",))
_ENCRYPTION_KEY = Object(
    {
        "name": Nullable(String(max=128)),
        "alg": String(enum=("RSA-OAEP-256", "RSA-OAEP-384", "RSA-OAEP-512")),
        "kid": Nullable(String(max=128)),
        "pem": String(min=1, max=8192),
        "thumbprint_sha256": String(),
    },
    required=("alg",),
)
_SHARED: dict[str, Schema] = {
    "name": String(min=1, max=200, pattern=r"^[^<>]+$"),
    "scopes": Array(_SCOPE, max=1000),
    "signing_alg": String(enum=("HS256", "RS256", "RS512", "PS256")),
    "signing_secret": Nullable(String(min=16)),
    "allow_offline_access": Boolean(),
    "allow_online_access": Boolean(),
    "allow_online_access_with_ephemeral_sessions": Boolean(),
    "skip_consent_for_verifiable_first_party_clients": Boolean(),
    "token_lifetime": Number(min=0, max=_MONTH),
    "token_lifetime_for_web": Number(min=0, max=_MONTH),
    "token_lifetime_for_anonymous_access_tokens": Number(min=0, max=_MONTH),
    "access_token": Nullable(Object(extra=Anything())),
    "authorization_policy": Nullable(Object(extra=Anything())),
    "require_consent_non_repudiation": Nullable(Boolean()),
    "enforce_policies": Boolean(),
    "token_dialect": Nullable(
        String(enum=("access_token", "access_token_authz", "rfc9068_profile", "rfc9068_profile_authz"))
    ),
    "token_encryption": Nullable(
        Object(
            {"format": String(enum=("compact-nested-jwe",)), "encryption_key": _ENCRYPTION_KEY},
            required=("format", "encryption_key"),
        )
    ),
    "consent_policy": Nullable(String(enum=("transactional-authorization-with-mfa",))),
    "authorization_details": Nullable(Array(Object({"type": String(min=1)}, required=("type",), extra=Anything()))),
    "proof_of_possession": Nullable(
        Object(
            {
                "mechanism": String(enum=("mtls", "dpop")),
                "required": Boolean(),
                "required_for": String(enum=("all_clients", "public_clients")),
            },
            required=("mechanism", "required"),
        )
    ),
    "subject_type_authorization": Object(
        {
            "user": Object({"policy": String(enum=("allow_all", "deny_all", "require_client_grant"))}),
            "client": Object({"policy": String(enum=("deny_all", "require_client_grant"))}),
            "anonymous_user": Object(extra=Anything()),
        }
    ),
    "verificationKey": Nullable(String()),
    "verificationLocation": Nullable(String()),
    "client_id": Nullable(String()),
}
CREATE = Object({**_SHARED, "identifier": String(min=1, max=600)}, required=("identifier",))
UPDATE = Object(_SHARED)
_SYSTEM_UPDATE = frozenset(
    {
        "token_lifetime",
        "token_lifetime_for_web",
        "skip_consent_for_verifiable_first_party_clients",
        "subject_type_authorization",
        "name",
        "allow_offline_access",
    }
)


def _find(call: Call) -> dict[str, Any]:
    server = find_resource_server(call.tenant, call.params["id"])
    if server is None:
        raise ApiError(404, "The resource server does not exist", "inexistent_resource_server")
    return server


def _shape(age: Age) -> Shape:
    """Build the shape of an API, with what the tenant's age adds to it."""
    shape = RESOURCE_SERVER.with_absent(age.api)
    return shape if age.api_shows_null else replace(shape, nulls=frozenset())


def _completed(merged: dict[str, Any], sent: dict[str, Any]) -> dict[str, Any]:
    """Complete what follows from several attributes together. Raises ApiError 400 for what cannot be."""
    encryption = sent.get("token_encryption")
    if encryption is not None:
        merged["token_encryption"] = _stored_encryption(encryption)
    if merged.get("signing_alg") == "HS256" and not merged.get("signing_secret"):
        merged["signing_secret"] = random_id(length=32)
    if merged.get("signing_alg") != "HS256":
        merged.pop("signing_secret", None)
    values = [scope["value"] for scope in merged.get("scopes", [])]
    if len(set(values)) < len(values):
        raise invalid_body("Scopes must be unique by their value")
    if merged["token_lifetime_for_web"] > merged["token_lifetime"]:
        if "token_lifetime_for_web" in sent:
            raise invalid_body("token_lifetime_for_web must be less than or equal to token_lifetime")
        merged["token_lifetime_for_web"] = merged["token_lifetime"]
    return merged


def _stored_encryption(encryption: dict[str, Any]) -> dict[str, Any]:
    """Keep the key by its thumbprint; the PEM never comes back."""
    key = {name: value for name, value in encryption["encryption_key"].items() if value is not None}
    pem = key.pop("pem", None)
    if pem is not None:
        key["thumbprint_sha256"] = thumbprint(read_public_key(pem))
    elif "thumbprint_sha256" not in key:
        raise invalid_body(
            "Payload validation error: 'Missing required property: pem' on property token_encryption.encryption_key."
        )
    return {"encryption_key": key, "format": encryption["format"]}


def create(call: Call) -> Response:
    """Answer `POST /resource-servers`: 201, or 409 for an identifier that is taken."""
    sent = call.payload(CREATE)
    id = random_hex()
    server = _completed({"id": id, **_shape(call.tenant.age).create(sent)}, sent)
    try:
        call.tenant.storage.insert("resource_server", id, server, name=server["identifier"])
    except NameTakenError as error:
        raise ApiError(
            409, "A resource server with the same identifier already exists", "resource_server_conflict"
        ) from error
    return Response(201, server)


def read(call: Call) -> Response:
    """Answer `GET /resource-servers/{id or identifier}`."""
    server = _find(call)
    if call.flag("include_fields") is False:
        server = {key: value for key, value in server.items() if key != "scopes"}
    return Response(body=server)


def list_resource_servers(call: Call) -> Response:
    """Answer `GET /resource-servers`, by `identifiers` (several)."""
    identifiers = {part for value in call.query.get("identifiers", []) for part in value.split(",") if part}
    servers = call.tenant.storage.all("resource_server")
    return listed_page(
        call,
        "resource_servers",
        [server for server in servers if not identifiers or server["identifier"] in identifiers],
        checkpoint=True,
    )


def update(call: Call) -> Response:
    """Answer `PATCH /resource-servers/{id or identifier}`; the identifier cannot change."""
    server = _find(call)
    sent = call.payload(UPDATE)
    if server.get("is_system"):
        refused = sorted(set(sent) - _SYSTEM_UPDATE)
        if refused:
            raise invalid_body(f"The system API cannot be changed in: {', '.join(refused)}")
    server = _completed(_shape(call.tenant.age).update(server, sent), sent)
    call.tenant.storage.update("resource_server", server["id"], server)
    return Response(body=server)


def delete(call: Call) -> Response:
    """Answer `DELETE /resource-servers/{id or identifier}`: 204; the grants for it go with it."""
    server = find_resource_server(call.tenant, call.params["id"])
    if server is None:
        return Response(204)
    if server.get("is_system"):
        raise ApiError(403, "System APIs cannot be deleted", "operation_not_supported")
    storage = call.tenant.storage
    storage.delete("resource_server", server["id"])
    for grant in storage.all("client_grant"):
        if grant["audience"] == server["identifier"]:
            storage.delete("client_grant", grant["id"])
    return Response(204)


ENDPOINTS = [
    Endpoint("GET", "/api/v2/resource-servers", ("read:resource_servers",), list_resource_servers),
    Endpoint("POST", "/api/v2/resource-servers", ("create:resource_servers",), create),
    Endpoint("GET", "/api/v2/resource-servers/{id:path}", ("read:resource_servers",), read),
    Endpoint("PATCH", "/api/v2/resource-servers/{id:path}", ("update:resource_servers",), update),
    Endpoint("DELETE", "/api/v2/resource-servers/{id:path}", ("delete:resource_servers",), delete),
]
