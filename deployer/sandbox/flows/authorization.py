"""Checks requests to /authorize.

What is wrong with client or callback is told on a page, for nobody can be sent to an address that is not the client's;
all else is told to the client at its callback.
https://auth0.com/docs/api/authentication/authorization-code-flow/authorize-application, RFC 6749 (4.1.2.1), RFC 7636
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from deployer.sandbox.errors import OAuthError
from deployer.sandbox.storage import Document
from deployer.sandbox.tenant import Tenant

Mode = Literal["query", "fragment", "form_post"]
_MODES: tuple[Mode, ...] = ("query", "fragment", "form_post")
_RESPONSE_TYPES = frozenset({"code", "token", "id_token"})
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:[!-~]+", re.IGNORECASE)
_CHALLENGE = re.compile(r"[A-Za-z0-9._~-]{43,128}", re.ASCII)
_METHODS = ("S256", "plain")


class PageError(Exception):
    """What a person is told, for there is no callback to tell it to."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status


@dataclass(frozen=True, slots=True)
class Target:
    """Where an answer goes to, and how: `state` goes back as it came."""

    redirect_uri: str
    mode: Mode
    state: str


class CallbackError(Exception):
    """What the client is told at its callback."""

    def __init__(self, target: Target, error: str, description: str) -> None:
        super().__init__(description)
        self.target = target
        self.error = error
        self.description = description


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request whose client and callback are right; `parameters` is all that was sent, for Actions and Rules."""

    client_id: str
    target: Target
    response_type: frozenset[str]
    scopes: tuple[str, ...]
    audience: str | None
    nonce: str
    connection: str | None
    code_challenge: str
    code_challenge_method: str
    login_hint: str
    parameters: Mapping[str, str]

    @property
    def protocol(self) -> str:
        """As `event.transaction.protocol` has it."""
        if "code" not in self.response_type:
            return "oidc-implicit-profile"
        return "oidc-basic-profile" if len(self.response_type) == 1 else "oidc-hybrid-profile"


def read(tenant: Tenant, parameters: Mapping[str, str]) -> AuthorizationRequest:
    """Check what was sent. Raises PageError and CallbackError."""
    client = _client(tenant, parameters.get("client_id", ""))
    redirect_uri = _callback(client, parameters.get("redirect_uri", ""))
    response_types = frozenset(parameters.get("response_type", "").split())
    mode: Mode = "query" if response_types <= {"code"} else "fragment"
    asked = parameters.get("response_mode", "")
    state = parameters.get("state", "")
    known = next((each for each in _MODES if each == asked), None)
    target = Target(redirect_uri, known or mode, state)

    def refuse(error: str, description: str) -> CallbackError:
        return CallbackError(target, error, description)

    if not response_types:
        raise refuse("invalid_request", "Missing required parameter: response_type")
    if not response_types <= _RESPONSE_TYPES:
        raise refuse("unsupported_response_type", f"Unsupported response type: {' '.join(sorted(response_types))[:80]}")
    if asked and (known is None or (known == "query" and mode != "query")):
        target = Target(redirect_uri, mode, state)
        raise refuse("invalid_request", f"Unsupported response mode: {asked[:80]}")
    for grant_type, needed in (
        ("authorization_code", "code" in response_types),
        ("implicit", bool(response_types - {"code"})),
    ):
        if needed and grant_type not in client.get("grant_types", []):
            raise refuse("unauthorized_client", f"Grant type '{grant_type}' not allowed for the client.")
    if "id_token" in response_types and not parameters.get("nonce"):
        raise refuse("invalid_request", "Missing required parameter: nonce")
    challenge, method = parameters.get("code_challenge", ""), parameters.get("code_challenge_method", "")
    if method and method not in _METHODS:
        raise refuse("invalid_request", f"Unsupported code_challenge_method: {method[:80]}")
    if (challenge and not _CHALLENGE.fullmatch(challenge)) or (method and not challenge):
        raise refuse("invalid_request", "Parameter code_challenge is not valid")
    if "none" in parameters.get("prompt", "").split():
        # Nobody is ever logged in already: the local tenant keeps no sessions.
        raise refuse("login_required", "Login required")
    return AuthorizationRequest(
        client["client_id"],
        target,
        response_types,
        tuple(dict.fromkeys((parameters.get("scope") or "openid").split())),
        parameters.get("audience") or None,
        parameters.get("nonce", ""),
        parameters.get("connection") or None,
        challenge,
        method or "plain",
        parameters.get("login_hint", ""),
        dict(parameters),
    )


def refused(request: AuthorizationRequest, error: OAuthError) -> CallbackError:
    """Build the error for what the request asks for, told at the callback."""
    return CallbackError(request.target, error.error, error.description)


def _client(tenant: Tenant, client_id: str) -> Document:
    if not client_id:
        raise PageError("invalid_request", "Missing required parameter: client_id")
    client = tenant.storage.get("client", client_id)
    if client is None:
        raise PageError("invalid_request", f"Unknown client: {client_id[:128]}")
    return client


def _callback(client: Document, asked: str) -> str:
    callbacks = [str(each) for each in client.get("callbacks") or []]
    if not asked:
        # The first of them is the default: https://auth0.com/docs/get-started/applications/application-settings
        if not callbacks:
            raise PageError("invalid_request", "Missing required parameter: redirect_uri")
        asked = callbacks[0]
    if not _ADDRESS.fullmatch(asked) or not any(_matches(allowed, asked) for allowed in callbacks):
        description = f"Callback URL mismatch. {asked[:256]} is not in the list of allowed callback URLs"
        raise PageError("unauthorized_client", description, 403)
    return asked


def _matches(allowed: str, asked: str) -> bool:
    """Return whether an address is one of a client's callbacks, whose first label may be `*` for any subdomain.

    https://auth0.com/docs/get-started/applications/wildcards-for-subdomains
    """
    scheme, wildcard, rest = allowed.partition("://*.")
    pattern = rf"{re.escape(scheme)}://[A-Za-z0-9-]+\.{re.escape(rest)}"
    return allowed == asked or bool(wildcard and re.fullmatch(pattern, asked))
