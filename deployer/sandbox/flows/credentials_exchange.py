"""Issues machines' tokens as the tenant's Actions of the trigger credentials-exchange have them.

https://auth0.com/docs/customize/actions/explore-triggers/machine-to-machine-trigger
"""

import time
from dataclasses import dataclass

from deployer.runtime.calls import ActionResult
from deployer.sandbox.calls import Call, Response
from deployer.sandbox.errors import OAuthError
from deployer.sandbox.flows.errors import FlowError
from deployer.sandbox.flows.pipeline import Claims, bound_actions, run_action
from deployer.sandbox.flows.transaction import client_event, request_of, tenant_event
from deployer.sandbox.storage import Document

TRIGGER = "credentials-exchange"
_STATUS = {"server_error": 500, "access_denied": 403}


@dataclass(frozen=True, slots=True)
class Granted:
    """What a client may have of an API: scopes, and for how many seconds."""

    scopes: list[str]
    lifetime: int


async def token(call: Call, client: Document, audience: str, granted: Granted) -> Response:
    """Answer the token endpoint. Raises OAuthError for a denial."""
    tenant = call.tenant
    claims = Claims()
    for action in bound_actions(tenant, TRIGGER):
        event: Document = {
            "accessToken": {"customClaims": dict(claims.access), "scope": claims.scopes(granted.scopes)},
            "client": client_event(client),
            "request": request_of(call),
            "resource_server": {"identifier": audience},
            "tenant": tenant_event(tenant),
            "transaction": {"requested_scopes": str((call.body or {}).get("scope") or "").split()},
        }
        try:
            result = await run_action(tenant, action, TRIGGER, event)
        except FlowError as error:
            raise error.oauth() from error
        _deny(result)
        for command in result.commands:
            claims.apply(command)
    scope = " ".join(claims.scopes(granted.scopes))
    now = int(time.time())
    signed = tenant.tokens.sign(
        {
            **claims.access,
            "iss": tenant.issuer,
            "sub": f"{client['client_id']}@clients",
            "aud": audience,
            "iat": now,
            "exp": now + granted.lifetime,
            **({"scope": scope} if scope else {}),
            "gty": "client-credentials",
            "azp": client["client_id"],
        }
    )
    body = {"access_token": signed, "expires_in": granted.lifetime, "token_type": "Bearer"}
    return Response(body={**body, "scope": scope} if scope else body)


def _deny(result: ActionResult) -> None:
    """Raise OAuthError for `api.access.deny(code, reason)`, or for an error that the Action did not catch."""
    if result.error is not None:
        raise OAuthError(403, "access_denied", result.error.message)
    for command in result.commands:
        if command.name == "access.deny":
            code, reason = [*(str(value) for value in command.arguments), "", ""][:2]
            if not reason:
                code, reason = "access_denied", code or "Access denied."
            raise OAuthError(_STATUS.get(code, 400), code, reason)
