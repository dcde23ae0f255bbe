"""Redeems authorization codes for the tokens of the user, which is the second half of a login page's work.

https://auth0.com/docs/api/authentication/authorization-code-flow-with-pkce/get-token-pkce and RFC 7636
"""

import base64
import hashlib
import hmac
from typing import Any

from deployer.sandbox.calls import Call, Response
from deployer.sandbox.errors import OAuthError
from deployer.sandbox.flows.password_grant import require_parameter
from deployer.sandbox.flows.state import Code
from deployer.sandbox.storage import Document

GRANT_TYPE = "authorization_code"


def redeem(call: Call, client: Document, body: dict[str, Any]) -> Response:
    """Issue the tokens of a code, which is used up by any attempt of its client. Raises OAuthError."""
    sent = require_parameter(body, "code")
    codes = call.tenant.flows.codes
    known = codes.get(sent)
    if known is None or known.client_id != client["client_id"]:
        raise OAuthError(403, "invalid_grant", "Invalid authorization code")
    if client.get("token_endpoint_auth_method") == "none" and not known.code_challenge:
        # Neither a secret nor a verifier: anybody who saw the code could redeem it.
        raise OAuthError(401, "access_denied", "Unauthorized")
    codes.take(sent)
    _check_verifier(known, body.get("code_verifier"))
    redirect_uri = body.get("redirect_uri") or (None if known.redirect_uri_sent else known.redirect_uri)
    if redirect_uri != known.redirect_uri:
        sent_uri = str(redirect_uri)[:256] if redirect_uri else "none"
        description = f"The redirect URI is wrong. You sent {sent_uri}, and we expected {known.redirect_uri}"
        raise OAuthError(403, "invalid_grant", description)
    return Response(body=known.issue())


def _check_verifier(code: Code, verifier: object) -> None:
    if not code.code_challenge and not verifier:
        return
    expected = verifier if isinstance(verifier, str) else ""
    if code.code_challenge_method == "S256":
        digest = hashlib.sha256(expected.encode("utf-8", "surrogatepass")).digest()
        expected = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if not hmac.compare_digest(expected.encode("utf-8", "surrogatepass"), code.code_challenge.encode()):
        raise OAuthError(403, "invalid_grant", "Failed to verify code verifier")
