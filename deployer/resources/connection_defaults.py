"""States what Auth0 gives a database connection by itself, for tenants of every age. Nobody else keeps such a list.

From recorded answers of https://auth0.com/docs/api/management/v2/connections/post-connections and
https://auth0.com/docs/api/management/v2/connections/patch-connections-by-id
"""

from collections.abc import Mapping
from typing import Any

from deployer.resources.server_completed import Alternatives, ServerCompleted

OLD_PASSWORD_FIELDS = frozenset(
    {
        "passwordPolicy",
        "password_complexity_options",
        "password_dictionary",
        "password_history",
        "password_no_personal_info",
    }
)
PASSWORD_OPTIONS = "password_options"  # noqa: S105  the name of a field

OLD_DEFAULT_POLICY = "good"
"""The `passwordPolicy` of a new connection, in tenants that give it no `password_options`."""

DEFAULT_OPTIONS: Mapping[str, Any] = {
    "mfa": {"active": True, "return_enroll_settings": True},
    "strategy_version": 2,
    "brute_force_protection": True,
    "disable_signup": False,
    "requires_username": False,
    "enable_script_context": False,
    "authentication_methods": {
        "password": {"enabled": True, "api_behavior": "required", "signup_behavior": "allow"},
        "passkey": {"enabled": False},
        "email_otp": {"enabled": False},
        "phone_otp": {"enabled": False},
    },
    "passkey_options": {
        "challenge_ui": "both",
        "progressive_enrollment_enabled": True,
        "local_enrollment_enabled": True,
    },
    "password_options": {
        "complexity": {
            "character_type_rule": "all",
            "identical_characters": "allow",
            "sequential_characters": "allow",
            "max_length_exceeded": "error",
            "min_length": 15,
            "character_types": [],
        },
        "profile_data": {
            "active": False,
            "blocked_fields": [
                "name",
                "username",
                "nickname",
                "email",
                "phone_number",
                "user_metadata.name",
                "user_metadata.first",
                "user_metadata.last",
            ],
        },
        "history": {"active": False, "size": 3},
        "dictionary": {"active": False, "custom": [], "default": "en_100k"},
    },
}
"""What a new connection has that nobody set, but for the old default policy. Older tenants have less of it."""

# Auth0 refuses a request with both of a pair. A POST with the old password fields is answered with them and with
# `password_options` (recorded in 2026-08), beside which it ignores them
# (https://auth0.com/docs/authenticate/database-connections/flexible-password-policy).
PASSWORD_FAMILIES = Alternatives("options", OLD_PASSWORD_FIELDS, frozenset({PASSWORD_OPTIONS}), new_decides=True)
_IDENTIFIER_FAMILIES = Alternatives(
    "options", frozenset({"requires_username", "validation"}), frozenset({"attributes"})
)

SERVER_COMPLETED = ServerCompleted(
    # Recorded: these maps come back with more keys than were sent, and keep them.
    completed=frozenset({("options", "authentication_methods"), ("options", "passkey_options"), ("options", "mfa")}),
    alternatives=(PASSWORD_FAMILIES, _IDENTIFIER_FAMILIES),
    defaults={"options": DEFAULT_OPTIONS},
)
