"""States what Auth0 gives a database connection by itself and what its password policies ask for, each fact once.

The local tenant answers with these values; kinds and imports take them for the tenant's own. They are those of the
newest tenants: `deployer.sandbox.ages` says since when there are which.

From recorded answers of https://auth0.com/docs/api/management/v2/connections/post-connections and
https://auth0.com/docs/api/management/v2/connections/patch-connections-by-id
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PASSWORD_OPTIONS = "password_options"  # noqa: S105  the name of a field
OLD_PASSWORD_FIELDS = (
    "passwordPolicy",
    "password_complexity_options",
    "password_history",
    "password_no_personal_info",
    "password_dictionary",
)
"""What `password_options` replaces. A request with both is refused."""

OLD_DEFAULT_POLICY = "good"
"""The `passwordPolicy` of a new connection, in tenants that give it no `password_options`."""

NEW_CONNECTION_OPTIONS: Mapping[str, Any] = {
    "mfa": {"active": True, "return_enroll_settings": True},
    "strategy_version": 2,
    "brute_force_protection": True,
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
    PASSWORD_OPTIONS: {
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

OFF_UNLESS_SET: Mapping[str, Any] = {
    "disable_signup": False,
    "requires_username": False,
    "enable_script_context": False,
}
"""Options that are not shown until somebody sets them, and mean false until then."""


@dataclass(frozen=True, slots=True)
class PolicyLevel:
    """What one level of the old `passwordPolicy` asks of a password.

    `character_rule` and `identical_characters` are in the words of `password_options.complexity`.
    """

    min_length: int
    character_types: tuple[str, ...] = ()
    character_rule: str = "all"
    identical_characters: str = "allow"

    @property
    def required_types(self) -> int:
        """How many of the types of characters must be there."""
        return 3 if self.character_rule == "three_of_four" else len(self.character_types)


_UPPER_LOWER_DIGIT = ("uppercase", "lowercase", "number")
_ALL_TYPES = (*_UPPER_LOWER_DIGIT, "special")
POLICY_LEVELS: Mapping[str, PolicyLevel] = {
    "none": PolicyLevel(1),
    "low": PolicyLevel(6),
    "fair": PolicyLevel(8, _UPPER_LOWER_DIGIT),
    "good": PolicyLevel(8, _ALL_TYPES, "three_of_four"),
    "excellent": PolicyLevel(10, _ALL_TYPES, "three_of_four", "block"),
}
"""The levels: https://auth0.com/docs/authenticate/database-connections/password-strength"""
