"""Serves the public keys that a client authenticates with (`private_key_jwt`): /api/v2/clients/{id}/credentials.

https://auth0.com/docs/get-started/authentication-and-authorization-flow/authenticate-with-private-key-jwt
"""

from deployer.sandbox.calls import Call, Endpoint, Response
from deployer.sandbox.client_records import add_credential, credentials_of, normalise_expiry
from deployer.sandbox.clock import milliseconds
from deployer.sandbox.errors import ApiError
from deployer.sandbox.schema import Boolean, Nullable, Object, String
from deployer.sandbox.storage import Document

ALGORITHMS = ("RS256", "RS384", "PS256")
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


def show(credential: Document) -> Document:
    """Show a credential without its key."""
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
    """Answer `GET /clients/{id}/credentials` with a bare list."""
    return Response(body=[show(credential) for credential in credentials_of(call.tenant.storage, _client(call))])


def create(call: Call) -> Response:
    """Answer `POST /clients/{id}/credentials`: 201."""
    return Response(201, show(add_credential(call.tenant.storage, _client(call), call.payload(CREDENTIAL))))


def read(call: Call) -> Response:
    """Answer `GET /clients/{id}/credentials/{credential}`."""
    return Response(body=show(_find(call)))


def update(call: Call) -> Response:
    """Answer `PATCH /clients/{id}/credentials/{credential}`, which changes the expiry."""
    credential = _find(call)
    sent = call.payload(UPDATE)
    credential.pop("expires_at", None)
    if sent.get("expires_at"):
        credential["expires_at"] = normalise_expiry(sent["expires_at"])
    credential["updated_at"] = milliseconds()
    call.tenant.storage.update("client_credential", credential["id"], credential)
    return Response(body=show(credential))


def delete(call: Call) -> Response:
    """Answer `DELETE /clients/{id}/credentials/{credential}`: 204, also when there was none."""
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
