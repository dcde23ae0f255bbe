"""Public keys that a client authenticates with (`private_key_jwt`): /api/v2/clients/{id}/credentials.

https://auth0.com/docs/get-started/authentication-and-authorization-flow/authenticate-with-private-key-jwt
"""

from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from deployer.sandbox.calls import Call, Endpoint, Response
from deployer.sandbox.clock import milliseconds
from deployer.sandbox.errors import ApiError, invalid_body
from deployer.sandbox.keys import random_id, thumbprint
from deployer.sandbox.schema import Boolean, Nullable, Object, String
from deployer.sandbox.storage import Document
from deployer.sandbox.tenant import Tenant

ALGORITHMS = ("RS256", "RS384", "PS256")
_MAX = 2
CREDENTIAL = Object(
    {
        "credential_type": String(enum=("public_key",)),
        "name": String(max=128),
        "pem": String(min=1, max=8192),
        "alg": String(enum=ALGORITHMS),
        "parse_expiry_from_cert": Boolean(),
        "expires_at": Nullable(String(max=40)),
        "kid": String(min=1, max=64),
    },
    required=("credential_type", "pem"),
)
UPDATE = Object({"expires_at": Nullable(String(max=40))})
_HIDDEN = ("pem", "client_id")


def public_key(pem: str) -> rsa.RSAPublicKey:
    """The RSA key of a PEM. Raises ApiError 400."""
    data = pem.encode()
    try:
        certificate = b"BEGIN CERTIFICATE" in data
        key = x509.load_pem_x509_certificate(data).public_key() if certificate else load_pem_public_key(data)
    except (ValueError, TypeError) as error:
        raise invalid_body("The PEM is not a public key or a certificate") from error
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < 2048:
        raise invalid_body("The public key must be an RSA key of 2048 bits or more")
    return key


def _time(text: str) -> str:
    try:
        return datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except (ValueError, OverflowError) as error:
        raise invalid_body("expires_at is not a date and time in ISO 8601") from error


def add(tenant: Tenant, client_id: str, sent: dict[str, Any]) -> Document:
    """Store a credential of a client. Raises ApiError 400."""
    key = public_key(sent["pem"])
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
        **({"expires_at": _time(expires)} if expires else {}),
        "pem": sent["pem"],
        "client_id": client_id,
    }
    if len(credentials_of(tenant, client_id)) >= _MAX:
        raise invalid_body(f"A client can have at most {_MAX} credentials")
    tenant.storage.insert("client_credential", credential["id"], credential, tag=client_id)
    return credential


def credentials_of(tenant: Tenant, client_id: str) -> list[Document]:
    """The credentials of a client."""
    storage = tenant.storage
    return [storage.decode(text) for _, text in storage.page("client_credential", tags=[client_id])]


def shown(credential: Document) -> Document:
    """A credential without its key."""
    return {key: value for key, value in credential.items() if key not in _HIDDEN}


def _client(call: Call) -> str:
    id = call.params["id"]
    if call.tenant.storage.text("client", id) is None:
        raise ApiError(404, "The client does not exist", "inexistent_client")
    return id


def _find(call: Call) -> Document:
    credential = call.tenant.storage.get("client_credential", call.params["credential"])
    if credential is None or credential["client_id"] != _client(call):
        raise ApiError(404, "The credential does not exist", "inexistent_credential")
    return credential


def list_credentials(call: Call) -> Response:
    """GET: a bare list."""
    return Response(body=[shown(credential) for credential in credentials_of(call.tenant, _client(call))])


def create(call: Call) -> Response:
    """POST: 201."""
    return Response(201, shown(add(call.tenant, _client(call), call.payload(CREDENTIAL))))


def read(call: Call) -> Response:
    """GET one."""
    return Response(body=shown(_find(call)))


def update(call: Call) -> Response:
    """PATCH its expiry."""
    credential = _find(call)
    sent = call.payload(UPDATE)
    credential.pop("expires_at", None)
    if sent.get("expires_at"):
        credential["expires_at"] = _time(sent["expires_at"])
    credential["updated_at"] = milliseconds()
    call.tenant.storage.update("client_credential", credential["id"], credential)
    return Response(body=shown(credential))


def delete(call: Call) -> Response:
    """DELETE: 204, also when there was none."""
    credential = call.tenant.storage.get("client_credential", call.params["credential"])
    if credential is not None and credential["client_id"] == call.params["id"]:
        call.tenant.storage.delete("client_credential", credential["id"])
    return Response(204)


_PATH = "/api/v2/clients/{id}/credentials"
ENDPOINTS = [
    Endpoint("GET", _PATH, ("read:client_credentials",), list_credentials),
    Endpoint("POST", _PATH, ("create:client_credentials",), create),
    Endpoint("GET", _PATH + "/{credential}", ("read:client_credentials",), read),
    Endpoint("PATCH", _PATH + "/{credential}", ("update:client_credentials",), update),
    Endpoint("DELETE", _PATH + "/{credential}", ("delete:client_credentials",), delete),
]
