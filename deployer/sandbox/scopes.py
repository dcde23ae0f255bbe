"""The scopes of the Management API that this tenant knows, and the system resource server that lists them.

https://auth0.com/docs/get-started/apis/scopes and the scopes named at each endpoint of
https://auth0.com/docs/api/management/v2
"""

from collections.abc import Mapping
from typing import Any

_RESOURCES = {
    "client_grants": "crud",
    "users": "crud",
    "users_app_metadata": "crud",
    "user_idp_tokens": "r",
    "clients": "crud",
    "client_keys": "crud",
    "client_credentials": "crud",
    "connections": "crud",
    "connections_options": "ru",
    "connections_keys": "cru",
    "resource_servers": "crud",
    "rules": "crud",
    "rules_configs": "rud",
    "actions": "crud",
    "triggers": "ru",
    "tenant_settings": "ru",
    "logs": "r",
    "stats": "r",
    "user_tickets": "c",
    "roles": "crud",
    "organizations": "crud",
    "organization_connections": "crud",
    "hooks": "crud",
    "email_provider": "crud",
    "email_templates": "cru",
    "branding": "crud",
    "custom_domains": "crud",
    "log_streams": "crud",
    "prompts": "ru",
    "guardian_factors": "ru",
    "attack_protection": "ru",
}
_VERBS = {"c": "create", "r": "read", "u": "update", "d": "delete"}

MANAGEMENT_SCOPES: tuple[str, ...] = tuple(
    f"{_VERBS[letter]}:{resource}" for resource, letters in _RESOURCES.items() for letter in letters
)
"""Every scope that can be granted."""


def system_resource_server(id: str, audience: str, added: Mapping[str, Any]) -> dict[str, Any]:
    """The Management API as the tenant lists it, with what the tenant's age adds to an API."""
    return {
        "id": id,
        "name": "Auth0 Management API",
        "identifier": audience,
        "allow_offline_access": False,
        "skip_consent_for_verifiable_first_party_clients": False,
        **added,
        "is_system": True,
        "token_lifetime": 86_400,
        "token_lifetime_for_web": 7_200,
        "signing_alg": "RS256",
        "scopes": [
            {"value": scope, "description": scope.replace(":", " ").replace("_", " ").capitalize()}
            for scope in MANAGEMENT_SCOPES
        ],
    }
