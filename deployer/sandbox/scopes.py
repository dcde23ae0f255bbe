"""Lists the scopes of the Management API that this tenant knows, and builds the system resource server with them.

https://auth0.com/docs/get-started/apis/scopes and the scopes named at each endpoint of
https://auth0.com/docs/api/management/v2
"""

from collections.abc import Mapping
from typing import Any

_RESOURCES = {
    "client_grants": "crud",
    "users": "crud",
    "users_app_metadata": "crud",
    "user_custom_blocks": "crd",
    "user_tickets": "c",
    "clients": "crud",
    "client_keys": "crud",
    "connections": "crud",
    "resource_servers": "crud",
    "device_credentials": "crud",
    "rules": "crud",
    "rules_configs": "rud",
    "hooks": "crud",
    "actions": "crud",
    "email_provider": "crud",
    "tokens": "b",
    "stats": "r",
    "insights": "r",
    "tenant_settings": "ru",
    "logs": "r",
    "logs_users": "r",
    "shields": "crud",
    "anomaly_blocks": "rd",
    "triggers": "ru",
    "grants": "rd",
    "guardian_factors": "ru",
    "guardian_enrollments": "rd",
    "guardian_enrollment_tickets": "c",
    "user_idp_tokens": "r",
    "passwords_checking_job": "cd",
    "custom_domains": "crud",
    "email_templates": "cru",
    "mfa_policies": "ru",
    "roles": "crud",
    "prompts": "ru",
    "branding": "rud",
    "log_streams": "crud",
    "signing_keys": "cru",
    "limits": "ru",
    "role_members": "crd",
    "entitlements": "r",
    "attack_protection": "ru",
    "organizations_summary": "r",
    "authentication_methods": "crud",
    "organizations": "crud",
    "organization_members": "crd",
    "organization_connections": "crud",
    "organization_member_roles": "crd",
    "organization_invitations": "crd",
    "scim_config": "crud",
    "scim_token": "crd",
    "phone_providers": "crud",
    "phone_templates": "crud",
    "encryption_keys": "crud",
    "sessions": "rd",
    "refresh_tokens": "rd",
    "self_service_profiles": "crud",
    "sso_access_tickets": "c",
    "forms": "crud",
    "flows": "crud",
    "flows_vault": "r",
    "flows_vault_connections": "crud",
    "flows_executions": "rd",
    "connections_options": "ru",
    "client_credentials": "crud",
    "connections_keys": "cru",
}
"""Letters of `_VERBS` for each resource, as the system API lists them on recorded tenants."""
_VERBS = {"c": "create", "r": "read", "u": "update", "d": "delete", "b": "blacklist"}

MANAGEMENT_SCOPES: tuple[str, ...] = tuple(
    f"{_VERBS[letter]}:{resource}" for resource, letters in _RESOURCES.items() for letter in letters
)
"""Every scope that can be granted."""


def system_resource_server(id: str, audience: str, added: Mapping[str, Any]) -> dict[str, Any]:
    """Build the Management API as the tenant lists it, with what the tenant's age adds to an API."""
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
            {"value": scope, "description": scope.replace(":", " ").replace("_", " ").title()}
            for scope in MANAGEMENT_SCOPES
        ],
    }
